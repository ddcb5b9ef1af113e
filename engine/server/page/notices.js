// Short words at the edge of the page that go away by themselves.

import { byId, element } from "./dom.js";

const STAY_MS = 5_000;

/** @param {string} text */
export function notice(text) {
  const shown = element("p", { textContent: text });
  const place = byId("notices", HTMLDivElement);
  place.append(shown);
  while (place.children.length > 3) place.firstElementChild?.remove();
  setTimeout(() => shown.remove(), STAY_MS);
}
