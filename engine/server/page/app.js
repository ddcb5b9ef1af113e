// The page: a form, the picture that comes of it, and the gallery of those before. It speaks the
// same HTTP interface as everybody else.

import { Album } from "./album.js";
import { Refused } from "./api.js";
import { byId, speak } from "./dom.js";
import { EngineWatch } from "./engine_watch.js";
import { WishForm } from "./form.js";
import { Gallery } from "./gallery.js";
import { bindKeys } from "./keyboard.js";
import { KeyDialog } from "./key_dialog.js";
import { forget, recall, remember } from "./memory.js";
import { notice } from "./notices.js";
import { bindHelp, bindPreferences, openHelp } from "./preferences.js";
import { carryOut, Cut } from "./run.js";
import { sizeFrom } from "./sizes.js";
import { Stage } from "./stage.js";
import { UnderWay } from "./under_way.js";
import { Viewer } from "./viewer.js";
import { wishFrom, wishInLink } from "./wish.js";
import { beginWithLanguage, say, sayCount, withWords } from "./words.js";

/** @typedef {import("./wish.js").Wish} Wish */
/** @typedef {import("./album.js").Shot} Shot */

// Lives as long as the tab, so that a reload can say what it stopped.
const UNDER_WAY = "under-way";

beginWithLanguage();
const album = new Album();
const watch = new EngineWatch();
const form = new WishForm();
const stage = new Stage(reuse, (text) => order({ ...form.wish, prompt: text }, true));
const underWay = new UnderWay(() => watch.state);
const viewer = new Viewer(album, reuse);
const gallery = new Gallery(album, (shot) => viewer.open(shot));
const keyDialog = new KeyDialog();

/** @type {Wish[]} orders that wait for the one under way */
const line = [];
/** @type {AbortController | null} */
let running = null;
/** @type {Wish | null} what came to nothing and could be tried again */
let failed = null;
let failedByCut = false;
let leaving = false;

// -- orders -----------------------------------------------------------------------------------

/**
 * Have a wish carried out, after those that wait already.
 * @param {Wish} wish
 * @param {boolean} [inForm] also write it into the form
 */
function order(wish, inForm = false) {
  if (inForm) form.fill(wish);
  dismiss();
  line.push(wish);
  work();
}

async function work() {
  underWay.waiting = line.length;
  if (running) return;
  for (let wish = line.shift(); wish; wish = line.shift()) {
    underWay.waiting = line.length;
    if (!(await carriedOut(wish))) return;
  }
}

/**
 * @param {Wish} wish
 * @returns {Promise<boolean>} false if it failed, so that others had better wait
 */
async function carriedOut(wish) {
  running = new AbortController();
  remember(UNDER_WAY, JSON.stringify(wish), "tab");
  const size = wish.size || watch.model?.native_size || "1x1";
  const { width, height } = sizeFrom(size) ?? { width: 1, height: 1 };
  stage.begin(size);
  underWay.begin(wish.count, width * height);
  bringIntoView();
  try {
    await follow(wish, running.signal);
    speak(say("spokenDone"));
    return true;
  } catch (error) {
    if (running.signal.aborted) {
      notice(say("cancelled"));
      return true;
    }
    fail(wish, error);
    return false;
  } finally {
    running = null;
    watch.streaming = false;
    if (!leaving) forget(UNDER_WAY, "tab");
    underWay.end();
    stage.ended();
  }
}

/**
 * @param {Wish} wish
 * @param {AbortSignal} signal
 */
async function follow(wish, signal) {
  const around = {
    signal,
    engineBack: (/** @type {AbortSignal} */ until) => watch.untilAnswering(until),
    askKey: (/** @type {AbortSignal} */ until) => keyDialog.given(until),
  };
  for await (const happening of carryOut(wish, around)) {
    watch.streaming = !["sent", "offline", "locked", "busy"].includes(happening.kind);
    underWay.hear(happening);
    if (happening.kind === "queued") watch.interested();
    if (happening.kind === "preview") stage.preview(happening.file, underWay.rough);
    if (happening.kind === "picture") {
      const { file, size, seed, seconds } = happening;
      const made = { ...wish, size, seed, count: 1 };
      await keep({ wish: made, file, small: null, seconds, madeAt: Date.now() });
    }
  }
}

/** @param {Shot} shot */
async function keep(shot) {
  const showing = stage.finished(shot);
  const { dropped, kept } = await album.add(shot);
  if (dropped) notice(sayCount("dropped", dropped));
  if (!kept) notice(say("notKept"));
  gallery.paint();
  byId("keep", HTMLButtonElement).disabled = false;
  await showing;
}

/**
 * @param {Wish} wish
 * @param {unknown} error
 */
function fail(wish, error) {
  failed = wish;
  failedByCut = error instanceof Cut;
  if (failedByCut) watch.check();
  const message = error instanceof Refused || !failedByCut ? String(Object(error).message) : "";
  stage.trouble(() => {
    if (!failedByCut) return message;
    return say(watch.state.kind === "ready" ? "cutBack" : "cut");
  });
}

function dismiss() {
  failed = null;
  stage.calm();
}

function tryAgain() {
  const wish = failed;
  dismiss();
  if (!wish) return;
  line.unshift(wish);
  work();
}

/** @param {Shot} shot */
function reuse({ wish }) {
  form.fill(wish);
  form.focus();
  notice(say("reused"));
}

// On a phone the picture is below the form.
function bringIntoView() {
  if (!matchMedia("(max-width: 60rem)").matches) return;
  const calmly = matchMedia("(prefers-reduced-motion: reduce)").matches;
  byId("stage", HTMLElement).scrollIntoView({ behavior: calmly ? "auto" : "smooth" });
}

// -- the engine -------------------------------------------------------------------------------

function paintEngine() {
  const { kind, percent, message } = watch.state;
  const text = {
    unknown: say("engineUnknown"),
    loading: say("engineLoading", { percent }),
    ready: say("engineReady"),
    failed: say("engineFailed"),
    offline: say("engineOffline"),
    locked: say("engineLocked"),
  }[kind];
  const pill = byId("engine", HTMLParagraphElement);
  pill.dataset.state = kind;
  pill.title = message || watch.model?.id || "";
  byId("engine-text", HTMLSpanElement).textContent = text;
  const model = byId("model", HTMLSpanElement);
  model.hidden = kind !== "ready" || !watch.model;
  model.textContent = watch.model?.id ?? "";
  byId("open-key", HTMLButtonElement).hidden = kind !== "locked";
  stage.welcome(watch.state, watch.model?.native_size ?? "");
  underWay.paint();
}

let before = watch.state.kind;
watch.addEventListener("change", () => {
  const { kind } = watch.state;
  if (before === "offline" && (kind === "ready" || kind === "loading")) notice(say("engineBack"));
  if (kind === "locked" && before !== "locked" && !running) keyDialog.open();
  if (kind === "ready" && failed && failedByCut) stage.trouble(() => say("cutBack"));
  before = kind;
  paintEngine();
});
watch.addEventListener("model", () => {
  form.offerSizes(sizeFrom(watch.model?.native_size ?? ""));
});

// -- everything else --------------------------------------------------------------------------

function goToGallery() {
  gallery.focus();
}

function useLink() {
  const wish = wishInLink(location.hash);
  if (!wish) return;
  form.fill(wish);
  // A reload should bring back what was typed since, not the link.
  history.replaceState(null, "", location.pathname);
}

function sayWhatLeavingStopped() {
  const stopped = recall(UNDER_WAY, "tab");
  if (!stopped) return;
  forget(UNDER_WAY, "tab");
  try {
    failed = wishFrom(JSON.parse(stopped));
    stage.trouble(() => say("leftPage"));
  } catch {
    // Not of this page's making.
  }
}

function bind() {
  form.addEventListener("order", () => order(form.wish));
  stage.addEventListener("again", tryAgain);
  stage.addEventListener("dismiss", dismiss);
  underWay.addEventListener("cancel", () => running?.abort());
  underWay.addEventListener("clear-line", () => {
    line.length = 0;
    underWay.waiting = 0;
  });
  viewer.addEventListener("deleted", () => gallery.paint());
  keyDialog.addEventListener("given", () => watch.check());
  byId("open-key", HTMLButtonElement).addEventListener("click", () => keyDialog.open());
  byId("go-gallery", HTMLButtonElement).addEventListener("click", goToGallery);
  byId("keep", HTMLButtonElement).addEventListener("click", () => {
    form.seed = stage.shot?.wish.seed ?? "";
  });
  addEventListener("hashchange", useLink);
  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || running) return;
    await album.refresh();
    gallery.paint();
  });
  bindKeys({
    "/": () => form.focus(),
    "?": openHelp,
    g: goToGallery,
    c: () => running?.abort(),
  });
}

async function begin() {
  bindPreferences();
  bindHelp();
  bind();
  withWords(paintEngine);
  useLink();
  sayWhatLeavingStopped();
  watch.start();
  if (!(await album.open())) notice(say("noGallery"));
  gallery.paint();
  if (!matchMedia("(pointer: coarse)").matches) form.focus();
}

begin();
