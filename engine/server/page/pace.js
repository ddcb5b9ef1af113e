// How long an order still takes, from the seconds of the steps so far.

/** What decoding took, per pixel, the last time. */
let decodingPerPixel = 0;

export class Pace {
  /**
   * @param {number} pictures
   * @param {number} pixels of one picture
   */
  constructor(pictures, pixels) {
    this.pictures = pictures;
    this.pixels = pixels;
    /** @type {number[]} */
    this.seconds = [];
    this.index = 0;
    this.total = 1;
    this.made = 0;
  }

  /**
   * Step `index` of `total` (from 1) took `seconds`.
   * @param {number} index
   * @param {number} total
   * @param {number} seconds
   */
  step(index, total, seconds) {
    this.index = index;
    this.total = total;
    this.seconds.push(seconds);
  }

  /** @param {number} seconds */
  decoded(seconds) {
    decodingPerPixel = seconds / this.pixels;
  }

  /** A picture is finished, the next one begins. */
  finished() {
    this.made += 1;
    this.index = 0;
  }

  /** Seconds of one step. The first prepares more than the others and counts only while alone. */
  get stepSeconds() {
    const told = this.seconds.length > 1 ? this.seconds.slice(1) : this.seconds;
    return told.reduce((sum, each) => sum + each, 0) / Math.max(1, told.length);
  }

  /** The share of the whole order that is done, 0 to 1. */
  get share() {
    return (this.made + this.index / this.total) / this.pictures;
  }

  /** Seconds to the end, null while nothing is known. @returns {number | null} */
  get left() {
    if (!this.seconds.length) return null;
    const whole = this.total * this.stepSeconds + decodingPerPixel * this.pixels;
    return (this.pictures - this.made) * whole - this.index * this.stepSeconds;
  }
}
