// What a person wishes for, and its forms: a request's body, a link, a text, a file's name.

/**
 * `size` is "WIDTHxHEIGHT", or "" for the model's own; `seed` is digits, up to 63 bits and so more
 * than a number holds here, or "" for a random one.
 * @typedef {object} Wish
 * @property {string} prompt
 * @property {string} negative
 * @property {number} guidance
 * @property {string} size
 * @property {number} steps
 * @property {number} count
 * @property {string} seed
 */

/** @type {Wish} */
export const NO_WISH = {
  prompt: "",
  negative: "",
  guidance: 0,
  size: "",
  steps: 8,
  count: 1,
  seed: "",
};
export const LARGEST_SEED = 2n ** 63n - 1n;
const PREVIEWS = 3;
const LONGEST_NAME = 48;

/**
 * The body of POST /v1/images/generations.
 * @param {Wish} wish
 */
export function bodyOf(wish) {
  /** @type {Record<string, unknown>} */
  const fields = {
    prompt: wish.prompt,
    size: wish.size || "auto",
    steps: wish.steps,
    n: wish.count,
    stream: true,
    partial_images: PREVIEWS,
  };
  if (wish.guidance > 0) {
    fields.guidance_scale = wish.guidance;
    if (wish.negative.trim()) fields.negative_prompt = wish.negative;
  }
  const text = JSON.stringify(fields);
  return wish.seed ? `${text.slice(0, -1)},"seed":${BigInt(wish.seed)}}` : text;
}

/**
 * The wish among these fields; whatever cannot be one is left out, so they may come from anywhere.
 * @param {Record<string, unknown>} fields
 * @returns {Wish}
 */
export function wishFrom(fields) {
  const number = (/** @type {unknown} */ value, /** @type {number} */ otherwise) =>
    Number.isFinite(Number(value ?? "x")) ? Number(value) : otherwise;
  const within = (/** @type {number} */ value, /** @type {number} */ least, /** @type {number} */ most) =>
    Math.min(most, Math.max(least, value));
  return {
    prompt: String(fields.prompt ?? "").slice(0, 4_000),
    negative: String(fields.negative ?? "").slice(0, 4_000),
    guidance: within(number(fields.guidance, 0), 0, 20),
    size: /^\d{2,4}x\d{2,4}$/.test(String(fields.size)) ? String(fields.size) : "",
    steps: within(Math.round(number(fields.steps, NO_WISH.steps)), 1, 50),
    count: within(Math.round(number(fields.count, 1)), 1, 10),
    seed: isSeed(String(fields.seed ?? "")) ? String(fields.seed ?? "") : "",
  };
}

/** Whether a text is a seed, or empty. @param {string} text */
export function isSeed(text) {
  return /^\d{0,19}$/.test(text) && BigInt(text || 0) <= LARGEST_SEED;
}

/**
 * A link to this page with the wish in it. It stands behind the #, which is never sent anywhere.
 * @param {Wish} wish
 */
export function linkOf(wish) {
  const fields = Object.entries(wish).filter(
    ([name, value]) => value !== NO_WISH[/** @type {keyof Wish} */ (name)],
  );
  const text = new URLSearchParams(fields.map(([name, value]) => [name, String(value)]));
  return `${location.origin}${location.pathname}#${text}`;
}

/**
 * The wish in the address, null if there is none.
 * @param {string} hash
 */
export function wishInLink(hash) {
  const fields = Object.fromEntries(new URLSearchParams(hash.slice(1)));
  return fields.prompt ? wishFrom(fields) : null;
}

/**
 * Prompt and settings in the form of AUTOMATIC1111, which other programs read.
 * @param {Wish} wish
 */
export function textOf(wish) {
  const negative = wish.guidance > 0 && wish.negative ? [`Negative prompt: ${wish.negative}`] : [];
  const guided = wish.guidance > 0 ? [`CFG scale: ${wish.guidance}`] : [];
  const facts = [`Steps: ${wish.steps}`, "Sampler: Euler", ...guided, `Seed: ${wish.seed}`];
  return [wish.prompt, ...negative, [...facts, `Size: ${wish.size}`].join(", ")].join("\n");
}

/**
 * A file's name that tells which picture it is: letters of any script, and no character that a
 * file system minds.
 * @param {Wish} wish
 * @param {string} kind of the picture, like image/png
 */
export function fileNameOf(wish, kind) {
  const words = wish.prompt.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let name = "";
  for (const word of words) {
    if (name && name.length + word.length >= LONGEST_NAME) break;
    name += `${name && "-"}${[...word].slice(0, LONGEST_NAME).join("")}`;
  }
  const ending = kind.replace("image/", "").replace("jpeg", "jpg");
  return `${["zimage", name, wish.seed].filter(Boolean).join("-")}.${ending}`;
}
