// Keys that work anywhere on the page. Letters are left to whoever types.

/** @typedef {Record<string, () => void>} Keys what to do, by `KeyboardEvent.key` */

/**
 * @param {Keys} keys
 */
export function bindKeys(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.key === "Escape") {
      if (isTyping(target)) target.blur();
      return;
    }
    if (isTyping(target) || document.querySelector("dialog[open]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** @param {HTMLElement} target */
function isTyping(target) {
  const kind = target instanceof HTMLInputElement ? target.type : target.tagName;
  return !["radio", "checkbox"].includes(kind) && target.matches("input, textarea, select");
}
