// The search of every page: hits while one types, arrows go along them. Enter opens the page of all hits.
// By Ctrl+K it lists, too, what the keys of the page do and where its links lead: Enter does the first.
import { acts, element, whenQuiet } from "./web.js";

const box = document.querySelector("form.search input[type=search]");
const found = document.getElementById("found");
const count = document.getElementById("found-count");
const hits = element("div");
let asked = null;
let isActing = false;

const links = () => [...found.querySelectorAll("a, .acts button")];

/** What Ctrl+K can do of the words typed so far, and where it can go. */
function meant() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const pages = [...document.querySelectorAll(".tabs a, .menu > div :is(a, button):not(.only-small)")].map((one) => ["", `${one.matches("a") ? "Go to " : ""}${one.firstChild.textContent.trim()}`, () => one.click()]);
  const isMeant = ([key, says]) => key !== "/" && words.every((word) => says.toLowerCase().includes(word));
  return isActing && /^$|\D/.test(box.value) ? [...acts(), ...pages].filter(isMeant) : [];
}

function perform(act) {
  close();
  box.value = "";
  box.blur();
  act();
}

function showActs() {
  const list = meant().map(([key, says, act]) => {
    const button = element("button", { type: "button" }, says, key ? element("kbd", {}, key) : "");
    button.addEventListener("click", () => perform(act));
    return element("li", {}, button);
  });
  found.replaceChildren(element("ul", { class: "hits acts" }, ...list), hits);
  found.hidden = false;
  count.textContent = `${list.length} actions`;
}

function close() {
  look.stop();
  asked?.abort();
  found.hidden = true;
  isActing = false;
  count.textContent = "";
}

async function ask() {
  const words = box.value.trim();
  asked?.abort();
  hits.replaceChildren();
  found.replaceChildren(hits);
  if (isActing) showActs();
  if (!words) return isActing || close();
  asked = new AbortController();
  const query = new URLSearchParams(new FormData(box.form));
  try {
    const response = await fetch(`/search/hits?${query}`, { signal: asked.signal });
    if (!response.ok) return close(); // Enter opens the page, which says why
    hits.innerHTML = await response.text();
  } catch {
    return; // more was typed, or the network is away: Enter tells
  }
  found.hidden = false;
  count.textContent += found.querySelector("[data-count]").textContent;
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
      close();
      box.value = box.defaultValue;
      document.activeElement.blur(); // keys act again
    } else if (event.key === "Enter" && event.target === box && box.value.trim() && meant().length) {
      perform(meant()[0][2]);
    } else if (!found.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      look.now(); // else what is listed a moment later would take the focus
      go(event.key === "ArrowDown" ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    isActing = true;
    box.focus();
    box.select();
    ask();
  });
  document.addEventListener("focusin", (event) => { if (!box.form.contains(event.target)) close(); });
  document.addEventListener("pointerdown", (event) => { if (!box.form.contains(event.target)) close(); });
}
