// The search of every page: hits while one types, arrows go along them. Enter opens the page of all hits.
import { whenQuiet } from "./web.js";

const box = document.querySelector("form.search input[type=search]");
const found = document.getElementById("found");
const count = document.getElementById("found-count");
let asked = null;

const links = () => [...found.querySelectorAll("a")];

function close() {
  look.stop();
  asked?.abort();
  found.hidden = true;
  count.textContent = "";
}

async function ask() {
  const words = box.value.trim();
  asked?.abort();
  if (!words) return close();
  asked = new AbortController();
  const query = new URLSearchParams(new FormData(box.form));
  try {
    const response = await fetch(`/search/hits?${query}`, { signal: asked.signal });
    if (!response.ok) return close(); // Enter opens the page, which says why
    found.innerHTML = await response.text();
  } catch {
    return; // more was typed, or the network is away: Enter tells
  }
  found.hidden = false;
  count.textContent = found.querySelector("[data-count]").textContent;
}

const look = whenQuiet(ask, 120);

function go(step) {
  const all = links();
  const next = all.indexOf(document.activeElement) + step;
  if (next < 0) box.focus();
  else all[Math.min(next, all.length - 1)]?.focus();
}

if (box) {
  box.addEventListener("input", look);
  box.addEventListener("focus", () => { if (box.value.trim() && found.hidden) look(); });
  box.form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (document.activeElement !== box) box.focus();
      else if (!found.hidden) close();
      else box.blur(); // keys act again
    } else if (!found.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      go(event.key === "ArrowDown" ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  document.addEventListener("focusin", (event) => { if (!box.form.contains(event.target)) close(); });
  document.addEventListener("pointerdown", (event) => { if (!box.form.contains(event.target)) close(); });
}
