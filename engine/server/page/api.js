// The engine's HTTP interface, as everybody uses it.

import { forget, recall, remember } from "./memory.js";

const KEY = "key";
const PATIENCE_MS = 8_000;

/** No answer came: the engine is down, or the way to it is. */
export class Unreachable extends Error {}

/** The engine answered, but not with what was asked for. */
export class Refused extends Error {
  /**
   * @param {string} message one line: what, why, the mend
   * @param {number} status HTTP's
   * @param {number | null} wait seconds after which to ask again, null if that cannot help
   */
  constructor(message, status, wait = null) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

/**
 * Keep a key until the tab is closed, or for good.
 * @param {string} key
 * @param {boolean} forGood
 */
export function keepKey(key, forGood) {
  forget(KEY, "browser");
  remember(KEY, key, "tab");
  if (forGood) remember(KEY, key, "browser");
}

function currentKey() {
  return recall(KEY, "tab") ?? recall(KEY, "browser");
}

/**
 * Ask for something. Raises `Unreachable`, `Refused`, or the abort's own error.
 * @param {string} path
 * @param {RequestInit & {accept?: string, key?: string}} [init]
 * @returns {Promise<Response>} an answer that is not an error
 */
export async function ask(path, { accept = "application/json", key, ...init } = {}) {
  const headers = new Headers({ accept });
  if (init.body) headers.set("content-type", "application/json");
  const secret = key ?? currentKey();
  if (secret) headers.set("authorization", credentials(secret.trim()));
  let response;
  try {
    response = await fetch(path, { ...init, headers, cache: "no-store" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Unreachable("no answer");
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/**
 * How far the start of the engine is; 503 with a phase is an answer like any other here.
 * @returns {Promise<{ready: boolean, phase: string, percent: number, message: string}>}
 */
export async function readiness() {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch("/readyz", { signal, cache: "no-store" });
    const said = await response.json();
    if (typeof said.ready !== "boolean") throw new TypeError("another server's answer");
    return said;
  } catch {
    throw new Unreachable("no answer");
  }
}

/**
 * The loaded model, null while there is none.
 * @param {string} [key] a key to try instead of the one that is kept
 * @returns {Promise<{id: string, native_size: string} | null>}
 */
export async function loadedModel(key) {
  const response = await ask("/v1/models", { key });
  return (await response.json()).data[0] ?? null;
}

/** @param {string} secret */
function credentials(secret) {
  if (/^[!-~]+$/.test(secret)) return `Bearer ${secret}`;
  // A header is bytes without a script; only Basic says that they are UTF-8 (RFC 7617).
  const bytes = new TextEncoder().encode(`:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** @param {Response} response */
async function refusalOf(response) {
  let message = `the server answered ${response.status} ${response.statusText}`.trim();
  try {
    message = (await response.json()).error.message ?? message;
  } catch {
    // A proxy in between answers in its own words.
  }
  const told = Number.parseFloat(response.headers.get("retry-after") ?? "");
  const hopeless = response.headers.get("x-should-retry") === "false";
  const again = [429, 503].includes(response.status) && !hopeless && !Number.isNaN(told);
  return new Refused(message, response.status, again ? Math.max(1, Math.ceil(told)) : null);
}
