// Edits where one looks: the field of a part comes to its text in the ticket. Ctrl+Enter saves, Escape discards.
import { isTyped } from "./drafts.js";
import { element, onPage } from "./web.js";

const SEEN_PIXELS = 40; // of a part, below the line that stays in view: two lines of text
const MARKS = [["Bold", "**", "**"], ["Code", "`", "`"], ["Link", "[", "](https://)"], ["List", "- "], ["Checklist", "- [ ] "]];
let body = null;
let form = null;
let headings = [];

const boxOf = (name) => document.querySelector(`.part[data-part="${name}"]`);
const fieldOf = (box) => box.querySelector("[data-draft]");
const headingOf = (name) => headings.find((one) => one.dataset.part === name);
const isInPlace = (box) => box.classList.contains("in-place");

/** The text of a part as the ticket shows it. */
function textOf(heading) {
  const found = [];
  for (let one = heading.nextElementSibling; one && one.tagName !== "H3"; one = one.nextElementSibling) {
    if (!one.matches(".part, .edits")) found.push(one);
  }
  return found;
}

/** Put marks of Markdown around what is selected, or before each of its lines. */
function mark(field, before, after) {
  field.focus();
  const { value, selectionEnd } = field;
  const start = after ? field.selectionStart : value.slice(0, field.selectionStart).lastIndexOf("\n") + 1;
  const chosen = value.slice(start, selectionEnd);
  field.setSelectionRange(start, selectionEnd);
  document.execCommand("insertText", false, after ? before + chosen + after : chosen.replace(/^/gm, before)); // Ctrl+Z takes it back
  if (after) field.setSelectionRange(start + before.length, start + before.length + chosen.length);
}

function marksFor(field) {
  const bar = element("div", { class: "actions marks", role: "group", "aria-label": "Markdown" });
  for (const [words, before, after] of MARKS) {
    const button = element("button", { type: "button", class: "small quiet" }, words);
    button.addEventListener("click", () => mark(field, before, after));
    bar.append(button);
  }
  return bar;
}

/** Put the field of a part in the place of its text; one without a text comes after the ticket, a title below the title. */
function bring(name) {
  const box = boxOf(name);
  if (!box) return null;
  const heading = headingOf(name);
  if (!isInPlace(box)) {
    box.classList.add("in-place");
    const field = fieldOf(box);
    if (field.matches("textarea")) field.before(marksFor(field));
    const save = element("button", { form: "editing", class: "small primary" }, "Save");
    const discard = element("button", { type: "button", class: "small quiet" }, "Discard");
    discard.addEventListener("click", () => putBack(name));
    box.querySelector(".hint").after(element("div", { class: "actions ends" }, save, discard));
    if (heading) heading.parentElement.querySelector(`.edits[data-edits="${name}"]`).after(box);
    else if (name === "title") document.querySelector("#notices").after(box);
    else body.after(box);
  }
  if (heading) for (const one of textOf(heading)) one.hidden = true;
  return box;
}

/** Take what was typed back, once that is meant, and show the text of the part again. */
function putBack(name) {
  const box = boxOf(name);
  const field = fieldOf(box);
  if (isTyped(field) && !window.confirm(`Discard your text of “${box.querySelector("label").textContent}”?`)) return;
  field.value = field.dataset.said;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.blur();
  const heading = headingOf(name);
  if (heading) for (const one of textOf(heading)) one.hidden = false;
  box.classList.remove("in-place");
  for (const one of box.querySelectorAll(".marks, .ends, .returned, .preview")) one.remove();
  form.insertBefore(box, form.querySelector(":scope > .actions"));
  document.querySelector(`.edits[data-edits="${name}"]`)?.focus({ preventScroll: true });
}

function edit(name) {
  const box = bring(name);
  const field = box && fieldOf(box);
  field?.focus({ preventScroll: true });
  field?.setSelectionRange(field.value.length, field.value.length); // one goes on after what is there
  field?.scrollIntoView({ block: "nearest" });
}

/** The first part that is in view. */
function partInView() {
  const top = Math.max(document.querySelector(".ticket-head").getBoundingClientRect().bottom, 0) + SEEN_PIXELS;
  const bottomOf = (heading) => {
    const box = boxOf(heading.dataset.part);
    return Math.max(...[heading, ...(box && isInPlace(box) ? [box] : textOf(heading))].map((one) => one.getBoundingClientRect().bottom));
  };
  return (headings.find((heading) => bottomOf(heading) > top) ?? headings.at(-1))?.dataset.part ?? "notes";
}

function opener(name, words, label) {
  const button = element("button", { type: "button", class: "small quiet edits no-print", "data-edits": name, "aria-label": label }, words);
  button.addEventListener("click", () => edit(name));
  return button;
}

onPage((signal) => {
  body = document.querySelector(".whole .body");
  form = document.getElementById("editing");
  headings = body ? [...body.querySelectorAll("h3[data-part]")] : [];
  if (!body || !form?.querySelector("button.primary")) return;
  for (const heading of headings) heading.after(opener(heading.dataset.part, "Edit", `Edit ${heading.textContent}`));
  const absent = [...form.querySelectorAll(".part")].filter((box) => box.dataset.part !== "title" && !headingOf(box.dataset.part)).filter((box) => box.dataset.part !== "questions" || !document.getElementById("questions")); // those that are answered beside the text
  const adding = absent.map((box) => opener(box.dataset.part, `Add ${box.querySelector("label").textContent.toLowerCase()}`));
  body.after(element("p", { class: "actions" }, ...adding, opener("title", "Edit title")));
  const isAsked = new URLSearchParams(window.location.search).has("edit");
  for (const box of form.querySelectorAll(".part")) if (isTyped(fieldOf(box))) bring(box.dataset.part);
  document.getElementById("edit").hidden = true; // each part is edited in its place: one editor
  document.querySelector(".conflict")?.scrollIntoView();
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".part");
    const isSaved = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const isLeft = event.key === "Escape" && box?.matches(".in-place");
    if (!box || !(isSaved || isLeft)) return;
    event.preventDefault();
    if (isSaved) form.requestSubmit();
    else putBack(box.dataset.part);
  }, { signal });
  document.addEventListener("click", (event) => {
    const wanted = event.target.closest?.("[data-opens=edit]");
    if (!wanted) return;
    event.preventDefault();
    wanted.closest("[popover]")?.hidePopover();
    edit(partInView());
  }, { signal });
  if (isAsked) edit(partInView());
});
