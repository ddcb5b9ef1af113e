// The gallery of this browser: small pictures, newest first.

import { byId, element, icon } from "./dom.js";
import { say, sayCount, withWords } from "./words.js";

/** @typedef {import("./album.js").Album} Album */
/** @typedef {import("./album.js").Shot} Shot */

export class Gallery {
  #place = byId("gallery", HTMLElement);
  #list = byId("shots", HTMLOListElement);
  #deleteAll = byId("delete-all", HTMLButtonElement);
  #sure = byId("sure", HTMLDialogElement);
  /** @type {Map<number, HTMLLIElement>} */
  #items = new Map();

  /**
   * @param {Album} album
   * @param {(shot: Shot) => void} open
   */
  constructor(album, open) {
    this.album = album;
    this.open = open;
    this.#list.addEventListener("keydown", (event) => this.#keys(event));
    this.#deleteAll.addEventListener("click", () => {
      byId("sure-text", HTMLParagraphElement).textContent = sayCount(
        "deleteSure",
        album.shots.length,
      );
      this.#sure.returnValue = "no";
      this.#sure.showModal();
    });
    this.#sure.addEventListener("close", async () => {
      if (this.#sure.returnValue !== "yes") return;
      await album.clear();
      this.paint();
      this.focus();
    });
    withWords(() => {
      this.#forgetItems();
      this.paint();
    });
  }

  paint() {
    const { shots } = this.album;
    const kept = new Set(shots.map((shot) => shot.id));
    for (const [id, item] of this.#items) if (!kept.has(id)) this.#forget(id, item);
    this.#list.replaceChildren(...shots.map((shot) => this.#item(shot)));
    this.#deleteAll.hidden = shots.length === 0;
    byId("no-shots", HTMLParagraphElement).hidden = shots.length > 0;
    byId("gallery-facts", HTMLParagraphElement).textContent = shots.length
      ? sayCount("galleryFacts", shots.length, { size: readableBytes(this.album.size) })
      : "";
  }

  /** Go there: to the newest picture, if there is one. */
  focus() {
    this.#place.scrollIntoView({ block: "start" });
    (this.#list.querySelector("button") ?? this.#place).focus({ preventScroll: true });
  }

  /** @param {Shot} shot */
  #item(shot) {
    const id = Number(shot.id);
    const known = this.#items.get(id);
    if (known) return known;
    const src = URL.createObjectURL(shot.small ?? shot.file);
    const image = element("img", { src, alt: "", loading: "lazy" });
    const opening = element("button", { type: "button", className: "shot" }, image);
    opening.title = shot.wish.prompt;
    opening.setAttribute("aria-label", say("open", { prompt: shot.wish.prompt }));
    opening.addEventListener("click", () => this.open(shot));
    const deleting = element("button", { type: "button", className: "quiet delete" }, icon("close"));
    deleting.title = say("deleteOneTitle");
    deleting.setAttribute("aria-label", deleting.title);
    deleting.addEventListener("click", () => this.#remove(id));
    const item = element("li", {}, opening, deleting);
    this.#items.set(id, item);
    return item;
  }

  /** @param {number} id */
  async #remove(id) {
    const item = this.#items.get(id);
    const beside = item?.nextElementSibling ?? item?.previousElementSibling;
    await this.album.remove(id);
    this.paint();
    const next = beside?.querySelector("button") ?? this.#place;
    next.focus();
  }

  /** @param {KeyboardEvent} event */
  #keys(event) {
    const item = /** @type {Element} */ (event.target).closest("li");
    if (!item) return;
    const beside = {
      ArrowRight: item.nextElementSibling,
      ArrowLeft: item.previousElementSibling,
    }[event.key];
    if (beside) beside.querySelector("button")?.focus();
    if (event.key === "Delete" || event.key === "Backspace") {
      const found = [...this.#items].find(([, each]) => each === item);
      if (found) this.#remove(found[0]);
    }
  }

  /**
   * @param {number} id
   * @param {HTMLLIElement} item
   */
  #forget(id, item) {
    URL.revokeObjectURL(item.querySelector("img")?.src ?? "");
    this.#items.delete(id);
  }

  #forgetItems() {
    for (const [id, item] of this.#items) this.#forget(id, item);
  }
}

/** @param {number} bytes */
function readableBytes(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
