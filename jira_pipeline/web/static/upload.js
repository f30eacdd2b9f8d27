// Drop files on the page of an upload; the form sends them as it sends chosen ones. What is refused stays chosen.
import { ask, notifyProblem, pageAt } from "./asking.js";
import { beBusy } from "./web.js";

const zone = document.querySelector("[data-drop]");
const input = document.getElementById(zone.dataset.drop);
const chosen = document.getElementById("chosen");

function say() {
  chosen.replaceChildren(...[...input.files].map((file) => {
    const line = document.createElement("li");
    line.textContent = `${file.name} (${Math.ceil(file.size / 1000).toLocaleString("en")} kB)`;
    return line;
  }));
}

for (const name of ["dragenter", "dragover"]) {
  zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.remove("over"); });
}
zone.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  say();
});
input.addEventListener("change", say);
input.form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { form } = input;
  const button = form.querySelector("button.primary");
  if (button.ariaBusy) return;
  const end = beBusy(button);
  try {
    const { address } = await ask(form.action, { method: "POST", body: new FormData(form) });
    if (new URL(address, window.location.href).pathname !== window.location.pathname) return window.location.assign(address);
    const said = (await pageAt(address)).getElementById("notices");
    document.getElementById("notices").replaceChildren(...said.children);
  } catch (error) {
    notifyProblem(error);
  }
  end();
  return undefined;
});
say();
