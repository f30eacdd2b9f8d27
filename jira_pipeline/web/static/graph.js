// The dependency graph: fitted, larger and smaller, found, followed along its lines, opened in place.
const STEP = 1.25;
const READABLE = 0.85; // of 12.5 px; words that are smaller cannot be read

/** Make a graph of the page work; again after another one took its place. */
function begin(graph) {
  const box = graph.querySelector(".graph-box");
  const svg = box.querySelector("svg");
  const form = document.querySelector("form:has([data-graph-search])");
  const count = form.querySelector("[data-graph-found]");
  const nodes = [...svg.querySelectorAll("[data-node]")];
  const stops = [...svg.querySelectorAll("a")];
  const byName = new Map(nodes.map((node) => [node.dataset.node, node]));
  const lines = [...svg.querySelectorAll("path[data-from]")].map((path) => ({ path, from: path.dataset.from, to: path.dataset.to.split(" "), blocks: path.classList.contains("dep") }));
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  let scale = 1;

  function zoom(wanted) {
    scale = Math.min(4, Math.max(0.1, wanted));
    svg.setAttribute("width", Math.round(width * scale));
    svg.setAttribute("height", Math.round(height * scale));
  }

  const whole = () => Math.min(1, (box.clientWidth - 14) / width);
  zoom(Math.max(READABLE, whole()));

  const events = new AbortController();
  const on = (target, kind, act, options = {}) => target.addEventListener(kind, act, { signal: events.signal, ...options });
  for (const button of form.querySelectorAll("[data-graph-zoom]")) {
    on(button, "click", () => {
      const step = Number(button.dataset.graphZoom);
      zoom(step ? scale * STEP ** step : whole());
    });
  }
  on(box, "wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(scale * STEP ** -Math.sign(event.deltaY));
  }, { passive: false });

  /** What is reached from a box along blocking lines, in one direction. */
  function reached(start, steps) {
    const found = new Set([start]);
    const pending = [start];
    while (pending.length) {
      for (const next of steps(pending.pop())) {
        if (!found.has(next)) {
          found.add(next);
          pending.push(next);
        }
      }
    }
    return found;
  }

  const before = (name, kinds = (line) => line.blocks) => lines.filter((line) => kinds(line) && line.to.includes(name)).map((line) => line.from);
  const after = (name, kinds = (line) => line.blocks) => lines.filter((line) => kinds(line) && line.from === name).flatMap((line) => line.to);

  function showPaths(name) {
    svg.classList.toggle("dimmed", Boolean(name));
    if (!name) return;
    const earlier = reached(name, before);
    const later = reached(name, after);
    for (const node of nodes) node.classList.toggle("on", earlier.has(node.dataset.node) || later.has(node.dataset.node));
    for (const { path, from, to } of lines) path.classList.toggle("on", (earlier.has(from) && to.some((one) => earlier.has(one))) || (later.has(from) && to.some((one) => later.has(one))));
  }

  const middle = (stop) => {
    const area = stop.getBoundingClientRect();
    return [area.x + area.width / 2, area.y + area.height / 2];
  };
  const nearest = (stop, others) => {
    const [x, y] = middle(stop);
    const far = (one) => { const [otherX, otherY] = middle(one); return Math.hypot((otherX - x) / 4, otherY - y); };
    return others.reduce((best, one) => (!best || far(one) < far(best) ? one : best), null);
  };
  const any = () => true;
  const along = {
    ArrowRight: (stop) => nearest(stop, after(stop.dataset.node, any).map((name) => byName.get(name))),
    ArrowLeft: (stop) => nearest(stop, before(stop.dataset.node, any).map((name) => byName.get(name))),
    ArrowDown: (stop) => stops[stops.indexOf(stop) + 1],
    ArrowUp: (stop) => stops[stops.indexOf(stop) - 1],
    Home: () => stops[0],
    End: () => stops.at(-1),
  };

  // Column by column, each from top to bottom; Tab leaves the picture, arrows go through it.
  const corner = new Map(stops.map((stop) => [stop, stop.getBoundingClientRect()]));
  const order = (one, other) => Math.round((one.x - other.x) / 10) || one.y - other.y;
  stops.sort((one, other) => order(corner.get(one), corner.get(other)));
  function settle(stop) {
    for (const one of stops) one.setAttribute("tabindex", one === stop ? "0" : "-1");
  }
  settle(stops[0]);
  on(box, "keydown", (event) => {
    if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? scale * STEP : scale / STEP);
    const stop = event.target.closest("a");
    if (!along[event.key] || !stop || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = along[event.key](stop);
    if (!next) return;
    settle(next);
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  for (const node of nodes) {
    on(node, "mouseenter", () => showPaths(node.dataset.node));
    on(node, "focus", () => showPaths(node.dataset.node));
    on(node, "mouseleave", () => showPaths(""));
    on(node, "blur", () => showPaths(""));
  }

  on(form.querySelector("[data-graph-search]"), "input", (event) => {
    const words = event.target.value.trim().toLowerCase();
    const found = words ? nodes.filter((node) => node.textContent.toLowerCase().includes(words)) : [];
    for (const node of nodes) node.classList.toggle("found", found.includes(node));
    count.textContent = words ? (found.length ? `${found.length} found` : "No ticket in the graph matches.") : "";
    found[0]?.scrollIntoView({ block: "nearest", inline: "center" });
  });

  on(svg, "click", (event) => {
    const opener = event.target.closest("a[data-opens]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", opener.href.baseVal);
    open(opener.href.baseVal, opener.dataset.opens);
  });

  /** Put the graph of an address in this one's place, and go on where the reader was. */
  async function open(address, name) {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-graph]");
    if (!answer.ok || !next) {
      location.assign(address);
      return;
    }
    const top = box.querySelector(`[data-lane="${CSS.escape(name)}"]`)?.getBoundingClientRect().y;
    events.abort();
    graph.replaceWith(document.adoptNode(next));
    begin(next);
    const lane = next.querySelector(`[data-lane="${CSS.escape(name)}"]`);
    const there = lane ?? next.querySelector(`[data-node="${CSS.escape(name)}"]`);
    if (lane && top !== undefined) scrollBy(0, lane.getBoundingClientRect().y - top);
    there?.focus({ preventScroll: true });
    document.getElementById("said").textContent = lane ? lane.textContent : "Opened.";
  }
}

for (const graph of document.querySelectorAll("[data-graph]")) begin(graph);
addEventListener("popstate", () => location.reload());
