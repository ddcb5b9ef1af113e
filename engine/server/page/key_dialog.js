// The window that asks for the engine's key.

import { keepKey, loadedModel, Refused } from "./api.js";
import { byId } from "./dom.js";
import { say } from "./words.js";

export class KeyDialog extends EventTarget {
  #dialog = byId("key-dialog", HTMLDialogElement);
  #field = byId("key", HTMLInputElement);
  #remember = byId("key-remember", HTMLInputElement);
  #trouble = byId("key-trouble", HTMLParagraphElement);
  #use = byId("key-use", HTMLButtonElement);

  constructor() {
    super();
    byId("key-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try(this.#field.value);
    });
    byId("key-cancel", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.dispatchEvent(new Event("closed")));
  }

  open() {
    if (this.#dialog.open) return;
    this.#trouble.hidden = true;
    this.#field.value = "";
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  }

  /**
   * Ask, and wait until a key was accepted. Raises the abort's reason, or `Refused` where the
   * person would rather not.
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  given(signal) {
    this.open();
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (this.#dialog.returnValue === "given") resolve();
        else reject(new Refused(say("keyMissing"), 401));
      };
      this.addEventListener("closed", settle, { once: true });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  /** @param {string} key */
  async #try(key) {
    this.#use.disabled = true;
    this.#trouble.hidden = true;
    try {
      await loadedModel(key);
      keepKey(key, this.#remember.checked);
      this.#dialog.close("given");
      this.dispatchEvent(new Event("given"));
    } catch (error) {
      const wrong = error instanceof Refused && error.status === 401;
      const why = error instanceof Refused ? error.message : say("offlineTitle");
      this.#trouble.textContent = wrong ? say("keyWrong") : why;
      this.#trouble.hidden = false;
      this.#field.select();
    }
    this.#use.disabled = false;
  }
}
