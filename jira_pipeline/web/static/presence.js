// Who else has this page open, and which parts they write, as long as this page is: told over a WebSocket, shown beside the
// title and by the fields.
const AGAIN_MILLISECONDS = 15000;
const here = document.getElementById("here");
let socket = null;
let before = {};

const all = (names) => new Intl.ListFormat("en").format(names);
const isAre = (names) => (names.length === 1 ? "is" : "are");

function show({ others, writing }) {
  const said = others.length ? [`${all(others)} ${others.length === 1 ? "has" : "have"} this ticket open, too.`] : [];
  for (const box of document.querySelectorAll(".part")) {
    const names = writing[box.dataset.part] ?? [];
    if (names.length) said.push(`${all(names)} ${isAre(names)} writing in “${box.querySelector("label").textContent}”.`);
    box.querySelector("[data-also]").textContent = names.length ? `${all(names)} ${isAre(names)} writing in this part, too.` : "";
  }
  here.textContent = said.join(" ");
  const hasEnded = Object.entries(before).some(([part, names]) => names.some((name) => !writing[part]?.includes(name)));
  before = writing;
  if (hasEnded) document.dispatchEvent(new Event("writing-ended"));
}

/** Tell which parts are open here to be written. */
function tell() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  socket.send([...document.querySelectorAll(".part.in-place:not(.read)")].map((box) => box.dataset.part).join(" "));
}

function connect() {
  if (socket) return;
  const address = new URL(`${window.location.pathname}/here`, window.location.href).href.replace(/^http/, "ws");
  socket = new WebSocket(address);
  socket.addEventListener("message", (event) => show({ others: [], writing: {}, ...JSON.parse(event.data) }));
  socket.addEventListener("open", tell);
  socket.addEventListener("close", () => { socket = null; show({ others: [], writing: {} }); });
}

connect();
document.addEventListener("writing", tell);
setInterval(() => { if (!document.hidden && navigator.onLine) connect(); }, AGAIN_MILLISECONDS);
window.addEventListener("pagehide", () => socket?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
