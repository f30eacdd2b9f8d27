// What a ticket waits for, and what waits for it, stands out where somebody points; arrow keys go along the lines.
const boxes = [...document.querySelectorAll(".drawing [data-waits]")], edges = document.querySelectorAll(".drawing [data-ends]");
const waits = new Map(boxes.map((box) => [box.id, box.dataset.waits.split(" ").filter(Boolean)]));
const waiting = (id) => boxes.filter((box) => waits.get(box.id).includes(id)).map((box) => box.id);

function reached(start, next) {
  const found = new Set([start]);
  for (const one of found) for (const other of next(one)) found.add(other); // also of what is added
  return found;
}

const chosen = new Set(boxes.filter((box) => box.classList.contains("lit")).map((box) => box.id));

function light({ target, type }) {
  const { id } = target.closest?.("[data-waits]") ?? {};
  if (!id && type !== "mouseleave") return;
  const lit = id ? new Set([...reached(id, (one) => waits.get(one) ?? []), ...reached(id, waiting)]) : chosen;
  for (const box of boxes) box.classList.toggle("lit", lit.has(box.id));
  for (const edge of edges) edge.classList.toggle("lit", edge.dataset.ends.split(" ").every((one) => lit.has(one)));
}

function move(event) {
  const box = event.target.closest("[data-waits]"), at = boxes.indexOf(box);
  const x = (one) => one.firstElementChild.nextElementSibling.getAttribute("x");
  const beside = { ArrowLeft: waits.get(box?.id)?.[0], ArrowRight: waiting(box?.id)[0] }[event.key];
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const to = document.getElementById(beside) ?? (step && boxes[at + step] && x(boxes[at + step]) === x(box) ? boxes[at + step] : null);
  if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
}

const drawing = document.querySelector(".drawing");
for (const kind of ["mouseover", "focusin", "mouseleave"]) drawing?.addEventListener(kind, light);
drawing?.addEventListener("keydown", move);
