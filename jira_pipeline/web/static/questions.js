// The questions page: what is answered is sent without loading the page, and keys go from question to question. j and k go along,
// a accepts what is suggested, t takes over what is proposed, digits choose, e answers. Whoever answers by keys is at the next
// question at once: in its field, unless it has choices.
import { forgetDrafts } from "./drafts.js";
import { notifyProblem } from "./asking.js";
import { keys, saved } from "./web.js";

const CHOICES_MAX = 9;
const UNDO_MILLISECONDS = 60_000; // as long as the server keeps what takes an answer back
const questions = [...document.querySelectorAll(".question")];
let here = questions.findIndex((one) => `#${one.id}` === window.location.hash);

function go(step) {
  if (!questions.length) return;
  here = Math.min(Math.max(here + step, 0), questions.length - 1);
  const question = questions[here];
  for (const one of questions) unfold(one, one === question);
  question.tabIndex = -1;
  question.focus();
  question.scrollIntoView({ block: "center" });
}

/** Show all of a question, or its line alone. */
function unfold(question, isOpen) {
  const folded = question.querySelector(":scope > details");
  if (folded) folded.open = isOpen;
}

/** Press a button of the question one is at. */
function press(button) {
  if (!button) return;
  button.form.dataset.byKeys = "";
  button.click();
}

function answer() {
  if (here < 0) go(1);
  const question = questions[here];
  for (const more of question?.querySelectorAll("details:has(.answer)") ?? []) more.open = true;
  const field = question?.querySelector("textarea");
  if (field) field.focus();
  else question?.querySelector("a.button")?.click();
}

let last = Promise.resolve(); // answers are kept in the order in which they were given
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = form.closest(".question");
  if (!question || event.defaultPrevented || form.matches(".undo")) return;
  event.preventDefault();
  if (question.ariaBusy) return;
  question.ariaBusy = "true";
  const body = new FormData(form, event.submitter);
  if ("byKeys" in form.dataset) {
    delete form.dataset.byKeys;
    go(1);
    if (questions[here].matches(".open:not(:has(.choices, a.button))")) answer();
  }
  last = last.then(() => send(question, form, body)).catch(notifyProblem).finally(() => { question.ariaBusy = null; });
});

async function send(question, form, body) {
  const response = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html; of=question" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const [counts, now] = [page.querySelectorAll("[data-left]"), page.querySelector(".question")];
  if (!counts.length) { window.location.reload(); return; } // signed out, or asked no more
  saved(form);
  const isHere = question.contains(document.activeElement);
  for (const old of document.querySelectorAll(".question .undo [data-key]")) { delete old.dataset.key; old.querySelector("kbd").remove(); } // `u` is of the last one
  now.prepend(...page.querySelectorAll(".notice"));
  questions[questions.indexOf(question)] = now;
  question.replaceWith(now);
  if (isHere) { now.tabIndex = -1; now.focus({ preventScroll: true }); }
  const undo = now.querySelector(".undo");
  if (undo) setTimeout(() => undo.remove(), UNDO_MILLISECONDS);
  forgetDrafts(now.matches(".open") ? [] : [form]);
  document.getElementById("said").textContent = now.querySelector(".notice p")?.textContent ?? "";
  for (const count of counts) {
    for (const shown of document.querySelectorAll(`[data-left="${count.dataset.left}"]`)) {
      shown.textContent = count.textContent;
      shown.closest(".tag")?.toggleAttribute("hidden", count.textContent === "0");
    }
  }
}

// Without a script an answer leads to the question after it; so does a link.
window.addEventListener("load", () => { if (here >= 0) go(0); });

document.addEventListener("focusin", (event) => {
  const found = questions.indexOf(event.target.closest(".question"));
  if (found >= 0) here = found;
});

function ask(whom) {
  press(questions[here]?.querySelector(`button[value="ask ${whom}"]`));
}

function dismiss() {
  const instead = questions[here]?.querySelector(".instead details");
  if (instead) instead.open = true;
}

keys({
  j: { says: "Next question", act: () => go(1) },
  k: { says: "Previous question", act: () => go(-1) },
  a: { says: "Accept the suggested answer", act: () => press(questions[here]?.querySelector("button[value=accept]")) },
  ...(document.querySelector(".take") && { t: { says: "Accept the proposed answer", act: () => press(questions[here]?.querySelector(".take")) } }),
  e: { says: "Answer; Ctrl+Enter sends it", act: answer },
  n: { says: "Not relevant", act: dismiss },
  o: { says: "Ask ourselves", act: () => ask("agency") },
  c: { says: "Ask the client", act: () => ask("client") },
  d: { says: "Ask a developer", act: () => ask("developer") },
});
for (let number = 1; number <= CHOICES_MAX; number += 1) {
  const choose = () => press(questions[here]?.querySelectorAll(".choices button")[number - 1]);
  if (questions.some((one) => one.querySelectorAll(".choices button").length >= number)) keys({ [number]: { says: `Choose answer ${number}`, act: choose } });
}
