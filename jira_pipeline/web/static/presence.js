// Who else has this page open, as long as this page is: told over a WebSocket, and shown beside the title.
const AGAIN_MILLISECONDS = 15000;
const here = document.getElementById("here");
let socket = null;

function show(names) {
  const all = new Intl.ListFormat("en").format(names);
  here.textContent = names.length ? `${all} ${names.length === 1 ? "has" : "have"} this ticket open, too.` : "";
}

function connect() {
  if (socket) return;
  const address = new URL(`${window.location.pathname}/here`, window.location.href).href.replace(/^http/, "ws");
  socket = new WebSocket(address);
  socket.addEventListener("message", (event) => show(JSON.parse(event.data).others ?? []));
  socket.addEventListener("close", () => { socket = null; show([]); });
}

connect();
setInterval(() => { if (!document.hidden && navigator.onLine) connect(); }, AGAIN_MILLISECONDS);
window.addEventListener("pagehide", () => socket?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
