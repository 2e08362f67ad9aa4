// The table of columns: every change goes to the server, which answers with all that it touched.
import { send, say, complain, here } from "./page.js";

const table = document.getElementById("columns");
const yaml = document.getElementById("yaml");

async function change(data) {
  const focus = remember();
  const said = await send("/mapping", data);
  document.getElementById("heading").textContent = said.headline;
  yaml.value = said.yaml;
  for (const part of ["cards", "mistakes", "recipes"]) document.getElementById(part).innerHTML = said[part];
  for (const [place, html] of Object.entries(said.rows)) {
    const row = table.querySelector(`tr[data-place="${place}"]`);
    if (row.dataset.html === html) continue;
    const open = [...row.querySelectorAll("details")].map((d) => d.open);
    row.innerHTML = row.dataset.html = html;
    row.querySelectorAll("details").forEach((d, i) => { if (open[i]) d.open = true; });
  }
  focus();
  say(said.headline);
}

// remember gives the focus back to what has taken the place of what had it.
function remember() {
  const at = document.activeElement, row = at?.closest("tr[data-place]");
  if (!row) return () => {};
  const place = row.dataset.place;
  const all = [...row.querySelectorAll("input, button, select, summary")], n = all.indexOf(at);
  return () => {
    const now = table.querySelector(`tr[data-place="${place}"]`);
    if (document.activeElement && document.activeElement !== document.body) return;
    const again = [...now.querySelectorAll("input, button, select, summary")];
    (again[Math.min(n, again.length - 1)] || now.querySelector("input"))?.focus();
  };
}

const placeOf = (element) => Number(element.closest("tr").dataset.place);

table.addEventListener("change", (event) => {
  const at = event.target, place = () => placeOf(at);
  if (at.matches(".target")) change({ place: place(), target: at.value.trim() || "undecided" });
  else if (at.dataset.option) change({ place: place(), options: { [at.dataset.option]: at.value } });
  else if (at.dataset.value !== undefined) change({ place: place(), values: { [at.dataset.value]: at.value.trim() } });
});

table.addEventListener("click", (event) => {
  const at = event.target.closest("button");
  if (!at) return;
  const row = at.closest("tr[data-place]"), place = placeOf(at);
  if (at.dataset.do === "keep") change({ place, keep: true, target: row.querySelector(".target").value });
  else if (at.dataset.do === "ignore") change({ place, target: "ignore" });
  else if (at.dataset.do === "make") {
    if (!at.dataset.name) return complain("The column's name has no letters of which an attribute's could be made: type custom.NAME yourself.");
    change({ place, target: `custom.${at.dataset.name}${row.querySelector("[data-suffix]").value}` });
  } else if (at.dataset.reading) {
    const decimal = { "decimal point": ".", "decimal comma": "," }[at.dataset.reading];
    change({ place, options: decimal ? { decimal } : { layout: at.dataset.reading } });
  } else if (at.dataset.blank !== undefined) change({ place, blank: [at.dataset.blank] });
});

// The values of a column are asked for when a person opens them.
table.addEventListener("toggle", async (event) => {
  const details = event.target;
  if (!details.matches(".values") || !details.open) return;
  const into = details.querySelector(".values-of");
  if (into.childElementCount) return;
  const answer = await fetch(`${here}/choices/${placeOf(details)}`, { headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) return complain(said.error);
  const frame = document.getElementById("choices-frame").content.cloneNode(true);
  frame.querySelector("caption").textContent = `${said.choices.length} different values in ${said.rows.toLocaleString("en")} rows${said.more ? ", the first of more" : ""}`;
  const rows = frame.querySelector("tbody");
  for (const choice of said.choices ?? []) {
    const row = document.createElement("tr"), value = document.createElement("th"), count = document.createElement("td"), to = document.createElement("td");
    value.scope = "row";
    value.textContent = choice.value;
    count.className = "number";
    count.textContent = choice.count.toLocaleString("en");
    const input = Object.assign(document.createElement("input"), { value: choice.to ?? "", placeholder: choice.blank ? "nothing" : "as it is", ariaLabel: `${choice.value} stands for` });
    input.dataset.value = choice.value;
    const blank = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "Nothing" });
    blank.dataset.blank = choice.value;
    to.append(input, blank);
    row.append(value, count, to);
    rows.append(row);
  }
  into.replaceChildren(frame);
}, true);

document.getElementById("recipes").addEventListener("click", (event) => {
  const button = event.target.closest("[data-recipe]");
  if (button) change({ recipe: button.dataset.recipe });
});
document.getElementById("save-yaml").addEventListener("click", () => change({ text: yaml.value }));
document.getElementById("anew").addEventListener("click", () => { if (confirm("Guess every column again? What you decided is lost.")) change({ anew: true }); });
