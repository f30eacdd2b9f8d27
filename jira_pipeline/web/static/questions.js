// Keys of the questions page: j and k go from question to question, a accepts what is suggested, e answers.
import { keys } from "./web.js";

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

if (here >= 0) go(0); // an answer leads to the question after it

keys({
  j: { says: "Next question", act: () => go(1) },
  k: { says: "Previous question", act: () => go(-1) },
  a: { says: "Accept the suggested answer", act: () => questions[here]?.querySelector("button[value=accept]")?.click() },
  e: {
    says: "Answer",
    act: () => {
      const question = questions[here];
      const more = question?.querySelector("details");
      if (more) more.open = true;
      question?.querySelector("textarea")?.focus();
    },
  },
});
