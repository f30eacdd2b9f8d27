// What is typed and not saved stays in this browser, and is back in its field until it is saved or thrown away. Signing out ends it.
import { element, onPage, saved } from "./web.js";

const SENT = "drafts that were sent";
let fields = [];
const keyOf = (field) => `draft ${field.dataset.draft}`;
const said = (field) => field.dataset.said ?? field.defaultValue;
const base = (field) => field.form.elements.revision;

/** Tell whether a field says something else than what is saved. */
export const isTyped = (field) => field.value !== said(field);

function keep(field) {
  if (isTyped(field)) localStorage.setItem(keyOf(field), JSON.stringify({ text: field.value, revision: base(field)?.value }));
  else localStorage.removeItem(keyOf(field));
}

function bringBack(field, { text, revision }) {
  field.value = text;
  field.closest("details")?.setAttribute("open", "");
  if (revision) base(field).value = Math.min(base(field).value, revision); // the server compares with what was read then
  const drop = element("button", { type: "button", class: "small" }, "Discard");
  const notice = element("div", { class: "notice returned" }, element("p", {}, "What you typed here and did not save is back. ", drop));
  drop.addEventListener("click", () => { field.value = said(field); keep(field); notice.remove(); field.focus(); });
  field.before(notice);
}

onPage(() => {
  fields = [...document.querySelectorAll("[data-draft]")];
  // A page that says that it went well answers what was sent.
  const sent = JSON.parse(sessionStorage.getItem(SENT) ?? "[]");
  sessionStorage.removeItem(SENT);
  if (document.querySelector("#notices .notice:is(.ok, .info)")) for (const key of sent) localStorage.removeItem(key);
  for (const field of fields) {
    const kept = JSON.parse(localStorage.getItem(keyOf(field)) ?? "null");
    if (isTyped(field)) keep(field); // a form that could not be saved
    else if (kept && kept.text !== field.value) bringBack(field, kept);
  }
});
document.addEventListener("input", ({ target }) => { if (fields.includes(target)) { keep(target); saved(target.form); } });
document.addEventListener("submit", ({ target }) => sessionStorage.setItem(SENT, JSON.stringify(fields.filter((one) => one.form === target).map(keyOf))));
/** What these forms held is saved, without a page that says so. */
export function forgetDrafts(forms) {
  sessionStorage.removeItem(SENT);
  for (const field of fields) if (forms.includes(field.form)) localStorage.removeItem(keyOf(field));
}
