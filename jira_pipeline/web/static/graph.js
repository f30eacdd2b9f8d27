// What a ticket waits for, and what waits for it, stands out where somebody points or is by keys.
const boxes = [...document.querySelectorAll(".waves [data-waits]")];
const waits = new Map(boxes.map((box) => [box.id, box.dataset.waits.split(" ")]));

function reached(start, next) {
  const found = new Set([start]);
  for (const one of found) for (const other of next(one)) found.add(other); // also of what is added
  return found;
}

function light(event) {
  const { id } = event.target.closest("[data-waits]") ?? {};
  if (!id) return;
  const lit = new Set([...reached(id, (one) => waits.get(one) ?? []), ...reached(id, (one) => boxes.filter((box) => waits.get(box.id).includes(one)).map((box) => box.id))]);
  for (const box of boxes) box.classList.toggle("lit", lit.has(box.id));
}

for (const kind of ["mouseover", "focusin"]) document.querySelector(".waves")?.addEventListener(kind, light);
