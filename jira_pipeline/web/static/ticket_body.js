// The whole ticket and its source rows: pointing at a row of either shows the other, a cell has an address to copy.
import { copyText } from "./copying.js";
import { element, onPage, whenQuiet } from "./web.js";

const SEARCHED_FROM = 30; // rows: shorter tables are read at a glance
const TYPED_MILLISECONDS = 120;
const OPENED_MAX = 5; // source rows: a sentence may rest on a hundred
let [body, pane, address, about, meant] = [];
const EYE = 0.3; // of the window: what is read
const FOLLOW_MILLISECONDS = 60;
const isNarrow = () => window.matchMedia("(max-width: 1100px)").matches;
let pointed = "";
let isHeld = false;
let pointer = "";
let judged = null; // the last event that moved the pointer, which several may ask about
let hasMoved = false;
const placeOf = (event) => `${Math.floor(event.clientX)} ${Math.floor(event.clientY)}`; // clicks have no fractions

const sourceRow = (place) => document.getElementById(`row-${place}`);
const tableRows = (place) => body.querySelectorAll(`tr[data-rows~="${place}"]`);

/** The column of a cell: what heads it, or what stands before it in a table of one row. */
function columnOf(cell) {
  if (!cell) return "";
  const head = cell.closest("table").tHead;
  const heading = head ? head.rows[0].cells[cell.cellIndex] : cell.parentElement.cells[0];
  return heading?.textContent.trim() ?? "";
}

/** Where a cell, or a row, is to be corrected. */
function addressOf(row, column) {
  const line = row.querySelector("summary .legend").textContent.trim();
  return `${row.closest("[data-file]").dataset.file}, ${line}${column ? `, column ${column}` : ""}`;
}

function showAddress(row, column) {
  const button = element("button", { type: "button", class: "small", "data-key": "y", "data-key-says": "Copy the address of the cell" }, "Copy");
  const close = element("button", { type: "button", class: "small quiet" }, "Close");
  button.addEventListener("click", () => copyText(button, address.querySelector("b")));
  close.addEventListener("click", () => letGo());
  address.replaceChildren(element("p", {}, element("b", {}, addressOf(row, column)), button, close));
}

/** Scroll the pane, and nothing else, as far as a source row needs it. */
function bringIntoPane(row) {
  const scrolled = isNarrow() ? pane : pane.closest(".side");
  const [outer, inner] = [scrolled.getBoundingClientRect(), row.getBoundingClientRect()];
  const above = inner.top - outer.top - address.offsetHeight - 8;
  const below = inner.bottom - outer.bottom + 8;
  if (above < 0 || below > 0) scrolled.scrollTop += above < 0 ? above : Math.min(above, below);
}

/** Mark source rows and the rows of tables that show them; columns mark cells. `said` stands for their address. */
export function point(places, columns, { isPane = false, said = null } = {}) {
  const key = `${places} ${columns} ${said?.textContent ?? ""}`;
  if (key === pointed) return;
  unmark();
  if (!isPane) closeOpened(places); // in the pane rows would move away under the pointer
  const folded = pane.querySelector("[data-folds]:not([open])");
  if (folded) {
    folded.open = true;
    folded.dataset.byPointer = "";
  }
  pointed = key;
  pane.classList.add("pointed");
  const rows = places.map(sourceRow).filter(Boolean);
  for (const [at, row] of rows.entries()) {
    row.classList.add("on");
    if (!isPane && !row.open && at < OPENED_MAX) {
      row.open = true;
      row.dataset.byPointer = "";
    }
    for (const name of row.querySelectorAll("dt")) {
      const isIt = columns.includes(name.textContent);
      name.classList.toggle("on", isIt);
      name.nextElementSibling.classList.toggle("on", isIt);
    }
  }
  for (const place of places) {
    for (const row of tableRows(place)) if (isPane || row.closest("table").tHead) row.classList.add("on");
  }
  if (said) address.replaceChildren(said);
  if (!rows.length) return;
  if (!said) showAddress(rows[0], rows[0].querySelector("dt.on")?.textContent ?? "");
  if (!isPane) bringIntoPane(rows[0]);
}

function unmark() {
  for (const marked of document.querySelectorAll(".whole .on")) marked.classList.remove("on");
}

/** Close what pointing opened, save the rows at these places. */
function closeOpened(places = []) {
  for (const row of pane.querySelectorAll("details[data-by-pointer]")) {
    if (places.some((place) => row.id === `row-${place}`)) continue;
    row.open = false;
    delete row.dataset.byPointer;
  }
}

/** Keep what is pointed at until somebody clicks elsewhere. */
export function holdPointing() { isHeld = true; }

function letGo() {
  isHeld = false;
  pointed = "";
  unmark();
  closeOpened();
  pane.classList.remove("pointed");
  address.replaceChildren();
}

/** Whoever requests changes means the cell that is pointed at, beside what they typed. */
function meanPointed() {
  const place = address.querySelector("b")?.textContent;
  if (!place || !about?.closest("[open]")) return;
  const typed = meant && about.value.endsWith(meant) ? about.value.slice(0, -meant.length) : about.value && `${about.value}; `;
  meant = place;
  about.value = typed + place;
}

function pointFromTable(target, { isCell = false } = {}) {
  const row = target.closest?.("[data-rows]");
  if (!row) return;
  const cell = target.closest("td");
  const isName = cell?.querySelector("a[href^='#row-']");
  point(row.dataset.rows.split(" "), isName ? [] : [columnOf(cell)]);
  row.classList.add("on");
  if (isCell) cell?.classList.add("on");
}

function pointFromPane(target) {
  const row = target.closest?.("details.row");
  if (!row) return null;
  const name = target.closest("dd")?.previousElementSibling ?? target.closest("dt");
  point([row.id.slice("row-".length)], [name?.textContent ?? ""], { isPane: true });
  return row;
}

/** The pane follows what is read: the first row of a table below the upper third of the window. */
const follow = whenQuiet(() => {
  for (const one of document.querySelectorAll(".here")) one.classList.remove("here");
  if (pointed || isNarrow()) return;
  const isRead = (row) => { const { top } = row.getBoundingClientRect(); return top > window.innerHeight * EYE && top < window.innerHeight; };
  const row = [...body.querySelectorAll("thead ~ tbody tr[data-rows]")].find(isRead);
  const found = row && window.scrollY && sourceRow(row.dataset.rows.split(" ")[0]);
  if (!found) return;
  row.classList.add("here");
  found.classList.add("here");
  bringIntoPane(found);
}, FOLLOW_MILLISECONDS);

/** Rows have one stop of the keyboard a table: arrows go on from there, down to rows, left to cells. */
function walkWithArrows(table) {
  const links = [...table.querySelectorAll("tbody a[href^='#row-']")];
  links.slice(1).forEach((link) => { link.tabIndex = -1; });
  table.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (!links.includes(target)) return;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const cells = [...target.closest("tr").cells];
      const here = cells.findLastIndex((cell) => cell.classList.contains("on"));
      const cell = cells[(here < 0 ? cells.length - 1 : here) + (key === "ArrowLeft" ? -1 : 1)];
      if (cell) pointFromTable(cell, { isCell: true });
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      const seen = links.filter((link) => !link.closest("tr").hidden);
      const other = seen[seen.indexOf(target) + (key === "ArrowDown" ? 1 : -1)];
      if (!other) return;
      target.tabIndex = -1;
      other.tabIndex = 0;
      other.focus();
    } else return;
    event.preventDefault();
  });
}

/** A long table is searched where it is. */
function makeSearchable(table) {
  const rows = [...table.querySelectorAll("tr[data-rows]")];
  const shownWith = (row) => [row, row.nextElementSibling].filter((one) => one === row || one?.matches(".more"));
  const said = element("span", { class: "legend", role: "status" });
  const title = table.closest(".table").dataset.title;
  const field = element("input", { type: "search", placeholder: `Search ${rows.length} rows`, "aria-label": `Search ${title}` });
  let texts = null;
  const search = whenQuiet(() => {
    texts ??= rows.map((row) => [row.parentElement.querySelector(".group"), ...shownWith(row)].map((one) => one?.textContent.toLowerCase()).join(" "));
    const wanted = field.value.trim().toLowerCase();
    rows.forEach((row, at) => { for (const one of shownWith(row)) one.hidden = !texts[at].includes(wanted); });
    said.textContent = wanted ? `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows` : "";
  }, TYPED_MILLISECONDS);
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && field.value) { field.value = ""; search(); event.stopPropagation(); }
  });
  table.closest(".table").before(element("p", { class: "search no-print" }, field, said));
}

/** Tell whether a mouse moved to where it is: a page that scrolls or changes under it points at nothing. */
export function isPointing(event) {
  if (event !== judged) {
    const now = placeOf(event);
    hasMoved = now !== pointer;
    [pointer, judged] = [now, event];
  }
  return hasMoved && event.pointerType === "mouse" && !isHeld && !isNarrow();
}

/** What is wider than the body scrolls in a box; its head then stays in view in there. */
function boxWideTables() {
  for (const box of body.querySelectorAll(".table:not(.boxed)")) {
    if (box.scrollWidth <= box.clientWidth + 1) continue;
    box.classList.add("boxed");
    for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", box.dataset.title]]) box.setAttribute(name, value);
  }
}

onPage((signal) => {
  [body, pane, address] = [document.querySelector(".whole .body"), document.getElementById("rows"), document.getElementById("address")];
  [isHeld, pointed, meant] = [false, "", ""];
  if (!body || !pane || !address) return;
  if (!isNarrow()) boxWideTables();
  body.addEventListener("pointerover", (event) => { if (isPointing(event)) pointFromTable(event.target); });
  pane.addEventListener("pointerover", (event) => { if (isPointing(event)) pointFromPane(event.target); });
  body.addEventListener("focusin", (event) => pointFromTable(event.target));
  pane.addEventListener("focusin", (event) => {
    const row = isNarrow() ? null : pointFromPane(event.target);
    const shown = row && [...tableRows(row.id.slice("row-".length))].find((one) => !one.hidden);
    const at = shown?.getBoundingClientRect();
    if (at && (at.top < 0 || at.bottom > window.innerHeight)) shown.scrollIntoView({ block: "center" });
  });
  pane.addEventListener("toggle", (event) => { if (event.target.open && !("byPointer" in event.target.dataset) && !isNarrow()) bringIntoPane(event.target); }, true);
  document.addEventListener("click", (event) => {
    pointer = placeOf(event);
    if (event.defaultPrevented) return;
    const row = event.target.closest("[data-rows]");
    if (row) {
      if (event.target.closest("a:not([href^='#row-'])")) return;
      if (event.target.closest("a")) event.preventDefault(); // the pane comes to the row, not the page
      pointFromTable(event.target, { isCell: true });
      isHeld = true; // else the way to the pane would point at other rows
      meanPointed();
    } else if (pane.contains(event.target)) {
      pointFromPane(event.target);
      isHeld ||= Boolean(event.target.closest("dt, dd"));
      meanPointed();
    } else if (isHeld && !event.target.closest(".decide")) letGo();
  }, { signal });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && pointed) letGo(); }, { signal });
  about = document.getElementById("sent_back_about");
  about?.closest("details").addEventListener("toggle", meanPointed);
  window.addEventListener("scroll", follow, { passive: true, signal });
  signal.addEventListener("abort", follow.stop);
  for (const table of body.querySelectorAll("table[data-row-count]")) {
    for (const cell of table.querySelectorAll("tr:not(.more) > td:nth-child(n+2)")) cell.dataset.label = columnOf(cell); // for phones
    walkWithArrows(table);
    if (Number(table.dataset.rowCount) >= SEARCHED_FROM) makeSearchable(table);
  }
});
