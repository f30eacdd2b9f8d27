// Texts that were typed and not saved: they stay in this browser, and each is back in its field until it is saved or thrown away. Signing out ends it.
import { notify } from "./asking.js";
import { element, onPage, saved } from "./web.js";

const SENT = "drafts that were sent";
const HERE = (sessionStorage["this window"] ??= `${Date.now()} ${Math.random()}`); // a text of another window takes the place of none
const known = new Map(); // by key: what this window kept or brought back last, in whichever window it was typed
let fields = [];
const keyOf = (field) => `draft ${field.dataset.draft}`;
const said = (field) => field.dataset.said ?? field.defaultValue;
const base = (field) => field.form.elements.revision;

/** Tell whether a field says something else than what is saved. */
export const isTyped = (field) => field.value !== said(field);

const kept = (key) => JSON.parse(localStorage.getItem(key) ?? "null");

function keep(field) {
  const [key, before] = [keyOf(field), kept(keyOf(field))];
  if (before && (before.window ?? HERE) !== HERE && ![field.value, known.get(key)].includes(before.text)) localStorage.setItem(`${key} elsewhere`, JSON.stringify(before));
  if (isTyped(field)) localStorage.setItem(key, JSON.stringify({ text: field.value, revision: base(field)?.value, window: HERE }));
  else drop(key, known.get(key));
  known.set(key, field.value);
}

/** Forget a text of this window, or one that it had as well. */
function drop(key, text) {
  const before = kept(key);
  if ((before?.window ?? HERE) === HERE || before.text === text) localStorage.removeItem(key);
}

/** Show the text of another window beside this one, to copy from. */
function showOther(field) {
  const other = kept(`${keyOf(field)} elsewhere`);
  if (!other || other.text === field.value) return;
  const gone = element("button", { type: "button", class: "small" }, "Discard it");
  const notice = element("div", { class: "notice warn returned" }, element("p", {}, "You typed another text in another window. Both are kept. ", gone), element("pre", { class: "text", tabindex: "0" }, other.text));
  gone.addEventListener("click", () => { localStorage.removeItem(`${keyOf(field)} elsewhere`); notice.remove(); field.focus(); });
  field.before(notice);
}

function bringBack(field, { text, revision }) {
  field.value = text;
  known.set(keyOf(field), text);
  field.closest("details")?.setAttribute("open", "");
  if (revision) base(field).value = Math.min(base(field).value, revision); // the server compares with what was read then
  const discard = element("button", { type: "button", class: "small" }, "Discard");
  const notice = element("div", { class: "notice returned" }, element("p", {}, "What you typed here and did not save is back. ", discard));
  discard.addEventListener("click", () => { field.value = said(field); localStorage.removeItem(keyOf(field)); notice.remove(); field.focus(); });
  field.before(notice);
}

onPage(() => {
  fields = [...document.querySelectorAll("[data-draft]")];
  // A page that says that it went well answers what was sent.
  const sent = JSON.parse(sessionStorage.getItem(SENT) ?? "[]");
  sessionStorage.removeItem(SENT);
  if (document.querySelector("#notices .notice:is(.ok, .info)")) for (const [key, text] of sent) drop(key, text);
  for (const field of fields) {
    const before = kept(keyOf(field));
    if (isTyped(field)) keep(field); // a form that could not be saved
    else if (before && before.text !== field.value) bringBack(field, before);
    showOther(field);
  }
});
document.addEventListener("input", ({ target }) => { if (fields.includes(target)) { keep(target); saved(target.form); } });
document.addEventListener("submit", ({ target }) => sessionStorage.setItem(SENT, JSON.stringify(fields.filter((one) => one.form === target).map((one) => [keyOf(one), one.value]))));
/** What these forms held is saved, without a page that says so. */
export function forgetDrafts(forms) {
  sessionStorage.removeItem(SENT);
  for (const field of fields) if (forms.includes(field.form)) drop(keyOf(field), field.value);
}
window.addEventListener("storage", ({ key, newValue }) => {
  const field = newValue && fields.find((one) => keyOf(one) === key && isTyped(one) && JSON.parse(newValue).text !== one.value);
  if (field) notify("You are typing in this part in another window, too. Nothing is lost: each keeps its text.", "warn");
});
