// The middle of the page: the picture, its previews while it is being made, and what went wrong.

import { factsOf, toolsFor } from "./actions.js";
import { byId, element, fillBar } from "./dom.js";
import { sizeFrom } from "./sizes.js";
import { say, sayPhase, withWords } from "./words.js";

/** @typedef {import("./album.js").Shot} Shot */
/** @typedef {import("./engine_watch.js").EngineState} EngineState */

const SCENES_FROM = 256;

/** Fires `again` and `dismiss` when those are asked for. */
export class Stage extends EventTarget {
  #frame = byId("frame", HTMLDivElement);
  #shown = byId("picture-under", HTMLImageElement);
  #next = byId("picture-over", HTMLImageElement);
  #trouble = byId("trouble", HTMLDivElement);
  #made = byId("made", HTMLDivElement);
  #strip = byId("strip", HTMLOListElement);
  #turn = 0;
  /** @type {Shot[]} */
  #order = [];
  /** @type {Shot | null} */
  shot = null;
  /** @type {(() => string) | null} */
  #why = null;

  /**
   * @param {(shot: Shot) => void} reuse
   * @param {(text: string) => void} begin with an example
   */
  constructor(reuse, begin) {
    super();
    this.reuse = reuse;
    this.beginWith = begin;
    const fire = (/** @type {string} */ name) => () => this.dispatchEvent(new Event(name));
    byId("again", HTMLButtonElement).addEventListener("click", fire("again"));
    byId("dismiss", HTMLButtonElement).addEventListener("click", fire("dismiss"));
    withWords(() => {
      this.#paintMade();
      this.#paintTrouble();
    });
  }

  // -- before the first picture -------------------------------------------------------------

  /**
   * @param {EngineState} engine
   * @param {string} native size of the model, "" if unknown
   */
  welcome(engine, native) {
    const { kind, percent } = engine;
    const title = {
      loading: say("loadingTitle"),
      failed: say("failedTitle"),
      offline: say("offlineTitle"),
    }[/** @type {string} */ (kind)];
    const text = {
      loading: say("loadingText", { phase: sayPhase(engine.phase), percent }),
      failed: engine.message,
      offline: say("offlineText"),
    }[/** @type {string} */ (kind)];
    byId("welcome-title", HTMLParagraphElement).textContent = title ?? say("welcomeTitle");
    byId("welcome-text", HTMLParagraphElement).textContent = text ?? say("welcomeText");
    const bar = byId("loading-bar", HTMLDivElement);
    bar.hidden = kind !== "loading";
    fillBar(bar, percent / 100);
    this.#offerExamples(title ? "" : native);
  }

  /** @param {string} native */
  #offerExamples(native) {
    const size = sizeFrom(native);
    const keys = !size
      ? []
      : size.width >= SCENES_FROM
        ? /** @type {const} */ (["exampleScene1", "exampleScene2", "exampleScene3"])
        : /** @type {const} */ (["exampleShape1", "exampleShape2", "exampleShape3"]);
    const buttons = keys.map((key) => {
      const button = element("button", { type: "button", textContent: say(key) });
      button.addEventListener("click", () => this.beginWith(say(key)));
      return button;
    });
    byId("examples", HTMLDivElement).replaceChildren(...buttons);
  }

  // -- while one is being made --------------------------------------------------------------

  /** An order of pictures of this size begins. @param {string} size */
  begin(size) {
    this.calm();
    this.#order = [];
    this.#made.hidden = true;
    this.#shape(size);
    this.#clear();
    this.#frame.dataset.state = "working";
  }

  /**
   * @param {Blob} file
   * @param {number} rough from 1 for mere noise to 0 for the picture itself
   */
  preview(file, rough) {
    this.#frame.dataset.state = "working";
    return this.#put(file, "", rough);
  }

  /** A picture of the order is finished. @param {Shot} shot */
  finished(shot) {
    this.#order.push(shot);
    return this.show(shot);
  }

  /** The order ended early: back to the picture that was shown before it, or to the welcome. */
  ended() {
    if (this.#frame.dataset.state !== "working") return;
    if (this.shot) {
      this.show(this.shot);
    } else {
      this.#clear();
      this.#frame.dataset.state = "empty";
    }
  }

  // -- afterwards ---------------------------------------------------------------------------

  /** @param {Shot} shot */
  async show(shot) {
    this.shot = shot;
    this.#shape(shot.wish.size);
    this.#frame.dataset.state = "done";
    this.#made.hidden = false;
    this.#paintMade();
    await this.#put(shot.file, shot.wish.prompt, 0);
  }

  #paintMade() {
    if (!this.shot) return;
    byId("made-prompt", HTMLParagraphElement).textContent = this.shot.wish.prompt;
    byId("made-facts", HTMLParagraphElement).textContent = factsOf(this.shot);
    byId("made-tools", HTMLDivElement).replaceChildren(...toolsFor(this.shot, this.reuse));
    this.#strip.hidden = this.#order.length < 2;
    for (const image of this.#strip.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.#strip.replaceChildren(...this.#order.map((shot) => this.#inStrip(shot)));
  }

  /** @param {Shot} shot */
  #inStrip(shot) {
    const src = URL.createObjectURL(shot.small ?? shot.file);
    const image = element("img", { src, alt: say("open", { prompt: shot.wish.seed }) });
    const button = element("button", { type: "button" }, image);
    button.setAttribute("aria-pressed", String(shot === this.shot));
    button.addEventListener("click", () => this.show(shot));
    return element("li", {}, button);
  }

  // -- what went wrong ----------------------------------------------------------------------

  /**
   * @param {() => string} why in the language of the moment
   */
  trouble(why) {
    this.#why = why;
    this.#paintTrouble();
    this.#trouble.hidden = false;
    this.#trouble.scrollIntoView({ block: "nearest" });
  }

  calm() {
    this.#why = null;
    this.#trouble.hidden = true;
  }

  #paintTrouble() {
    byId("trouble-text", HTMLParagraphElement).textContent = this.#why?.() ?? "";
  }

  // -- the frame ----------------------------------------------------------------------------

  /** @param {string} size */
  #shape(size) {
    const { width, height } = sizeFrom(size) ?? { width: 1, height: 1 };
    this.#frame.style.setProperty("--ratio", String(width / height));
  }

  #clear() {
    this.#turn += 1;
    for (const image of [this.#shown, this.#next]) {
      image.classList.remove("shown");
      image.hidden = true;
    }
  }

  /**
   * Fade over to a picture, unless a later one comes first.
   * @param {Blob} file
   * @param {string} alt
   * @param {number} rough
   */
  async #put(file, alt, rough) {
    this.#turn += 1;
    const turn = this.#turn;
    const image = this.#next;
    const src = URL.createObjectURL(file);
    URL.revokeObjectURL(image.src);
    Object.assign(image, { src, alt });
    image.style.setProperty("--rough", String(rough));
    try {
      await image.decode();
    } catch {
      // Shown as the browser can.
    }
    if (turn !== this.#turn) return;
    image.hidden = false;
    // Without a look at the layout in between, the browser would not fade.
    image.getBoundingClientRect();
    image.classList.add("shown");
    image.classList.toggle("rough", rough > 0);
    this.#shown.classList.remove("shown");
    [this.#shown, this.#next] = [image, this.#shown];
    this.#next.alt = "";
  }
}
