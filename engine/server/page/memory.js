// What this browser remembers between visits: small texts by name. Where a browser keeps nothing
// for a page, reading finds nothing and writing does nothing.

const PREFIX = "zimage.";

/** @typedef {"browser" | "tab"} Where */

/** @param {Where} where */
function storage(where) {
  return where === "tab" ? sessionStorage : localStorage;
}

/**
 * @param {string} name
 * @param {Where} [where]
 * @returns {string | null}
 */
export function recall(name, where = "browser") {
  try {
    return storage(where).getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} text
 * @param {Where} [where]
 */
export function remember(name, text, where = "browser") {
  try {
    storage(where).setItem(PREFIX + name, text);
  } catch {
    // Private windows and full disks: the page works without.
  }
}

/**
 * @param {string} name
 * @param {Where} [where]
 */
export function forget(name, where = "browser") {
  try {
    storage(where).removeItem(PREFIX + name);
  } catch {
    // Nothing was remembered.
  }
}
