// Keys of the list of tickets: go along the rows, choose, move.
import { countChosen, keys } from "./web.js";

const rows = () => [...document.querySelectorAll("#tickets tbody tr")];
const current = () => rows().findIndex((row) => row.contains(document.activeElement));

function go(step) {
  const all = rows();
  const next = all[Math.min(Math.max(current() + step, 0), all.length - 1)];
  next?.querySelector("[data-row]").focus();
}

function choose() {
  const box = rows()[current()]?.querySelector("input[name=number]");
  if (!box) return;
  box.checked = !box.checked;
  countChosen();
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

// The page of a ticket goes on in this list, in its order, and leads back to it.
try {
  const numbers = rows().map((row) => Number(row.id.replace("ticket-", "")));
  sessionStorage.setItem(`list of ${document.body.dataset.session}`, JSON.stringify({ address: location.pathname + location.search, numbers }));
} catch {
  // without storage the page of a ticket goes on in the order of building
}

if (location.hash.startsWith("#ticket-")) document.getElementById(location.hash.slice(1))?.querySelector("[data-row]")?.focus();
