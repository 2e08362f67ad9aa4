// What every page does: forms that act, progress, copying, and messages that are read aloud.
const body = document.body;
export const here = `/imports/${body.dataset.import}`;
export const say = (text) => { document.getElementById("live").textContent = text; };

export function complain(text) {
  const box = document.getElementById("alert");
  box.textContent = text;
  box.hidden = !text;
  if (text) box.scrollIntoView({ block: "nearest" });
}

// send posts JSON, one request after the other: each is made on what the one before it left.
let queue = Promise.resolve();
export function send(path, data) {
  const one = queue.then(async () => {
    const answer = await fetch(here + path, {
      method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ revision: Number(body.dataset.revision), ...data }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    if (said.revision) body.dataset.revision = said.revision;
    complain("");
    return said;
  });
  queue = one.catch(() => {});
  return one.catch((error) => { complain(error.message); throw error; });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy).textContent;
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
  say("Copied");
});

for (const form of document.querySelectorAll("form[data-ask]")) {
  form.addEventListener("submit", (event) => { if (!confirm(form.dataset.ask)) event.preventDefault(); });
}

// A form that acts starts a command; the page then shows how far it is.
for (const form of document.querySelectorAll("form.act")) {
  form.action = `${here}/act`;
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
    const said = await answer.json();
    if (!answer.ok) return complain(said.error);
    location.reload();
  });
}
const once = document.querySelector("form[data-at-once]");
if (once) once.requestSubmit();

// Only an org outside this machine asks for a key and for its name.
const org = document.getElementById("org");
if (org) {
  const show = () => { for (const part of document.querySelectorAll(".real")) part.hidden = org.value.trim() === "sandbox"; };
  org.addEventListener("input", show);
  show();
}

const reading = document.getElementById("reading");
if (reading) reading.addEventListener("change", () => reading.requestSubmit());

const drop = document.getElementById("drop");
if (drop) {
  const input = document.getElementById("files");
  const go = () => {
    const request = new XMLHttpRequest();
    const meter = document.getElementById("sent");
    meter.hidden = false;
    request.upload.onprogress = (event) => { if (event.lengthComputable) meter.value = 100 * event.loaded / event.total; };
    request.onload = () => {
      const said = JSON.parse(request.responseText);
      if (request.status < 400) location.assign(said.url);
      else complain(said.error);
    };
    request.onerror = () => complain("The file did not come through: muster ui may have ended.");
    request.open("POST", "/files");
    request.setRequestHeader("Accept", "application/json");
    request.send(new FormData(drop));
  };
  input.addEventListener("change", () => { if (input.files.length) go(); });
  drop.addEventListener("submit", (event) => { event.preventDefault(); if (input.files.length) go(); else input.click(); });
  for (const kind of ["dragover", "dragenter"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; if (input.files.length) go(); });
}

const progress = document.getElementById("progress");
if (progress) follow();

function follow() {
  const put = (id, text) => { document.getElementById(id).textContent = text || ""; };
  let stream, spoken = "";
  const open = () => {
    stream = new EventSource(`${here}/events`);
    stream.onmessage = (event) => show(JSON.parse(event.data));
    stream.addEventListener("ended", () => { stream.close(); location.reload(); });
  };
  const show = (at) => {
    put("phase", at.stopped ? "Stopping: what has begun is let end" : at.phase);
    put("left", at.left);
    put("rate", at.rate);
    put("budget", at.budget);
    put("amount", at.unit === "rows" && at.total ? `${at.done.toLocaleString("en")} of ${at.total.toLocaleString("en")} rows` : at.total ? `${at.percent} %` : "");
    const meter = document.getElementById("meter");
    if (at.total) meter.value = at.percent; else meter.removeAttribute("value");
    const list = (id, lines) => document.getElementById(id).replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    list("counts", Object.entries(at.counts || {}).filter(([, rows]) => rows).map(([status, rows]) => `${rows.toLocaleString("en")} ${status}`));
    list("says", at.says || []);
    if (at.phase !== spoken) say(spoken = at.phase);
  };
  open();
  // A hidden tab gives its connection back.
  document.addEventListener("visibilitychange", () => { stream.close(); if (!document.hidden) open(); });
  document.getElementById("stop").addEventListener("click", async () => { await send("/stop", {}); });
}

if (body.dataset.step === "meaning") import("./meaning.js");
if (document.getElementById("grid")) import("./grid.js");
// On a narrow screen the step that is shown is brought into the row of steps.
const inRow = () => document.querySelector(".steps [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
addEventListener("resize", inRow);
inRow();
if (body.dataset.step) document.getElementById("heading").focus({ preventScroll: true });
