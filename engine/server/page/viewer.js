// One picture of the gallery in full size.

import { factsOf, tool, toolsFor } from "./actions.js";
import { byId } from "./dom.js";
import { withWords } from "./words.js";

/** @typedef {import("./album.js").Album} Album */
/** @typedef {import("./album.js").Shot} Shot */

/** Fires `deleted` after a picture was. */
export class Viewer extends EventTarget {
  #dialog = byId("viewer", HTMLDialogElement);
  #picture = byId("viewer-picture", HTMLImageElement);
  #left = byId("viewer-left", HTMLButtonElement);
  #right = byId("viewer-right", HTMLButtonElement);
  /** @type {Shot | null} */
  #shot = null;

  /**
   * @param {Album} album
   * @param {(shot: Shot) => void} reuse
   */
  constructor(album, reuse) {
    super();
    this.album = album;
    this.reuse = (/** @type {Shot} */ shot) => {
      this.#dialog.close();
      reuse(shot);
    };
    this.#left.addEventListener("click", () => this.#move(-1));
    this.#right.addEventListener("click", () => this.#move(1));
    byId("viewer-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    // Not the window's own keys: a button that the last picture disables loses the focus.
    document.addEventListener("keydown", (event) => {
      if (!this.#dialog.open) return;
      if (event.key === "ArrowLeft") this.#move(-1);
      if (event.key === "ArrowRight") this.#move(1);
      if (event.key === "Delete") this.#delete();
    });
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => {
      this.#shot = null;
      URL.revokeObjectURL(this.#picture.src);
      this.#picture.removeAttribute("src");
    });
    withWords(() => this.#paint());
  }

  /** @param {Shot} shot */
  open(shot) {
    this.#shot = shot;
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#paint();
  }

  #paint() {
    const shot = this.#shot;
    if (!shot) return;
    URL.revokeObjectURL(this.#picture.src);
    this.#picture.src = URL.createObjectURL(shot.file);
    this.#picture.alt = shot.wish.prompt;
    byId("viewer-prompt", HTMLParagraphElement).textContent = shot.wish.prompt;
    byId("viewer-facts", HTMLParagraphElement).textContent = factsOf(shot);
    const deleting = tool("deleteOne", "deleteOneTitle", "delete", () => this.#delete());
    const tools = [...toolsFor(shot, this.reuse), deleting];
    byId("viewer-tools", HTMLDivElement).replaceChildren(...tools);
    const place = this.#placeOf(shot);
    this.#left.disabled = place <= 0;
    this.#right.disabled = place === this.album.shots.length - 1;
  }

  /** @param {Shot} shot */
  #placeOf(shot) {
    return this.album.shots.findIndex((each) => each.id === shot.id);
  }

  /** @param {number} by */
  #move(by) {
    const place = this.#shot ? this.#placeOf(this.#shot) : -1;
    const shot = this.album.shots[place + by];
    if (place >= 0 && shot) this.open(shot);
  }

  async #delete() {
    const shot = this.#shot;
    if (!shot) return;
    const place = this.#placeOf(shot);
    await this.album.remove(Number(shot.id));
    this.dispatchEvent(new Event("deleted"));
    const { shots } = this.album;
    if (shots.length) this.open(shots[Math.min(place, shots.length - 1)]);
    else this.#dialog.close();
  }
}
