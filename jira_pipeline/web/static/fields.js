// Fields of tickets: what the project in Jira offers is suggested, and what is filled in is checked there at once.
import { ask, element } from "./web.js";

const UNCHECKED = new Set(["", "-"]);
const LABELS = new Set(["labels", "labels_added"]);
const session = document.body.dataset.session;

const offers = (wanted = []) => ask(`/api/sessions/${session}/fields?${new URLSearchParams(wanted)}`);

function suggest(box, found) {
  for (const [name, values] of [["assignee", found.assignees], ["sprint", found.sprints], ["priority", found.priorities]]) {
    const list = box.querySelector(`input[name=${name}]`).list;
    const known = new Set([...list.options].map((option) => option.value));
    list.append(...values.filter((value) => !known.has(value)).map((value) => element("option", { value })));
  }
  const field = box.querySelector("input[name=labels], input[name=labels_added]");
  if (!field.list) {
    field.after(element("datalist", { id: `known-${field.name}` }));
    field.setAttribute("list", `known-${field.name}`);
  }
  const labels = [...new Set([...[...field.list.options].map((option) => option.value), ...found.labels])];
  const offerAfter = (before) => field.list.replaceChildren(...labels.map((label) => element("option", { value: before + label })));
  field.addEventListener("input", () => offerAfter(field.value.match(/^(.*,\s*)?/)[0])); // the last one is being typed
  offerAfter(field.value && `${field.value}, `);
}

function say(field, text) {
  field.fault ??= field.parentElement.appendChild(element("p", { class: "hint", role: "status" }));
  field.fault.replaceChildren(text && element("span", { class: "wrong" }, text));
}

async function check(field) {
  const value = field.value.trim();
  say(field, "");
  if (UNCHECKED.has(value)) return;
  const isLabels = LABELS.has(field.name);
  const values = isLabels ? value.split(",").map((one) => one.trim()).filter(Boolean) : [value];
  try {
    const { faults } = await offers(values.map((one) => [isLabels ? "label" : field.name, one]));
    if (field.value.trim() === value) say(field, faults[isLabels ? "labels" : field.name] ?? "");
  } catch (error) {
    if (field.value.trim() === value) say(field, `This could not be checked: ${error.message}`);
  }
}

for (const box of document.querySelectorAll("[data-offers]")) {
  const begin = () => offers().then((found) => suggest(box, found), () => {}); // what is filled in says why
  box.addEventListener("focusin", begin, { once: true });
  box.addEventListener("change", (event) => { if (event.target.matches("input[name]:not([name=labels_removed])")) check(event.target); });
}
