// Whether the engine can make pictures: asked often while it loads, less and less once it is
// ready, and not at all by a page that nobody uses, which would keep a sleeping engine awake.

import { loadedModel, readiness, Refused, Unreachable } from "./api.js";

/**
 * @typedef {object} EngineState
 * @property {"unknown" | "loading" | "ready" | "failed" | "offline" | "locked"} kind
 * @property {string} phase the last moment of the start that was reached
 * @property {number} percent
 * @property {string} message why the start failed
 */

const LOADING_MS = 400;
const FAILED_MS = 15_000;
const OFFLINE_MS = [400, 800, 1_500, 3_000, 5_000, 10_000];
const READY_MS = [10_000, 20_000, 40_000, 80_000, 160_000];

/** Fires `change` when the state does, `model` when the loaded model is known. */
export class EngineWatch extends EventTarget {
  /** @type {EngineState} */
  state = { kind: "unknown", phase: "", percent: 0, message: "" };
  /** @type {{id: string, native_size: string} | null} */
  model = null;
  /** Whether an answer is coming in, which says more than a probe that is late. */
  streaming = false;
  #failures = 0;
  #calm = 0;
  #timer = 0;
  #asking = false;
  #askedAt = 0;

  /** Ask now, and from now on. */
  start() {
    this.#ask();
    document.addEventListener("visibilitychange", () => this.interested());
    addEventListener("focus", () => this.interested());
    addEventListener("online", () => this.check());
    addEventListener("input", () => this.interested());
  }

  /** Somebody is there: what was last heard should not be old. */
  interested() {
    this.#calm = 0;
    if (!document.hidden && Date.now() - this.#askedAt > READY_MS[0]) this.check();
  }

  /** Ask at once. */
  check() {
    this.#failures = 0;
    this.#ask();
  }

  /** Wait until the engine answers, loading or not. @param {AbortSignal} signal */
  untilAnswering(signal) {
    this.#lost();
    this.#failures = 0;
    this.#later(OFFLINE_MS[0]);
    return this.#until((state) => state.kind !== "offline", signal);
  }

  /**
   * @param {(state: EngineState) => boolean} holds
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  #until(holds, signal) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds(this.state)) return;
        this.removeEventListener("change", look);
        resolve();
      };
      this.addEventListener("change", look);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      look();
    });
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    try {
      const said = await readiness();
      const kind = said.ready ? "ready" : said.phase === "failed" ? "failed" : "loading";
      this.#failures = 0;
      const state = { kind, phase: said.phase, percent: said.percent, message: said.message };
      this.#become(await this.#withModel(/** @type {EngineState} */ (state)));
    } catch {
      this.#failures += 1;
      if (!this.streaming) this.#lost();
    }
    this.#asking = false;
    this.#askedAt = Date.now();
    this.#plan();
  }

  /**
   * The state, after finding out what is loaded and whether a key is needed, where that is news.
   * @param {EngineState} state
   * @returns {Promise<EngineState>}
   */
  async #withModel(state) {
    const before = this.state.kind;
    if (state.kind === before && this.model) return state;
    if (state.kind !== "ready" && (before === "loading" || before === "failed")) return state;
    try {
      this.model = await loadedModel();
      if (this.model) this.dispatchEvent(new Event("model"));
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      if (error instanceof Refused && error.status === 401) return { ...state, kind: "locked" };
    }
    return state;
  }

  #lost() {
    this.model = null;
    this.#become({ kind: "offline", phase: "", percent: 0, message: "" });
  }

  /** @param {EngineState} state */
  #become(state) {
    const before = this.state;
    this.state = state;
    const names = /** @type {const} */ (["kind", "phase", "percent", "message"]);
    if (names.some((name) => before[name] !== state[name])) {
      this.dispatchEvent(new Event("change"));
    }
  }

  #plan() {
    const { kind } = this.state;
    if (kind === "loading") this.#later(LOADING_MS);
    if (kind === "failed") this.#later(FAILED_MS);
    if (kind === "offline") {
      this.#later(OFFLINE_MS[Math.min(this.#failures, OFFLINE_MS.length - 1)]);
    }
    if ((kind === "ready" || kind === "locked") && this.#calm < READY_MS.length) {
      this.#later(READY_MS[this.#calm]);
      this.#calm += 1;
    }
  }

  /** @param {number} milliseconds */
  #later(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (document.hidden ? this.#later(1_000) : this.#ask()), milliseconds);
  }
}
