// Keys of the list of tickets: go along the rows, choose, move.
import { keys } from "./web.js";

const rows = () => [...document.querySelectorAll("#tickets tbody tr")];
const current = () => rows().findIndex((row) => row.contains(document.activeElement));

function go(step) {
  const all = rows();
  const next = all[Math.min(Math.max(current() + step, 0), all.length - 1)];
  next?.querySelector("[data-row]").focus();
}

function choose() {
  const box = rows()[current()]?.querySelector("input[name=number]");
  if (box) box.checked = !box.checked;
}

/** Move the ticket of the focused row; the page opens at it again. */
function move(places) {
  const row = rows()[current()];
  row?.querySelector(`button[value$=":${places}"]`)?.click();
}

keys({
  j: { says: "Next row", act: () => go(1) },
  k: { says: "Previous row", act: () => go(-1) },
  x: { says: "Choose the row", act: choose },
  J: { says: "Move the ticket down in its group", act: () => move(1) },
  K: { says: "Move the ticket up in its group", act: () => move(-1) },
});

// Whoever comes back is at the row they left from.
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("#tickets a")?.closest("tr");
  if (row) history.replaceState(null, "", `#${row.id}`);
});

// What was chosen stays chosen after it was decided about; after an error all that was filled in does.
const form = document.getElementById("decisions");
const kept = `chosen in ${document.body.dataset.session}`;
document.addEventListener("submit", (event) => {
  if (!form || !event.target.matches("#decisions, .undo")) return;
  const filled = [...new FormData(form)].filter(([name]) => name !== "do");
  sessionStorage.setItem(kept, JSON.stringify({ filled, dialog: event.submitter?.closest("dialog")?.id }));
});

function fillIn() {
  const { filled, dialog } = JSON.parse(sessionStorage.getItem(kept) ?? '{"filled": []}');
  sessionStorage.removeItem(kept);
  if (filled.some(([name, value]) => name === "sheets" && value !== form.elements.sheets.value)) return; // other tickets
  const isRefused = document.querySelector("#notices .error") !== null;
  for (const [name, value] of filled) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "checkbox") field.checked ||= field.value === value && (isRefused || name === "number");
      else if (isRefused && field.type !== "hidden") field.value = value;
    }
  }
  if (!isRefused || !dialog) return;
  const box = document.getElementById(dialog);
  box.querySelector("h2").after(document.querySelector("#notices .error")); // else it would be behind
  box.showModal();
}
if (form) fillIn();

// Browsers that scroll to a row take the focus away again.
window.addEventListener("pageshow", () => {
  if (location.hash.startsWith("#ticket-")) document.getElementById(location.hash.slice(1))?.querySelector("[data-row]")?.focus();
});
