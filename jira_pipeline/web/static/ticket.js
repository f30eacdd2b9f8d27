// Page of a ticket.
import { isTyped } from "./drafts.js";
import "./editing.js";
import { notify } from "./asking.js";
import { keys, onPage } from "./web.js";

// A page that was fetched ahead may be old where somebody comes back to it.
const [loaded] = performance.getEntriesByType("navigation");
if (loaded?.type === "back_forward" && loaded.transferSize === 0) window.location.reload();
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

// A decision is about the ticket as it is saved, and refused where others changed it.
document.addEventListener("submit", (event) => {
  if (!("decides" in event.target.dataset) || ![...document.querySelectorAll(".part [data-draft]")].some(isTyped)) return;
  event.preventDefault();
  document.querySelector("dialog[open]")?.close();
  notify("You typed a text that is not saved: save or discard it, then decide.", "warn");
});

// Below the article the panel is short: what the article or the line below the title says, too, is a tap away.
const narrow = window.matchMedia("(max-width: 1100px)");
function fold() {
  const folding = document.querySelectorAll(narrow.matches ? ".side [data-folds], .side #questions > .question > details" : ".side [data-folds]");
  for (const one of folding) one.open = !narrow.matches || Boolean(one.querySelector(":target"));
}
narrow.addEventListener("change", fold);

onPage(() => {
  fold();
  for (const deciding of document.querySelectorAll(".decide details")) {
    deciding.addEventListener("toggle", () => { if (deciding.open) deciding.querySelector("input:not([type=hidden]), textarea")?.focus({ preventScroll: true }); });
  }

  // Who changed what a ticket waits for sees that.
  if (location.hash === "#dependencies") document.querySelector("#dependencies + .v details")?.setAttribute("open", "");

  // Where the list ends, its keys say so.
  const others = document.querySelector("nav[data-number]");
  for (const [key, rel, end] of [["j", "next", "last"], ["k", "prev", "first"]]) {
    if (others && !others.querySelector(`[rel=${rel}]`)) keys({ [key]: { says: rel === "next" ? "Next ticket" : "Previous ticket", act: () => notify(`This is the ${end} ticket of the list.`) } });
  }

  // Who chooses to answer is in the field of the first open question.
  document.querySelector("[data-answers]")?.addEventListener("click", (event) => {
    const field = document.querySelector(".question.open :is(textarea, a.button)");
    if (!field) return;
    event.preventDefault();
    event.target.closest("dialog").close();
    field.focus();
  });

  // Whoever said once that open questions may stay open is not asked again in this window.
  const asksOnce = document.querySelector("[data-asks-once]");
  const askedOnce = `approves with open questions in ${document.body.dataset.session}`;
  asksOnce?.form.addEventListener("submit", () => { if (asksOnce.checked) sessionStorage.setItem(askedOnce, "1"); });
  if (asksOnce && sessionStorage.getItem(askedOnce)) {
    asksOnce.checked = true;
    document.querySelector("[data-dialog=asking]").addEventListener("click", (event) => {
      event.stopPropagation();
      asksOnce.form.requestSubmit(asksOnce.form.querySelector("[name=do]"));
    });
  }
});
