// What can be done with a picture: download it, copy it, use its settings again.

import { element, icon } from "./dom.js";
import { notice } from "./notices.js";
import { fileNameOf, linkOf, textOf } from "./wish.js";
import { say } from "./words.js";

/** @typedef {import("./album.js").Shot} Shot */
/** @typedef {import("./words.js").Key} Key */

/**
 * The buttons for `shot`, with more of them behind.
 * @param {Shot} shot
 * @param {(shot: Shot) => void} reuse
 * @returns {HTMLElement[]}
 */
export function toolsFor(shot, reuse) {
  return [
    tool("download", "download", "download", () => download(shot)),
    tool("copyPicture", "copyPictureTitle", "copy", () => copyPicture(shot)),
    tool("reuse", "reuseTitle", "again", () => reuse(shot)),
    tool("copySettings", "copySettingsTitle", "text", () =>
      copyText(textOf({ ...shot.wish, count: 1 }), "copiedSettings"),
    ),
    tool("copyLink", "copyLinkTitle", "link", () => copyText(linkOf(shot.wish), "copiedLink")),
  ];
}

/**
 * @param {Key} label
 * @param {Key} title
 * @param {string} symbol
 * @param {() => void} act
 */
export function tool(label, title, symbol, act) {
  const name = element("span", { textContent: say(label) });
  const button = element("button", { type: "button", title: say(title) }, icon(symbol), name);
  button.dataset.tool = label;
  button.addEventListener("click", act);
  return button;
}

/** The line of facts under a picture. @param {Shot} shot */
export function factsOf({ wish, seconds }) {
  const size = wish.size.replace("x", " × ");
  const taken = seconds < 10 ? seconds.toFixed(1) : String(Math.round(seconds));
  return say("facts", { size, steps: wish.steps, seed: wish.seed, seconds: taken });
}

/** @param {Shot} shot */
function download({ file, wish }) {
  const href = URL.createObjectURL(file);
  element("a", { href, download: fileNameOf(wish, file.type) }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** @param {Shot} shot */
async function copyPicture({ file }) {
  try {
    const item = new ClipboardItem({ "image/png": asPng(file) });
    await navigator.clipboard.write([item]);
    notice(say("copiedPicture"));
  } catch {
    notice(say("copyRefused"));
  }
}

// PNG is the one kind of picture that every clipboard takes.
/** @param {Blob} file @returns {Promise<Blob>} */
async function asPng(file) {
  if (file.type === "image/png") return file;
  const whole = await createImageBitmap(file);
  const { width, height } = whole;
  const canvas = element("canvas", { width, height });
  canvas.getContext("2d")?.drawImage(whole, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((png) => (png ? resolve(png) : reject(new Error("no picture"))), "image/png");
  });
}

/**
 * @param {string} text
 * @param {Key} done
 */
async function copyText(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    notice(say(done));
  } catch {
    notice(say(copiedByHand(text) ? done : "copyTextRefused"));
  }
}

// Without https there is no clipboard to call, but a chosen text can still be copied.
/** @param {string} text */
function copiedByHand(text) {
  const held = element("textarea", { value: text, className: "unseen" });
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  (document.querySelector("dialog[open]") ?? document.body).append(held);
  held.select();
  const copied = document.execCommand("copy");
  held.remove();
  focused?.focus();
  return copied;
}
