// The dependency graph: larger and smaller, find a ticket, show the paths through one.
const STEP = 1.25;

for (const graph of document.querySelectorAll("[data-graph]")) {
  const box = graph.querySelector(".graph-box");
  const svg = box.querySelector("svg");
  const form = document.querySelector("form:has([data-graph-search])");
  const count = form.querySelector("[data-graph-found]");
  const nodes = [...svg.querySelectorAll("[data-node]")];
  const lines = [...svg.querySelectorAll("path[data-from]")];
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  let scale = 1;

  function zoom(wanted) {
    scale = Math.min(4, Math.max(0.1, wanted));
    svg.setAttribute("width", Math.round(width * scale));
    svg.setAttribute("height", Math.round(height * scale));
  }

  const whole = () => Math.min(1, (box.clientWidth - 16) / width);
  zoom(Math.max(0.75, whole())); // smaller than that, its words cannot be read

  for (const button of form.querySelectorAll("[data-graph-zoom]")) {
    button.addEventListener("click", () => {
      const step = Number(button.dataset.graphZoom);
      zoom(step ? scale * STEP ** step : whole());
    });
  }
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(scale * STEP ** -Math.sign(event.deltaY));
  }, { passive: false });
  box.addEventListener("keydown", (event) => {
    if (event.key === "+") zoom(scale * STEP);
    if (event.key === "-") zoom(scale / STEP);
  });

  /** What is reached from a node along blocking lines, in one direction. */
  function reached(start, from, to) {
    const found = new Set([start]);
    const pending = [start];
    while (pending.length) {
      const here = pending.pop();
      for (const line of lines) {
        if (line.classList.contains("dep") && line.dataset[from] === here && !found.has(line.dataset[to])) {
          found.add(line.dataset[to]);
          pending.push(line.dataset[to]);
        }
      }
    }
    return found;
  }

  function showPaths(name) {
    if (!name) {
      svg.classList.remove("dimmed");
      return;
    }
    const before = reached(name, "to", "from");
    const behind = reached(name, "from", "to");
    for (const node of nodes) node.classList.toggle("on", before.has(node.dataset.node) || behind.has(node.dataset.node));
    for (const line of lines) {
      const { from, to } = line.dataset;
      line.classList.toggle("on", (before.has(from) && before.has(to)) || (behind.has(from) && behind.has(to)));
    }
    svg.classList.add("dimmed");
  }

  for (const node of nodes) {
    node.addEventListener("mouseenter", () => showPaths(node.dataset.node));
    node.addEventListener("focus", () => showPaths(node.dataset.node));
    node.addEventListener("mouseleave", () => showPaths(""));
    node.addEventListener("blur", () => showPaths(""));
  }

  form.querySelector("[data-graph-search]").addEventListener("input", (event) => {
    const words = event.target.value.trim().toLowerCase();
    const found = words ? nodes.filter((node) => node.textContent.toLowerCase().includes(words)) : [];
    for (const node of nodes) node.classList.toggle("found", found.includes(node));
    count.textContent = words ? (found.length ? `${found.length} found` : "No ticket in the graph matches.") : "";
    found[0]?.scrollIntoView({ block: "nearest", inline: "center" });
  });
}
