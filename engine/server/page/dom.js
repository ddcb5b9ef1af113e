// The few things that every part needs of the document.

const SVG = "http://www.w3.org/2000/svg";

/**
 * The element with this id, which must be of this kind.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} Kind
 * @returns {T}
 */
export function byId(id, Kind) {
  const found = document.getElementById(id);
  if (!(found instanceof Kind)) throw new Error(`the page has no ${Kind.name} ${id}`);
  return found;
}

/**
 * A new element with these properties and children; text is never read as markup.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * One of the symbols of index.html.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

/**
 * Show a share from 0 to 1 on a bar; `seconds` is how long the way there may take.
 * @param {HTMLElement} bar
 * @param {number} share
 * @param {number} [seconds]
 */
export function fillBar(bar, share, seconds = 0.3) {
  bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  const filled = /** @type {HTMLElement} */ (bar.firstElementChild);
  filled.style.transitionDuration = `${seconds}s`;
  filled.style.transform = `scaleX(${share})`;
}

/** Say something to those who listen to the page instead of looking at it. @param {string} text */
export function speak(text) {
  byId("spoken", HTMLParagraphElement).textContent = text;
}
