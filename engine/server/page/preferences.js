// The switches of the header: language, and light or dark.

import { byId, element } from "./dom.js";
import { forget, recall, remember } from "./memory.js";
import { say, switchLanguage, withWords } from "./words.js";

/** @typedef {"Auto" | "Light" | "Dark"} Theme */

/** @type {Theme[]} */
const THEMES = ["Auto", "Light", "Dark"];

export function bindPreferences() {
  byId("language", HTMLButtonElement).addEventListener("click", switchLanguage);
  byId("theme", HTMLButtonElement).addEventListener("click", () => {
    chooseTheme(THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length]);
    paintTheme();
  });
  withWords(paintTheme);
}

/** @returns {Theme} */
function currentTheme() {
  const chosen = recall("theme");
  return chosen === "light" ? "Light" : chosen === "dark" ? "Dark" : "Auto";
}

/** @param {Theme} theme */
function chooseTheme(theme) {
  const name = theme.toLowerCase();
  if (theme === "Auto") {
    forget("theme");
    delete document.documentElement.dataset.theme;
  } else {
    remember("theme", name);
    document.documentElement.dataset.theme = name;
  }
}

function paintTheme() {
  const theme = currentTheme();
  const button = byId("theme", HTMLButtonElement);
  button.title = say(`theme${theme}`);
  button.setAttribute("aria-label", button.title);
  document.getElementById("theme-icon")?.setAttribute("href", `#icon-${theme.toLowerCase()}`);
}

/** Fill in the window that names the keys. */
export function bindHelp() {
  const apple = /Mac|iPhone|iPad/.test(navigator.platform);
  byId("make-keys", HTMLElement).textContent = apple ? "⌘ ↵" : "Ctrl ↵";
  const keys = /** @type {const} */ ([
    [apple ? "⌘ ↵" : "Ctrl ↵", "helpMake"],
    ["/", "helpPrompt"],
    ["g", "helpGallery"],
    ["← →", "helpArrows"],
    ["c", "helpCancel"],
    ["Del", "helpDelete"],
    ["?", "helpHelp"],
    ["Esc", "helpEsc"],
  ]);
  withWords(() => {
    const rows = keys.map(([key, meaning]) =>
      element(
        "div",
        {},
        element("dt", {}, element("kbd", { textContent: key })),
        element("dd", { textContent: say(meaning) }),
      ),
    );
    byId("help-keys", HTMLDListElement).replaceChildren(...rows);
  });
  byId("open-help", HTMLButtonElement).addEventListener("click", openHelp);
}

export function openHelp() {
  byId("help", HTMLDialogElement).showModal();
}
