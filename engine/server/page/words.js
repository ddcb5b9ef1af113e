// All words of the page, in the language of its reader.

import en from "./en.js";
import { recall, remember } from "./memory.js";
import zh from "./zh.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {Record<string, string | number>} Values */

/** @type {Record<string, Record<Key, string>>} */
const LANGUAGES = { en, "zh-Hans": zh };
const ATTRIBUTES = { placeholder: "placeholder", label: "aria-label" };

let language = "en";

/** The language's tag (BCP 47). */
export function currentLanguage() {
  return language;
}

/** Choose what was chosen before, else what the browser prefers. */
export function beginWithLanguage() {
  const chosen = recall("language");
  const preferred = navigator.languages.find((each) => /^(en|zh)\b/i.test(each)) ?? "en";
  speakLanguage(chosen ?? (preferred.toLowerCase().startsWith("zh") ? "zh-Hans" : "en"));
}

/** Choose the other language, and remember that. */
export function switchLanguage() {
  speakLanguage(language === "en" ? "zh-Hans" : "en");
  remember("language", language);
}

/** @param {string} tag */
function speakLanguage(tag) {
  language = tag in LANGUAGES ? tag : "en";
  document.documentElement.lang = language;
  writeWords(document);
  document.dispatchEvent(new Event("words"));
}

/**
 * The text of a key with its values filled in.
 * @param {Key} key
 * @param {Values} [values]
 */
export function say(key, values = {}) {
  const text = LANGUAGES[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * The text of a key that counts something: `key_one` or `key_other`.
 * @param {string} key
 * @param {number} count
 * @param {Values} [values]
 */
export function sayCount(key, count, values = {}) {
  const form = new Intl.PluralRules(language).select(count) === "one" ? "one" : "other";
  return say(/** @type {Key} */ (`${key}_${form}`), { count, ...values });
}

/**
 * A moment of the engine's start in words, or the engine's own word for one that is new here.
 * @param {string} phase
 */
export function sayPhase(phase) {
  return say(/** @type {Key} */ (phase));
}

/** Run `paint` now and whenever the language changes. @param {() => void} paint */
export function withWords(paint) {
  paint();
  document.addEventListener("words", paint);
}

/**
 * Fill in what the markup under `root` leaves to the language.
 * @param {ParentNode} root
 */
export function writeWords(root) {
  for (const each of root.querySelectorAll("[data-text]")) {
    each.textContent = say(keyOf(each, "data-text"));
  }
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    for (const each of root.querySelectorAll(`[data-${name}]`)) {
      each.setAttribute(attribute, say(keyOf(each, `data-${name}`)));
    }
  }
  for (const each of root.querySelectorAll("[data-title]")) {
    const text = say(keyOf(each, "data-title"));
    each.setAttribute("title", text);
    // A button that shows a word is called by it; one with an icon alone needs the title.
    if (!each.hasAttribute("data-text") && !each.textContent?.trim()) {
      each.setAttribute("aria-label", text);
    }
  }
}

/**
 * @param {Element} marked
 * @param {string} attribute
 */
function keyOf(marked, attribute) {
  return /** @type {Key} */ (marked.getAttribute(attribute));
}
