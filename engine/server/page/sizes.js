// Sizes of pictures that the engine can make: sides of 64 to 2048 pixels, multiples of 16.

/** @typedef {{width: number, height: number}} Size */

const LEAST = 64;
const MOST = 2048;
const MULTIPLE = 16;
const SHAPES = [
  [1, 1],
  [3, 4],
  [4, 3],
  [9, 16],
  [16, 9],
];
// Twice as quick and more than twice: worth a chip of its own where the model's size is large.
const LARGE = 768;

/** @param {string} text @returns {Size | null} */
export function sizeFrom(text) {
  const found = /^\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*$/i.exec(text);
  return found && { width: Number(found[1]), height: Number(found[2]) };
}

/** @param {Size} size */
export function sizeText({ width, height }) {
  return `${width}x${height}`;
}

/** With the sign that belongs between numbers. @param {string} text */
export function readableSize(text) {
  return text.replace("x", " × ");
}

/** The closest side that the engine can make. @param {number} side */
export function nearestSide(side) {
  const rounded = Math.round(side / MULTIPLE) * MULTIPLE;
  return Math.min(MOST, Math.max(LEAST, rounded || LEAST));
}

/**
 * The sizes to offer for a model: its own first, then other shapes of about as many pixels.
 * @param {Size} native
 * @returns {Size[]}
 */
export function usualSizes(native) {
  const pixels = native.width * native.height;
  const sizes = SHAPES.map(([wide, high]) => ({
    width: nearestSide(Math.sqrt((pixels * wide) / high)),
    height: nearestSide(Math.sqrt((pixels * high) / wide)),
  }));
  if (Math.min(native.width, native.height) >= LARGE) {
    const half = nearestSide(Math.sqrt(pixels) / 2);
    sizes.unshift({ width: half, height: half });
  }
  const distinct = new Map([native, ...sizes].map((size) => [sizeText(size), size]));
  return [...distinct.values()];
}
