// One order from being sent to its last picture, as a generator of what happens.

import { ask, Refused, Unreachable } from "./api.js";
import { readEvents } from "./events.js";
import { bodyOf } from "./wish.js";

/** @typedef {import("./wish.js").Wish} Wish */

/**
 * @typedef {{kind: "sent"} | {kind: "offline"} | {kind: "locked"}
 *   | {kind: "busy", seconds: number}
 *   | {kind: "queued", position: number}
 *   | {kind: "encoded", truncated: boolean}
 *   | {kind: "step", index: number, total: number, seconds: number}
 *   | {kind: "decoded", seconds: number}
 *   | {kind: "preview", file: Blob}
 *   | {kind: "picture", file: Blob, size: string, seed: string, seconds: number}} Happening
 */

/**
 * What an order needs of the page around it.
 * @typedef {object} Surroundings
 * @property {AbortSignal} signal ends the order, and so the engine's work on it
 * @property {(signal: AbortSignal) => Promise<void>} engineBack waits until the engine answers
 * @property {(signal: AbortSignal) => Promise<void>} askKey waits until a key was given
 */

/** The connection ended before the order did. */
export class Cut extends Error {}

/**
 * Carry an order out, through a full queue, a missing key and an engine that is away. Raises
 * `Refused`, `Cut`, or the abort's own error.
 * @param {Wish} wish
 * @param {Surroundings} around
 * @returns {AsyncGenerator<Happening>}
 */
export async function* carryOut(wish, { signal, engineBack, askKey }) {
  const body = bodyOf(wish);
  for (;;) {
    try {
      yield { kind: "sent" };
      const accept = "text/event-stream, application/json";
      yield* pictures(await ask("/v1/images/generations", { method: "POST", body, signal, accept }));
      return;
    } catch (error) {
      if (error instanceof Unreachable) {
        yield { kind: "offline" };
        await engineBack(signal);
      } else if (error instanceof Refused && error.status === 401) {
        yield { kind: "locked" };
        await askKey(signal);
      } else if (error instanceof Refused && error.wait !== null) {
        yield* countdown(error.wait, signal);
      } else {
        throw error;
      }
    }
  }
}

/**
 * @param {Response} response
 * @returns {AsyncGenerator<Happening>}
 */
async function* pictures(response) {
  if (!response.body) throw new Cut("no body");
  const events = readEvents(response.body);
  for (;;) {
    let next;
    try {
      next = await events.next();
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Cut("the connection ended");
    }
    if (next.done) throw new Cut("the stream ended early");
    const { name, data } = next.value;
    if (data === "[DONE]") return;
    const happening = happeningOf(name, data);
    if (happening) yield happening;
  }
}

/**
 * What an event says, null for one that says nothing here.
 * @param {string} name
 * @param {string} text
 * @returns {Happening | null}
 */
function happeningOf(name, text) {
  const data = JSON.parse(text);
  if (name === "error") throw new Refused(data.error.message, 500);
  if (name === "image_generation.partial_image") {
    return { kind: "preview", file: pictureFile(data) };
  }
  if (name === "image_generation.completed") {
    // Read from the text, because a number here would lose the last digits of a long seed.
    const seed = /"seed": ?(\d+)/.exec(text)?.[1] ?? "";
    const seconds = Number(data.seconds ?? 0);
    return { kind: "picture", file: pictureFile(data), size: data.size, seed, seconds };
  }
  if (name === "image_generation.progress" && typeof data.event === "string") {
    return /** @type {Happening} */ ({ ...data, kind: data.event });
  }
  return null;
}

/**
 * @param {{b64_json: string, output_format?: string}} data
 * @returns {Blob}
 */
function pictureFile({ b64_json, output_format = "png" }) {
  const bytes = Uint8Array.from(atob(b64_json), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: `image/${output_format}` });
}

/**
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<Happening>}
 */
async function* countdown(seconds, signal) {
  const until = Date.now() + seconds * 1_000;
  for (let left = seconds; left > 0; left = Math.ceil((until - Date.now()) / 1_000)) {
    yield { kind: "busy", seconds: left };
    await pause(Math.min(1_000, until - Date.now()), signal);
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    signal.addEventListener("abort", stop, { once: true });
  });
}
