// A grid over any number of rows: the browser holds those that are seen, and a few around them.
import { send, say, complain, here } from "./page.js";

const grid = document.getElementById("grid"), table = grid.querySelector("table"), rowsBody = table.tBodies[0], space = grid.querySelector(".space");
const width = Number(grid.dataset.columns), height = 30, page = 60, tallest = 8_000_000;
const held = new Map(); // pages of rows
let total = 0, filter = "only=problems", at = { row: 0, column: 0 }, anchor = null, editing = null, shownFrom = -1, generation = 0;

const pages = () => Math.max(1, Math.floor(grid.clientHeight / height) - 1);
// A browser draws no more than some millions of pixels: beyond, the bar moves in larger steps than rows.
const tall = () => Math.min(total * height, tallest) + height;
const firstSeen = () => {
  const room = Math.max(1, tall() - grid.clientHeight);
  return Math.max(0, Math.min(total - 1, total * height > tallest ? Math.round(grid.scrollTop / room * Math.max(0, total - pages())) : Math.floor(grid.scrollTop / height)));
};

async function load(number) {
  if (held.has(number)) return held.get(number);
  const mine = generation;
  const promise = fetch(`${here}/rows?${filter}&from=${number * page}&n=${page}`, { headers: { Accept: "application/json" } }).then(async (answer) => {
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    if (mine !== generation) return { rows: [] };
    total = said.total;
    return said;
  });
  held.set(number, promise);
  while (held.size > 12) held.delete(held.keys().next().value);
  return promise;
}

async function rowAt(index) {
  const said = await load(Math.floor(index / page));
  return said.rows?.[index % page];
}

async function draw() {
  const from = firstSeen(), count = pages() + 4, mine = generation;
  const needed = [...new Set([from, Math.min(total - 1, from + count)].map((n) => Math.max(0, Math.floor(n / page))))];
  try { await Promise.all(needed.map(load)); } catch (error) { return complain(error.message); }
  if (mine !== generation || editing) return;
  const rows = [];
  for (let index = from; index < Math.min(total, from + count); index++) rows.push(await rowAt(index));
  shownFrom = from;
  rowsBody.replaceChildren(...rows.map((row, i) => line(row, from + i)));
  space.style.height = `${tall()}px`;
  table.setAttribute("aria-rowcount", total + 1);
  mark();
}

function line(row, index) {
  const tr = document.createElement("tr");
  tr.setAttribute("aria-rowindex", index + 2);
  const head = document.createElement("th");
  head.scope = "row";
  head.className = "number";
  if (!row) { head.textContent = "…"; tr.append(head); return tr; }
  head.textContent = row.l;
  tr.append(head);
  if (row.p?.some((p) => p.c < 0)) head.classList.add("wrong");
  for (let c = 0; c < Math.max(width, row.c?.length ?? 0); c++) {
    const td = document.createElement("td");
    td.textContent = row.c?.[c] ?? "";
    td.id = `cell-${index}-${c}`;
    td.setAttribute("role", "gridcell");
    if (row.e?.includes(c)) td.classList.add("edited");
    const wrong = row.p?.find((p) => p.c === c);
    if (wrong) { td.classList.add("wrong"); td.setAttribute("aria-invalid", "true"); td.title = wrong.m; }
    tr.append(td);
  }
  return tr;
}

const cellAt = (row, column) => rowsBody.rows[row - shownFrom]?.cells[column + 1];

// mark shows where the person is, and says what is wrong there.
async function mark() {
  for (const td of rowsBody.querySelectorAll(".at, .chosen")) td.classList.remove("at", "chosen");
  if (anchor) each((r, c) => cellAt(r, c)?.classList.add("chosen"));
  const td = cellAt(at.row, at.column);
  if (td) { td.classList.add("at"); table.setAttribute("aria-activedescendant", td.id); }
  const row = await rowAt(at.row).catch(() => null), box = document.getElementById("problem");
  const wrong = row?.p?.filter((p) => p.c === at.column || p.c < 0) ?? [];
  box.replaceChildren(...wrong.flatMap((p) => {
    const line = document.createElement("span");
    line.textContent = `${p.m}. ${p.f ? p.f[0].toUpperCase() + p.f.slice(1) + "." : ""} `;
    if (!p.s) return [line];
    const use = Object.assign(document.createElement("button"), { type: "button", textContent: `Put “${p.s}”` });
    use.addEventListener("click", () => edit([{ r: row.o, c: p.c, t: p.s }]));
    return [line, use];
  }));
}

function each(act) {
  const a = anchor ?? at;
  for (let r = Math.min(a.row, at.row); r <= Math.max(a.row, at.row); r++) for (let c = Math.min(a.column, at.column); c <= Math.max(a.column, at.column); c++) act(r, c);
}

async function move(row, column, keep) {
  if (keep) anchor ??= { ...at }; else anchor = null;
  at = { row: Math.max(0, Math.min(total - 1, row)), column: Math.max(0, Math.min(width - 1, column)) };
  if (at.row < shownFrom || at.row >= shownFrom + pages()) await scrollTo(at.row < shownFrom ? at.row : at.row - pages() + 1);
  await mark();
  cellAt(at.row, at.column)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

async function scrollTo(row) {
  const room = Math.max(1, tall() - grid.clientHeight);
  grid.scrollTop = total * height > tallest ? row / Math.max(1, total - pages()) * room : row * height;
  await draw();
}

export async function refresh(next) {
  if (next !== undefined) { filter = next; at = { row: 0, column: at.column }; grid.scrollTop = 0; }
  generation++;
  held.clear();
  await load(0).catch((error) => complain(error.message));
  at.row = Math.max(0, Math.min(at.row, total - 1));
  space.style.height = `${tall()}px`;
  await draw();
}

async function edit(cells, kind = "edit") { await told(await send("/edits", { kind, cells })); }

async function told(said) {
  document.getElementById("summary").innerHTML = said.summary;
  document.getElementById("undo").disabled = !said.undo;
  document.getElementById("redo").disabled = !said.redo;
  await refresh();
  say(`${said.touched} ${said.touched === 1 ? "cell" : "cells"} changed. ${document.getElementById("summary-line").textContent}`);
}

function begin(text) {
  const td = cellAt(at.row, at.column);
  if (!td || editing) return;
  const input = document.createElement("input");
  input.value = text ?? td.textContent;
  input.setAttribute("aria-label", table.tHead.rows[0].cells[at.column + 1].textContent);
  editing = { td, was: td.textContent, row: at.row, column: at.column };
  td.replaceChildren(input);
  input.focus();
  input.addEventListener("blur", () => end(true));
}

async function end(take) {
  if (!editing) return;
  const { td, was, row, column } = editing, text = td.querySelector("input").value;
  editing = null;
  td.textContent = was;
  table.focus({ preventScroll: true });
  if (take && text !== was) { td.textContent = text; const one = await rowAt(row); await edit([{ r: one.o, c: column, t: text }]); }
}

const undo = () => send("/edits", { kind: "undo" }).then(told), redo = () => send("/edits", { kind: "redo" }).then(told);

// problem goes to the next wrong cell, or the one before.
async function problem(step) {
  for (let row = at.row, column = at.column + step; row >= 0 && row < total; row += step) {
    const one = await rowAt(row);
    const wrong = (one?.p ?? []).map((p) => Math.max(0, p.c)).filter((c) => step > 0 ? c >= column : c <= column).sort((a, b) => step * (a - b));
    if (wrong.length) return move(row, wrong[0]);
    column = step > 0 ? 0 : width;
    if (filter === "only=all" && Math.abs(row - at.row) > 5000) break;
  }
  say("There is no further problem");
}

grid.addEventListener("keydown", (event) => {
  const key = event.key, control = event.ctrlKey || event.metaKey;
  if (editing) {
    if (key === "Enter" || key === "Tab") {
      event.preventDefault();
      const back = event.shiftKey ? -1 : 1;
      end(true).then(() => key === "Enter" ? move(at.row + back, at.column) : move(at.row, at.column + back));
    } else if (key === "Escape") { event.preventDefault(); end(false); }
    return;
  }
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-pages(), 0], PageDown: [pages(), 0] }[key];
  if (moves) move(at.row + moves[0], at.column + moves[1], event.shiftKey);
  else if (key === "Home") move(control ? 0 : at.row, 0);
  else if (key === "End") move(control ? total - 1 : at.row, width - 1);
  else if (key === "F2" || key === "Enter") begin();
  else if (key === "F8") problem(event.shiftKey ? -1 : 1);
  else if (key === "Delete" || key === "Backspace") empty();
  else if (control && key.toLowerCase() === "z") (event.shiftKey ? redo : undo)();
  else if (control && key.toLowerCase() === "y") redo();
  else if (key.length === 1 && !control && !event.altKey) begin(key);
  else return;
  event.preventDefault();
});

async function chosen() {
  const cells = [];
  each((r, c) => cells.push([r, c]));
  return Promise.all(cells.map(async ([r, c]) => ({ row: await rowAt(r), r, c })));
}

async function empty() { await edit((await chosen()).filter((one) => one.row).map(({ row, c }) => ({ r: row.o, c, t: "" }))); }

grid.addEventListener("copy", (event) => {
  if (editing) return;
  const lines = [];
  each((r, c) => { (lines[r] ??= []).push(cellAt(r, c)?.textContent ?? ""); });
  event.clipboardData.setData("text/plain", Object.values(lines).map((cells) => cells.map(quoted).join("\t")).join("\n"));
  event.preventDefault();
});
const quoted = (text) => /[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

// pasted takes the text of a spreadsheet apart: cells by tabs, rows by line ends, both also inside quotes.
function pasted(text) {
  const rows = [[]];
  const cell = /"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*)/y;
  for (let i = 0; i <= text.length;) {
    cell.lastIndex = i;
    const found = cell.exec(text);
    rows.at(-1).push(found[1] !== undefined ? found[1].replaceAll('""', '"') : found[2]);
    i += found[0].length;
    if (i >= text.length) break;
    if (text[i] === "\t") { i++; continue; }
    i += text.startsWith("\r\n", i) ? 2 : 1;
    if (i >= text.length) break;
    rows.push([]);
  }
  return rows;
}

grid.addEventListener("paste", async (event) => {
  if (editing) return;
  event.preventDefault();
  const lines = pasted(event.clipboardData.getData("text/plain")), cells = [];
  for (let i = 0; i < lines.length && at.row + i < total; i++) {
    const row = await rowAt(at.row + i);
    lines[i].forEach((text, c) => cells.push({ r: row.o, c: at.column + c, t: text }));
  }
  await edit(cells, "paste");
});

grid.addEventListener("mousedown", (event) => {
  const td = event.target.closest("td");
  if (!td || editing?.td === td) return;
  const row = shownFrom + td.parentElement.sectionRowIndex;
  move(row, td.cellIndex - 1, event.shiftKey).then(() => table.focus({ preventScroll: true }));
});
grid.addEventListener("dblclick", () => begin());
let waiting = false;
grid.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
});

document.getElementById("undo").addEventListener("click", undo);
document.getElementById("redo").addEventListener("click", redo);
document.getElementById("next").addEventListener("click", () => problem(1).then(() => table.focus({ preventScroll: true })));
document.getElementById("previous").addEventListener("click", () => problem(-1).then(() => table.focus({ preventScroll: true })));
document.getElementById("only").addEventListener("change", (event) => refresh(`only=${event.target.value}`));
document.getElementById("summary").addEventListener("click", async (event) => {
  if (event.target.closest("#to-recipe")) {
    await send("/mapping", { recipe: "edits" });
    location.reload();
    return;
  }
  const suggested = event.target.closest("[data-suggest]"), region = event.target.closest("[data-region]");
  if (suggested) return offer(`only=problems&code=${encodeURIComponent(suggested.dataset.suggest)}&column=${suggested.dataset.column}`);
  if (region) {
    const answer = await fetch(`${here}/reading`, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ revision: document.body.dataset.revision, region: region.dataset.region }) });
    if (answer.ok) location.reload(); else complain((await answer.json()).error);
    return;
  }
  const group = event.target.closest("[data-code]");
  if (!group) return;
  document.getElementById("only").value = "problems";
  at.column = Math.max(0, Number(group.dataset.column));
  refresh(`only=problems&code=${encodeURIComponent(group.dataset.code)}&column=${group.dataset.column}`).then(() => { table.focus({ preventScroll: true }); move(0, at.column); });
});

// changes lists cells as they are and as they would be.
function changes(cells) {
  const list = document.createElement("ul");
  for (const cell of cells ?? []) {
    const item = document.createElement("li"), before = document.createElement("del"), after = document.createElement("ins");
    before.textContent = cell.b; after.textContent = cell.a || "nothing";
    item.append(before, " → ", after);
    list.append(item);
  }
  return list;
}

// offer shows what is suggested for all cells of a kind, and takes it at once when a person says so.
const accept = document.getElementById("accept");
async function offer(which) {
  const said = await send("/edits", { kind: "suggest", preview: true, filter: which }), count = said.count.toLocaleString("en");
  document.getElementById("accept-list").replaceChildren(changes(said.cells), said.count > said.cells.length ? "and so on" : "");
  const take = document.getElementById("accept-now");
  take.textContent = said.count === 1 ? "Use it" : `Use all ${count}`;
  take.onclick = async () => { accept.hidden = true; await told(await send("/edits", { kind: "suggest", filter: which })); table.focus({ preventScroll: true }); };
  accept.hidden = false;
  document.getElementById("accept-title").focus();
  say(`${count} suggested`);
}
document.getElementById("accept-not").addEventListener("click", () => { accept.hidden = true; table.focus({ preventScroll: true }); });

const replace = document.getElementById("replace"), find = document.getElementById("find"), now = document.getElementById("replace-now");
find.addEventListener("click", () => {
  replace.hidden = !replace.hidden;
  find.setAttribute("aria-expanded", String(!replace.hidden));
  replace.elements.column.value = at.column;
  if (!replace.hidden) replace.elements.find.focus();
});
const wanted = (preview) => {
  const e = replace.elements;
  return { kind: "replace", column: Number(e.column.value), find: e.find.value, replace: e.replace.value, whole: e.whole.checked, preview, filter };
};
replace.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = await send("/edits", wanted(true)), box = document.getElementById("preview");
  box.replaceChildren(`${said.count.toLocaleString("en")} ${said.count === 1 ? "cell" : "cells"} would change`, changes(said.cells));
  now.hidden = !said.count;
});
replace.addEventListener("input", () => { now.hidden = true; });
now.addEventListener("click", async () => { now.hidden = true; await told(await send("/edits", wanted(false))); document.getElementById("preview").replaceChildren(); });

addEventListener("resize", draw);
if (!document.getElementById("groups")) { // nothing is wrong: there would be no row to be seen
  document.getElementById("only").value = "all";
  filter = "only=all";
}
refresh();
