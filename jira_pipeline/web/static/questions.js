// Keys of the questions page: j and k go from question to question, a accepts what is suggested, t takes over what is proposed,
// digits choose, e answers. Whoever answers by keys goes on at the next question: in its field, unless it has choices.
import { keys } from "./web.js";

const CHOICES_MAX = 9;
const questions = [...document.querySelectorAll(".question")];
let here = questions.findIndex((one) => `#${one.id}` === window.location.hash);

function go(step) {
  if (!questions.length) return;
  here = Math.min(Math.max(here + step, 0), questions.length - 1);
  const question = questions[here];
  question.tabIndex = -1;
  question.focus();
  question.scrollIntoView({ block: "center" });
}

/** Press a button of the question one is at. */
function press(button) {
  if (!button) return;
  sessionStorage.setItem("answering", "by keys");
  button.click();
}

function answer() {
  if (here < 0) go(1);
  const question = questions[here];
  const more = question?.querySelector("details:has(.answer)");
  if (more) more.open = true;
  question?.querySelector("textarea")?.focus();
}

// An answer leads to the question after it, once the browser has gone to the place in the address: that moves the focus, too.
window.addEventListener("load", () => {
  const isByKeys = sessionStorage.getItem("answering") !== null;
  sessionStorage.removeItem("answering");
  if (here >= 0 || isByKeys) go(here >= 0 ? 0 : 1);
  if (isByKeys && questions[here]?.matches(".open:not(:has(.choices, .suggested))")) answer();
});

document.addEventListener("focusin", (event) => {
  const found = questions.indexOf(event.target.closest(".question"));
  if (found >= 0) here = found;
});

function dismiss() {
  const instead = questions[here]?.querySelector(".instead details");
  if (instead) instead.open = true;
}

keys({
  j: { says: "Next question", act: () => go(1) },
  k: { says: "Previous question", act: () => go(-1) },
  a: { says: "Accept the suggested answer", act: () => press(questions[here]?.querySelector("button[value=accept]")) },
  ...(document.querySelector(".take") && { t: { says: "Take over the proposed answer", act: () => press(questions[here]?.querySelector(".take")) } }),
  e: { says: "Answer; Ctrl+Enter sends it", act: answer },
  n: { says: "Not relevant", act: dismiss },
});
for (let number = 1; number <= CHOICES_MAX; number += 1) {
  const choose = () => press(questions[here]?.querySelectorAll(".choices button")[number - 1]);
  if (questions.some((one) => one.querySelectorAll(".choices button").length >= number)) keys({ [number]: { says: `Choose answer ${number}`, act: choose } });
}
