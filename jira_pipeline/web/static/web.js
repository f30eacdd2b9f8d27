// Comfort of every page: what a page needs to work is in its forms. Marks in the HTML say what to do:
//   data-confirm="question"     a form asks before it is sent
//   data-submit-on-change       a form is sent when a choice in it changes
//   data-key="r"                a link or button that a key works; `?` lists them by data-key-says or their words
//   data-choose-all="name"      a box that ticks every box of that name in its form
//   data-dialog="id"            a button that opens the dialog of that id
//   data-close                  a button that closes the dialog it is in
//   data-busy="words"           a link or button whose answer takes long; the words are shown meanwhile
//   data-shows-keys             a button that lists the keys
//   data-unsaved                a form whose changes are not lost without a question
import { isReached, sayAway } from "./away.js";
import "./copying.js";

const SAID_AFTER_MILLISECONDS = 300;
const SAID_FOR_MILLISECONDS = 5000;
const ASK_AGAIN_MILLISECONDS = 5000;
const LEAVING_MILLISECONDS = 5000;
const ASKED_FOR = "asked for";

document.documentElement.classList.add("scripted");

/** Make an element; children are nodes or text, and text is never HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const unsaved = new Set(); // forms
const setUps = [];
let shown = new AbortController();
/** Set a page up, now and whenever a script puts another in its place; `signal` ends what listens to the one that goes. */
export function onPage(setUp) {
  setUps.push(setUp);
  setUp(shown.signal);
}

/** Set up what was put in the place of a page. */
export function begin() {
  shown.abort();
  shown = new AbortController();
  known.clear();
  unsaved.clear();
  for (const setUp of setUps) setUp(shown.signal);
}

/** Run `act` once its caller has been quiet for so long. The result has `now()` and `stop()`. */
export function whenQuiet(act, milliseconds) {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { timer = 0; act(); }, milliseconds);
  };
  later.now = () => { if (timer) { clearTimeout(timer); timer = 0; act(); } };
  later.stop = () => { clearTimeout(timer); timer = 0; };
  return later;
}

/** Let keys act: `keys({ j: { says: "Next ticket", act() {…} } })`. Not while somebody types. */
export function keys(wanted) {
  for (const [key, entry] of Object.entries(wanted)) known.set(key, entry);
}

const known = new Map();
let leavings = 0; // what is pressed meanwhile would be for a page that nobody sees yet
let last = Promise.resolve();
/** Do that once what was begun before is done; no key acts until then. */
export function whileLeaving(work) {
  leavings += 1;
  last = last.finally(work).finally(() => { leavings -= 1; });
}
window.addEventListener("beforeunload", () => {
  leavings += 1;
  setTimeout(() => { leavings -= 1; }, LEAVING_MILLISECONDS); // a file was sent
});
const isTyping = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || leavings) return;
  if (document.querySelector("dialog[open]") && event.key !== "?") return;
  const marked = document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not(:disabled)`);
  if (known.has(event.key)) {
    event.preventDefault();
    known.get(event.key).act(event);
  } else if (marked) {
    event.preventDefault();
    if (!event.repeat || !marked.matches("button")) press(marked); // a key that is held decides once
  } else if (event.key === "?") {
    event.preventDefault();
    showKeys();
  }
});

/** Show what is folded away, so that a key can act on it. */
function reveal(marked) {
  const around = marked.matches("summary") ? marked.parentElement.parentElement : marked;
  around.closest("details:not([open])")?.setAttribute("open", "");
  if (!marked.checkVisibility()) marked.closest("[popover]")?.showPopover();
}

function press(marked) {
  reveal(marked);
  if (marked.matches("input:not([type=checkbox]), textarea, select")) marked.focus();
  else marked.click();
  // Its `toggle` comes later than the next key of whoever types quickly, which would act.
  if (marked.matches("summary") && marked.parentElement.open) marked.parentElement.querySelector("input:not([type=hidden]), textarea")?.focus({ preventScroll: true });
}

/** What keys do on this page: key, words, and doing it. */
export function acts() {
  const marked = [...document.querySelectorAll("[data-key]:not(:disabled)")].map((one) => [one.dataset.key, one.dataset.keySays ?? one.textContent.trim(), () => press(one)]);
  return [...marked, ...[...known].map(([key, entry]) => [key, entry.says, entry.act])];
}

function showKeys() {
  document.getElementById("keys")?.remove();
  const rows = [...acts(), ["Ctrl K", "Do any of these, or go to a page"], ["?", "This list"]];
  const list = rows.map(([key, says]) => element("tr", {}, element("td", {}, element("kbd", {}, key)), element("td", {}, says)));
  const close = element("button", { class: "primary", autofocus: true }, "Close");
  const dialog = element("dialog", { id: "keys", "aria-labelledby": "keys-title" }, element("h2", { id: "keys-title" }, "Keyboard shortcuts"), element("table", {}, element("tbody", {}, ...list)), close);
  close.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !reached.has(event.target) && !window.confirm(question)) event.preventDefault();
});

// What no other script sends is sent once the server is known to be there: else the page, and what was typed, would be gone.
const reached = new Set();
window.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented) return;
  if (form.method === "post" && !reached.has(form)) {
    event.preventDefault();
    if (form.ariaBusy) return; // pressed twice
    form.ariaBusy = "true";
    const isThere = await isReached();
    form.ariaBusy = null;
    if (!isThere) return sayAway({ pressed: true });
    if (!form.isConnected) { form.hidden = true; document.body.append(form); } // what is live took its place: it would send nothing
    reached.add(form);
    form.requestSubmit(submitter);
    reached.delete(form);
    return;
  }
  saved(form);
  if (submitter?.matches("[data-busy]")) beBusy(submitter);
  if (form.action.endsWith("/sign-out")) localStorage.clear(); // what is left is of somebody else
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-submit-on-change") && event.target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit();
  if (event.target.dataset.chooseAll) for (const box of form.querySelectorAll(`[name=${event.target.dataset.chooseAll}]`)) box.checked = event.target.checked;
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  event.target.closest?.("[data-close]")?.closest("dialog").close();
  const link = event.target.closest?.("a[data-busy]");
  if (link) beBusy(link);
  if (event.target.closest?.("[data-shows-keys]")) showKeys();
  const menu = document.querySelector(".menu[open], .decide details[open]");
  const isPlace = menu?.closest(".decide") && event.target.closest("[data-rows], #rows"); // of what changes are requested
  if (menu && !menu.contains(event.target) && !isPlace) menu.open = false;
});
// Escape leaves a field that a key led to, so that keys act again; what was typed stays.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && isTyping(event.target) && event.target.matches("[data-key]")) event.target.blur();
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.(".menu[open], .decide details[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/** Say that an answer takes long, where it was asked for, to screen readers, and by a bar that moves. Answers what ends it. */
export function beBusy(asked) {
  const words = asked.textContent;
  const bar = element("progress", { class: "busy", "aria-label": asked.dataset.busy || words });
  const end = () => { asked.ariaBusy = null; asked.textContent = words; bar.remove(); };
  window.addEventListener("pageshow", end, { once: true }); // who comes back
  asked.ariaBusy = "true";
  if (asked.dataset.busy) document.getElementById("said").textContent = asked.textContent = asked.dataset.busy;
  document.body.append(bar);
  return end;
}

// Enter in a dialog does what the dialog is for, whatever form is around it.
document.addEventListener("keydown", (event) => {
  const dialog = event.target.closest?.("dialog");
  if (event.key !== "Enter" || !dialog || !event.target.matches("input")) return;
  event.preventDefault();
  dialog.querySelector("button.primary")?.click();
});

// What a form asked for is asked for again where the page says so, as long as somebody looks at it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-starts") || event.defaultPrevented) return;
  sessionStorage.setItem(ASKED_FOR, JSON.stringify({ action: form.action, fields: [...new FormData(form)] }));
});

function askAgain({ action, fields }) {
  if (unsaved.size) return;
  const inputs = fields.map(([name, value]) => element("input", { type: "hidden", name, value }));
  const form = element("form", { method: "post", action, "data-starts": "", hidden: true }, ...inputs);
  document.body.append(form);
  form.requestSubmit();
}

onPage((signal) => {
  const asked = document.querySelector("[data-asked-again]") && sessionStorage.getItem(ASKED_FOR);
  if (asked) setTimeout(() => { if (!signal.aborted) askAgain(JSON.parse(asked)); }, ASK_AGAIN_MILLISECONDS);
});

// An address says only what was chosen.
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

document.addEventListener("input", (event) => {
  const { form } = event.target;
  if (form?.hasAttribute("data-unsaved")) unsaved.add(form);
});
/** A form is saved: leaving the page asks nothing. */
export function saved(form) { unsaved.delete(form); }
/** Ask whether what is typed and nowhere kept may go. */
export const mayLeave = () => !unsaved.size || window.confirm("Leave without saving what you changed here?");
window.addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });

// Screen readers say what changes in a live region, not what a page begins with.
onPage(() => {
  const said = document.getElementById("said");
  if (!said) return;
  setTimeout(() => { said.textContent = [...document.querySelectorAll("#notices .notice p, [data-said] p")].map((one) => one.textContent).join(" "); }, SAID_AFTER_MILLISECONDS);
  setTimeout(() => { said.textContent = ""; }, SAID_FOR_MILLISECONDS); // else it is there twice for whoever reads on
});
