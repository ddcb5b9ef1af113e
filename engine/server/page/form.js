// The form: a wish as a person writes it. Whatever is typed survives a reload.

import { byId, element } from "./dom.js";
import { recall, remember } from "./memory.js";
import { notice } from "./notices.js";
import { nearestSide, readableSize, sizeFrom, sizeText, usualSizes } from "./sizes.js";
import { isSeed, LARGEST_SEED, NO_WISH, wishFrom } from "./wish.js";
import { say, withWords } from "./words.js";

/** @typedef {import("./wish.js").Wish} Wish */
/** @typedef {import("./sizes.js").Size} Size */

const DRAFT = "draft";
const MOST_CHARACTERS = 4_000;
const COUNT_FROM = 3_000;
const GUIDANCE_FOR_NEGATIVE = 2;

/** Fires `order` when a picture is asked for. */
export class WishForm extends EventTarget {
  #form = byId("wish", HTMLFormElement);
  #prompt = byId("prompt", HTMLTextAreaElement);
  #promptCount = byId("prompt-count", HTMLParagraphElement);
  #sizes = byId("sizes", HTMLDivElement);
  #ownSize = byId("own-size", HTMLDivElement);
  #width = byId("width", HTMLInputElement);
  #height = byId("height", HTMLInputElement);
  #steps = byId("steps", HTMLInputElement);
  #count = byId("count", HTMLInputElement);
  #seed = byId("seed", HTMLInputElement);
  #negative = byId("negative", HTMLTextAreaElement);
  #guidance = byId("guidance", HTMLInputElement);
  #extras = byId("extras", HTMLDetailsElement);
  /** @type {Size | null} */
  #native = null;
  #size = "";

  constructor() {
    super();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#guideNegative();
      this.dispatchEvent(new Event("order"));
    });
    // A field that is folded away cannot say what is wrong with it.
    this.#extras.addEventListener("invalid", () => (this.#extras.open = true), true);
    this.#form.addEventListener("input", () => this.#changed());
    this.#form.addEventListener("keydown", (event) => {
      const wanted = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (wanted && !event.isComposing) this.submit();
    });
    this.#bindSizes();
    this.#bindSteppers();
    this.#bindSeed();
    this.fill(draft());
    withWords(() => this.#paint());
  }

  /** The wish as it stands. @returns {Wish} */
  get wish() {
    return wishFrom({
      prompt: this.#prompt.value,
      negative: this.#negative.value,
      guidance: this.#guidance.value,
      size: this.#size,
      steps: this.#steps.value,
      count: this.#count.value,
      seed: this.#seed.value.trim(),
    });
  }

  /** Put a wish into the form. @param {Wish} wish */
  fill(wish) {
    this.#prompt.value = wish.prompt;
    this.#negative.value = wish.negative;
    this.#guidance.value = String(wish.guidance);
    this.#steps.value = String(wish.steps);
    this.#count.value = String(wish.count);
    this.#seed.value = wish.seed;
    this.#size = wish.size;
    this.#extras.open ||= Boolean(wish.negative || wish.guidance);
    this.#changed();
    this.#paint();
  }

  focus() {
    this.#prompt.focus();
    this.#prompt.scrollIntoView({ block: "nearest" });
  }

  /** Ask for a picture, unless a field says why not. */
  submit() {
    this.#roundOwnSize();
    this.#form.requestSubmit();
  }

  /** @param {string} text */
  set prompt(text) {
    this.#prompt.value = text;
    this.#changed();
  }

  /** @param {string} seed */
  set seed(seed) {
    this.#seed.value = seed;
    this.#changed();
  }

  /** Offer the sizes that suit a model. @param {Size | null} native */
  offerSizes(native) {
    this.#native = native;
    this.#paint();
  }

  #changed() {
    const wrong = isSeed(this.#seed.value.trim()) || /\D/.test(this.#seed.value);
    this.#seed.setCustomValidity(wrong ? "" : say("seedTooBig", { most: String(LARGEST_SEED) }));
    const count = this.#prompt.value.length;
    this.#promptCount.hidden = count < COUNT_FROM;
    this.#promptCount.textContent = say("promptCount", { count, most: MOST_CHARACTERS });
    remember(DRAFT, JSON.stringify(this.wish));
  }

  #guideNegative() {
    if (!this.#negative.value.trim() || Number(this.#guidance.value) > 0) return;
    this.#guidance.value = String(GUIDANCE_FOR_NEGATIVE);
    this.#changed();
    notice(say("guidanceSet", { value: GUIDANCE_FOR_NEGATIVE }));
  }

  // -- sizes --------------------------------------------------------------------------------

  #bindSizes() {
    this.#sizes.addEventListener("change", (event) => {
      const chosen = /** @type {HTMLInputElement} */ (event.target).value;
      this.#ownSize.hidden = chosen !== "own";
      if (chosen === "own") this.#takeOwnSize();
      else this.#size = chosen;
      this.#changed();
    });
    for (const side of [this.#width, this.#height]) {
      side.addEventListener("input", () => this.#takeOwnSize());
      side.addEventListener("change", () => this.#roundOwnSize());
    }
  }

  #takeOwnSize() {
    const [width, height] = [Number(this.#width.value), Number(this.#height.value)];
    this.#size = `${width}x${height}`;
  }

  #roundOwnSize() {
    if (this.#ownSize.hidden) return;
    for (const side of [this.#width, this.#height]) {
      const rounded = String(nearestSide(Number(side.value)));
      if (rounded === side.value) continue;
      side.value = rounded;
      this.#takeOwnSize();
      notice(say("sizeRounded", { size: readableSize(this.#size) }));
    }
    this.#changed();
  }

  #paint() {
    const usual = this.#native ? usualSizes(this.#native).map(sizeText) : [];
    const own = this.#size !== "" && !usual.includes(this.#size);
    const first = usual[0] ? readableSize(usual[0]) : say("sizeAuto");
    this.#sizes.replaceChildren(
      chip("", first, this.#native, this.#size === "" || this.#size === usual[0]),
      ...usual
        .slice(1)
        .map((size) => chip(size, readableSize(size), sizeFrom(size), this.#size === size)),
      chip("own", say("sizeOwn"), null, own),
    );
    this.#ownSize.hidden = !own;
    const shown = sizeFrom(this.#size) ?? this.#native ?? { width: 1024, height: 1024 };
    this.#width.value = String(shown.width);
    this.#height.value = String(shown.height);
  }

  // -- numbers ------------------------------------------------------------------------------

  #bindSteppers() {
    for (const stepper of this.#form.querySelectorAll(".stepper")) {
      const field = /** @type {HTMLInputElement} */ (stepper.querySelector("input"));
      stepper.addEventListener("click", (event) => {
        const button = /** @type {Element} */ (event.target).closest("button");
        if (!button) return;
        if (button.value === "1") field.stepUp();
        else field.stepDown();
        this.#changed();
      });
    }
  }

  #bindSeed() {
    byId("dice", HTMLButtonElement).addEventListener("click", () => {
      this.seed = String(crypto.getRandomValues(new Uint32Array(1))[0]);
    });
    byId("no-seed", HTMLButtonElement).addEventListener("click", () => {
      this.seed = "";
      this.#seed.focus();
    });
  }
}

/** @returns {Wish} */
function draft() {
  try {
    return wishFrom(JSON.parse(recall(DRAFT) ?? "{}"));
  } catch {
    return NO_WISH;
  }
}

/**
 * @param {string} value
 * @param {string} label
 * @param {Size | null} shape drawn before the label
 * @param {boolean} checked
 */
function chip(value, label, shape, checked) {
  const radio = element("input", { type: "radio", name: "size", value, checked });
  const drawn = element("span", { className: "shape" });
  if (shape) {
    const longest = Math.max(shape.width, shape.height);
    drawn.style.width = `${shape.width / longest}em`;
    drawn.style.height = `${shape.height / longest}em`;
  }
  return element("label", { className: "chip" }, radio, ...(shape ? [drawn] : []), label);
}
