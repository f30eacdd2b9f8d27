// Names while one types `@` in a comment or an answer: arrows go along them, Enter or Tab takes one, Escape none.
import { ask, element } from "./web.js";

const SHOWN = 6;
const BEGUN = /(?:^|[^\p{L}\p{N}_@])@([^\s@]*)$/u;
const isField = (target) => target.matches?.("#comment, .answer textarea");
let names = null;
let list = null;
let field = null;

function close() {
  list?.remove();
  list = null;
  field?.removeAttribute("aria-controls");
}

async function suggest() {
  const begun = BEGUN.exec(field.value.slice(0, field.selectionStart));
  if (!begun) return close();
  names ??= ask(`/api/sessions/${document.body.dataset.session}/people`).then((answer) => answer.names);
  let known;
  try {
    known = await names;
  } catch {
    names = null; // the network is away: it is asked again
    return close();
  }
  const words = begun[1].toLowerCase();
  const found = known.filter((name) => name.toLowerCase().split(/[\s.@_-]+/).some((part) => part.startsWith(words)) || name.toLowerCase().startsWith(words));
  close();
  if (!found.length) return undefined;
  const options = found.slice(0, SHOWN).map((name, index) => element("li", { role: "option", "aria-selected": index === 0 ? "true" : "false" }, name));
  const said = element("p", { class: "unseen", role: "status" }, `${options.length} names, Enter takes ${options[0].textContent}`);
  list = element("div", { class: "names" }, element("ul", { id: "names", role: "listbox", "aria-label": "People" }, ...options), said);
  field.after(list);
  list.querySelector("ul").scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-controls", "names");
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("li");
    event.preventDefault(); // the field keeps the focus
    if (option) take(option.textContent);
  });
  return undefined;
}

function take(name) {
  const before = field.value.slice(0, field.selectionStart).replace(/@[^\s@]*$/, `@${name} `);
  field.setRangeText(before, 0, field.selectionStart, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  close();
}

function go(step) {
  const options = [...list.querySelectorAll("li")];
  const now = options.findIndex((one) => one.ariaSelected === "true");
  const next = options[(now + step + options.length) % options.length];
  options[now].ariaSelected = "false";
  next.ariaSelected = "true";
  list.querySelector("[role=status]").textContent = next.textContent;
}

document.addEventListener("input", (event) => {
  if (!isField(event.target)) return;
  field = event.target;
  suggest();
});

document.addEventListener("keydown", (event) => {
  if (!list || event.target !== field || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") go(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" || event.key === "Tab") take(list.querySelector("[aria-selected=true]").textContent);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
