// The page: one form, one picture. Speaks the same HTTP interface as everybody else.

const $ = (id) => document.getElementById(id);
const ENDPOINT = "/v1/images/generations";

let running = null; // AbortController of the request under way

function say(text, failed = false) {
  $("state").textContent = text;
  $("state").classList.toggle("failed", failed);
}

function showProgress(share) {
  $("progress").hidden = share === null;
  if (share !== null) $("progress").value = share;
}

/** Yield {name, data} for each server-sent event of a response. */
async function* readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block
          .split("\n")
          .filter((line) => line && !line.startsWith(":"))
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      if (fields.data && fields.data !== "[DONE]") {
        const data = JSON.parse(fields.data);
        // Seeds have up to 63 bits, more than a JavaScript number holds: kept as text.
        if ("seed" in data) data.seed = /"seed": ?([0-9]+)/.exec(fields.data)[1];
        yield { name: fields.event, data };
      }
    }
  }
}

function wishFromForm() {
  const seed = $("seed").value.trim();
  const fields = {
    prompt: $("prompt").value,
    size: $("size").value.trim() || null,
    steps: Number($("steps").value),
    stream: true,
  };
  const text = JSON.stringify(fields);
  return seed ? `${text.slice(0, -1)},"seed":${BigInt(seed)}}` : text;
}

function follow(event) {
  if (event.event === "queued") {
    say(event.position ? `waiting, ${event.position} before this one` : "waiting for the model");
  } else if (event.event === "encoded") {
    say(event.truncated ? "prompt read; it was longer than the model reads" : "prompt read");
  } else if (event.event === "step") {
    say(`step ${event.index} of ${event.total}`);
    showProgress(event.index / event.total);
  } else if (event.event === "decoded") {
    say("picture decoded");
  }
}

function show(done, prompt) {
  const bytes = Uint8Array.from(atob(done.b64_json), (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  URL.revokeObjectURL($("picture").src);
  $("picture").src = url;
  $("picture").alt = prompt;
  $("save").href = url;
  $("save").download = `zimage-${done.seed}.png`;
  $("facts").textContent = `${done.size}, seed ${done.seed}, ${done.seconds.toFixed(1)} s`;
  $("result").hidden = false;
  say("");
}

async function make(prompt, body, signal) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(ENDPOINT, { method: "POST", headers, body, signal });
  if (!response.ok) throw new Error((await response.json()).error.message);
  let made = false;
  for await (const { name, data } of readEvents(response)) {
    if (name === "error") throw new Error(data.error.message);
    if (name === "image_generation.progress") follow(data);
    if (name === "image_generation.completed") {
      show(data, prompt);
      made = true;
    }
  }
  if (!made) throw new Error("the connection ended before the picture was finished; try again");
}

async function submit() {
  running = new AbortController();
  $("make").disabled = true;
  $("stop").hidden = false;
  showProgress(0);
  try {
    await make($("prompt").value, wishFromForm(), running.signal);
  } catch (error) {
    const stopped = error.name === "AbortError";
    say(stopped ? "stopped" : error.message, !stopped);
  } finally {
    running = null;
    $("make").disabled = false;
    $("stop").hidden = true;
    showProgress(null);
  }
}

/** Say how far the start is until the model can be used. */
async function watchStart() {
  const readiness = await (await fetch("/readyz")).json();
  if (readiness.ready) {
    if (!running) say("");
    return;
  }
  if (readiness.phase === "failed") {
    say(readiness.message, true);
  } else {
    say(`${readiness.message}, ${readiness.percent} %`);
    setTimeout(watchStart, 500);
  }
}

$("wish").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running) submit();
});
$("stop").addEventListener("click", () => running?.abort());
$("prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("wish").requestSubmit();
});
watchStart();
