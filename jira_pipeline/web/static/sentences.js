// Each sentence knows where it comes from: pointed at or focused, it shows its cells, its model or its author.
import { holdPointing, isPointing, point } from "./ticket_body.js";
import { ask, notify, notifyProblem } from "./asking.js";
import { element, keys, onPage } from "./web.js";

const CELLS_NAMED = 5;
const session = document.body.dataset.session;
let [body, pane] = [];
let sources = new Map(); // by the element of the sentence
let loading = null;
let current = null; // the sentence that is shown

/** The text of a sentence as the server has it: without lists in it, spaces as one. */
function textOf(item) {
  const own = item.cloneNode(true);
  for (const inner of own.querySelectorAll("ul, ol")) inner.remove();
  return own.textContent.replace(/\s+/g, " ").trim();
}

/** Ask once, when somebody first wants to know. */
function load() {
  const asked = body;
  loading ??= ask(`/api/sessions/${session}/tickets/${body.dataset.number}/sentences`).then((found) => {
    if (asked !== body) return; // another ticket is shown
    const byText = new Map(found.map((one) => [one.text, one]));
    for (const item of body.querySelectorAll("li, p")) {
      if (item.closest("table, .part, .origin") || item.querySelector(":scope > p")) continue;
      const source = byText.get(textOf(item));
      if (!source) continue;
      sources.set(item, source);
      item.tabIndex = -1;
    }
  });
  loading.catch(() => { loading = null; });
  return loading;
}

const shownSentences = () => [...sources.keys()].filter((item) => item.getClientRects().length);
const takingBack = (source) => document.querySelector(`#changes [data-change="${source?.change}"] button`);

/** Say where a sentence comes from. */
function said(source) {
  if (source.change) {
    const button = element("button", { type: "button", class: "small" }, "Undo");
    button.addEventListener("click", () => takingBack(source).click());
    const words = element("span", {}, element("b", {}, "A model wrote it."), source.warning && ` Not proven: ${source.warning}`);
    return element("p", {}, words, takingBack(source) ? button : "");
  }
  if (source.by) return element("p", {}, element("span", {}, element("b", {}, source.by), ` wrote it, ${source.at.slice(0, 16).replace("T", " ")} UTC.`));
  const named = source.cells.slice(0, CELLS_NAMED).map((cell) => element("li", {}, cell.column ? `${cell.place}, ${cell.column}` : cell.place));
  const more = source.cells.length - named.length;
  return element("div", { class: "rests" }, element("b", {}, "It rests on"), element("ul", {}, ...named, more > 0 ? element("li", {}, `and ${more} more`) : ""));
}

function show(item) {
  const source = sources.get(item);
  const rowOf = (cell) => pane.querySelector(`[data-file="${CSS.escape(cell.file)}"] [data-line="${cell.line}"]`);
  const rows = source.cells.map(rowOf).filter(Boolean).map((row) => row.id.slice("row-".length));
  point([...new Set(rows)], source.cells.map((cell) => cell.column), { said: said(source) });
  item.classList.add("on");
  current = item;
}

/** Go to the sentence that is read: the first that ends below the upper third of the window. */
function goToSentence() {
  const all = shownSentences();
  const item = all.find((one) => one.getBoundingClientRect().bottom > Math.min(window.scrollY, window.innerHeight / 3)) ?? all.at(-1);
  if (item) item.focus();
  else notify("No sentence here comes from cells, a model or a person.");
}

onPage(() => {
  [body, pane] = [document.querySelector(".whole .body[data-number]"), document.getElementById("rows")];
  [sources, loading, current] = [new Map(), null, null];
  if (!body) return;
  body.addEventListener("pointerover", async (event) => {
    const item = event.target.closest("li, p");
    if (!item || item.closest("table, .part") || !isPointing(event)) return;
    try {
      await load();
    } catch {
      return; // `w` says why
    }
    if (sources.has(item) && item.matches(":hover")) show(item);
  });
  body.addEventListener("click", (event) => {
    const item = event.target.closest("li, p");
    if (!sources.has(item) || event.target.closest("a")) return;
    event.preventDefault(); // else the click would let go of it
    show(item);
    holdPointing();
  });
  body.addEventListener("focusin", (event) => { if (sources.has(event.target)) show(event.target); });
  body.addEventListener("keydown", (event) => {
    if (!sources.has(event.target) || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    const all = shownSentences();
    all[all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  });
  keys({ w: { says: "Where the sentence comes from; arrows go on", act: () => load().then(goToSentence, notifyProblem) } });
  if (document.querySelector("#changes [data-change] button")) {
    keys({ t: { says: "Undo what a model wrote", act: () => takingBack(sources.get(current))?.click() } });
  }
});
