// Comfort of a client's page, which works without: what is typed stays on this device until it is sent, a tap goes on,
// Next says where nothing was chosen, and a lost network is said before the page is gone.
import "./copying.js";

document.documentElement.classList.add("scripted");
const form = document.querySelector(".letter");
const cards = [...document.querySelectorAll("[data-card]")];
const key = form && `client ${form.dataset.draft}`;
const fieldsOf = (card) => [...card.querySelectorAll("[name^=choice-], [name^=text-], [name^=call-]")];
const holds = (field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked && field.value !== "" : field.value.trim() !== "");
const isAnswered = (card) => fieldsOf(card).some(holds);
const noteOf = (card) => (card ?? form).querySelector(".kept");

function say(note, words, isWarning = false) {
  note.textContent = words;
  note.classList.toggle("warn", isWarning);
}

// What several groups may do: on a phone a group a screen, and one box for all of its boxes.
const isWide = window.matchMedia("(min-width: 900px)");
const groupsOf = (card) => [...card.querySelectorAll(".roles > fieldset")];
const boxesOf = (group) => [...group.querySelectorAll("[type=checkbox][name]")];

/** Show one group of a card, or all of them where there is room. */
function showGroup(card, at = 0) {
  const groups = groupsOf(card);
  card.dataset.at = at;
  for (const [number, group] of groups.entries()) {
    group.hidden = !isWide.matches && number !== at;
    const { dataset } = group.querySelector("legend");
    if (isWide.matches) delete dataset.of;
    else dataset.of = `${number + 1} of ${groups.length}`;
  }
}

/** Go to another group of the card; answers whether there is one. */
function goAlong(card, step) {
  const at = Number(card.dataset.at ?? 0) + step;
  if (isWide.matches || !groupsOf(card)[at]) return false;
  showGroup(card, at);
  card.scrollIntoView();
  return true;
}

function mark() {
  for (const all of document.querySelectorAll("[data-all]")) all.checked = boxesOf(all.closest("fieldset")).every((box) => box.checked);
  for (const card of cards) form.querySelector(`.questions a[href="#${card.id}"]`)?.classList.toggle("answered", isAnswered(card));
}

function keep() {
  const fields = [...new FormData(form)].filter(([name]) => !name.startsWith("colleague-"));
  try {
    localStorage.setItem(key, JSON.stringify(fields));
  } catch { return false; } // a browser that keeps nothing: the fields themselves still do
  mark();
  return true;
}

/** Put what was kept into the fields: of those of one name several may be ticked. */
function bringBack() {
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (kept === null) return;
  for (const field of cards.flatMap(fieldsOf)) {
    const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = values.includes(field.value);
    else field.value = values[0] ?? ""; // a text has a name of its own
  }
  for (const card of cards) for (const details of card.querySelectorAll("details")) openIfFilled(details);
}

// What was said in it must be seen: who sends it would not know.
function openIfFilled(details) {
  const texts = [...details.querySelectorAll("textarea, input[type=text]")];
  if (details.querySelector(":checked") || texts.some(({ value }) => value)) details.open = true;
}

let isByPointer = false;
document.addEventListener("pointerdown", () => { isByPointer = true; });
document.addEventListener("keydown", () => { isByPointer = false; });

function goOn(card, radio) {
  const next = card.querySelector("a[data-next]");
  if (!isByPointer || radio.type !== "radio" || radio.value === "" || !next || card.querySelectorAll("fieldset").length > 1) return;
  setTimeout(() => { if (radio.checked) location.hash = next.hash; }, 300); // what was chosen is seen first
}

form?.addEventListener("input", ({ target }) => {
  if ("all" in target.dataset) for (const box of boxesOf(target.closest("fieldset"))) box.checked = target.checked;
  const card = target.closest("[data-card]");
  if (!card || target.name.startsWith("colleague-")) return;
  if (keep()) say(noteOf(card), `✓ Saved on this device, ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
  if (target.value === "" && target.type === "radio") card.querySelector(`[name="${target.name.replace("choice-", "text-")}"]`).focus();
  goOn(card, target);
});

form?.addEventListener("click", (event) => {
  const step = event.target.closest(".steps > *");
  if (step && goAlong(step.closest("[data-card]"), "next" in step.dataset ? 1 : -1)) {
    event.preventDefault();
    return;
  }
  const card = event.target.closest("[data-next]")?.closest("[data-card]");
  if (!card || isAnswered(card) || card.dataset.warned || "agreed" in card.dataset) return;
  event.preventDefault();
  card.dataset.warned = "true";
  say(noteOf(card), "You have not chosen anything yet. Choose an answer, or press again to go on without one.", true);
});

form?.addEventListener("submit", async (event) => {
  if (form.dataset.reached) return;
  event.preventDefault();
  const note = noteOf(event.submitter?.closest("[data-card]"));
  try {
    await fetch("?", { method: "HEAD" });
  } catch {
    say(note, "There is no network just now. Nothing is lost: what you chose is kept on this device. Try again in a moment.", true);
    return;
  }
  form.dataset.reached = "true";
  form.requestSubmit(event.submitter);
});
window.addEventListener("pageshow", () => { if (form) delete form.dataset.reached; });

if (form) {
  if ("sent" in form.dataset) localStorage.removeItem(key);
  else if (cards.length && "typed" in form.dataset) keep();
  else if (cards.length) bringBack();
  mark();
  const showGroups = () => { for (const card of cards) showGroup(card); };
  showGroups();
  isWide.addEventListener("change", showGroups);
  window.addEventListener("hashchange", showGroups);
}
