// The order that is being carried out: how far it is, in a bar and in words.

import { byId, fillBar, speak } from "./dom.js";
import { Pace } from "./pace.js";
import { say, sayCount, sayPhase, withWords } from "./words.js";

/** @typedef {import("./run.js").Happening} Happening */
/** @typedef {import("./engine_watch.js").EngineState} EngineState */

const TICK_MS = 1_000;
const NAME = document.title;
const MOVING = ["encoded", "step", "decoded", "picture"];

/** Fires `cancel` and `clear-line` when those are asked for. */
export class UnderWay extends EventTarget {
  #place = byId("under-way", HTMLDivElement);
  #bar = byId("bar", HTMLDivElement);
  #phase = byId("phase", HTMLSpanElement);
  #left = byId("left", HTMLSpanElement);
  #line = byId("line", HTMLParagraphElement);
  #pace = new Pace(1, 1);
  #stepAt = 0;
  #timer = 0;
  #waiting = 0;
  /** @type {Happening} */
  #last = { kind: "sent" };

  /** @param {() => EngineState} engine */
  constructor(engine) {
    super();
    this.engine = engine;
    byId("cancel", HTMLButtonElement).addEventListener("click", () => {
      this.dispatchEvent(new Event("cancel"));
    });
    byId("clear-line", HTMLButtonElement).addEventListener("click", () => {
      this.dispatchEvent(new Event("clear-line"));
    });
    withWords(() => this.paint());
    document.addEventListener("visibilitychange", () => {
      if (this.#place.hidden) document.title = NAME;
    });
  }

  /**
   * @param {number} pictures
   * @param {number} pixels of each
   */
  begin(pictures, pixels) {
    this.#pace = new Pace(pictures, pixels);
    this.#place.hidden = false;
    fillBar(this.#bar, 0, 0);
    this.hear({ kind: "sent" });
    this.#timer = setInterval(() => this.#paintLeft(), TICK_MS);
  }

  end() {
    clearInterval(this.#timer);
    this.#place.hidden = true;
    document.title = document.hidden && this.#last.kind === "picture" ? `✓ ${NAME}` : NAME;
  }

  /** How many orders wait behind this one. @param {number} count */
  set waiting(count) {
    this.#waiting = count;
    this.paint();
  }

  /** How unfinished the picture is, from 1 to 0. */
  get rough() {
    return 1 - this.#pace.index / this.#pace.total;
  }

  /** @param {Happening} happening */
  hear(happening) {
    if (happening.kind === "preview") return;
    const pace = this.#pace;
    if (happening.kind === "step") {
      pace.step(happening.index, happening.total, happening.seconds);
      this.#stepAt = performance.now();
      if (happening.index === Math.ceil(happening.total / 2)) speak(say("spokenHalf"));
    }
    if (happening.kind === "decoded") pace.decoded(happening.seconds);
    if (happening.kind === "picture") pace.finished();
    // Words of a wait belong to what waits; afterwards the bar glides to where the next step ends.
    const next = pace.index ? Math.min(1, pace.share + 1 / pace.total / pace.pictures) : pace.share;
    fillBar(this.#bar, happening.kind === "step" ? next : pace.share, pace.stepSeconds);
    const spoken = ["queued", "offline", "locked", "encoded"].includes(happening.kind);
    this.#last = happening;
    this.paint();
    if (spoken) speak(this.#phase.textContent ?? "");
  }

  paint() {
    const { made, pictures } = this.#pace;
    const moving = MOVING.includes(this.#last.kind);
    const several = pictures > 1 && made < pictures && moving;
    const which = several ? `${say("ofPictures", { index: made + 1, count: pictures })} · ` : "";
    this.#phase.textContent = which + this.#words();
    const percent = Math.round(this.#pace.share * 100);
    if (!this.#place.hidden) document.title = percent ? `${percent} % · ${NAME}` : `… ${NAME}`;
    this.#line.hidden = this.#waiting === 0;
    byId("line-text", HTMLSpanElement).textContent = sayCount("inLine", this.#waiting);
    this.#paintLeft();
  }

  #words() {
    const last = this.#last;
    const engine = this.engine();
    switch (last.kind) {
      case "offline":
        return say("offlineWait");
      case "locked":
        return say("lockedWait");
      case "busy":
        return sayCount("busy", last.seconds);
      case "queued":
        if (engine.kind === "loading") {
          return say("queuedLoading", { phase: sayPhase(engine.phase), percent: engine.percent });
        }
        return last.position ? sayCount("queuedBehind", last.position) : say("queuedNext");
      case "encoded":
        return say(last.truncated ? "truncated" : "encoded");
      case "step":
        return last.index === last.total
          ? say("decoding")
          : say("step", { index: last.index, total: last.total });
      case "decoded":
        return say("decoding");
      default:
        return this.#pace.made ? say("queuedNext") : say("sending");
    }
  }

  #paintLeft() {
    const { left } = this.#pace;
    const moving = MOVING.includes(this.#last.kind);
    const seconds = (left ?? 0) - (performance.now() - this.#stepAt) / 1_000;
    const told = moving && left !== null && seconds >= 1;
    this.#left.textContent = told ? duration(Math.ceil(seconds)) : "";
  }
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < 100) return say("secondsLeft", { seconds });
  return say("minutesLeft", { minutes: Math.round(seconds / 60) });
}
