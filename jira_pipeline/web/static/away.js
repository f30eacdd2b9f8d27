// One line on every page while server or network is away.
const AGAIN_MILLISECONDS = 3000;
const TYPED_MILLISECONDS = 2000; // whoever goes on typing learns it soon, a page that nobody uses asks nothing

/** Tell whether the server answers anything. */
export async function isReached() {
  try {
    await fetch(import.meta.url, { method: "HEAD", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

let isUndone = false; // somebody pressed something meanwhile
function say(id, words) {
  document.querySelector("#away, #back")?.remove();
  const line = document.createElement("p");
  line.id = id;
  line.setAttribute("role", "alert");
  line.textContent = words;
  document.body.append(line);
  return line;
}

/** Say that nothing can be sent now, until the server answers again; what was `pressed` is not sent later. */
export function sayAway({ pressed = false } = {}) {
  isUndone ||= pressed;
  if (document.getElementById("away")) return;
  const line = say("away", `The server cannot be reached. What you typed is kept here; nothing is sent until this line goes.${document.querySelector("[data-at-work]") ? " The work goes on without this page." : ""}`);
  const again = setInterval(async () => {
    if (!await isReached()) return;
    clearInterval(again);
    line.remove();
    if (isUndone) document.addEventListener("submit", () => document.getElementById("back")?.remove(), { once: true });
    if (isUndone) say("back", "The server is back. What you pressed while it was away was not sent. Press it again.");
    isUndone = false;
  }, AGAIN_MILLISECONDS);
}

async function look() {
  if (!await isReached()) sayAway();
}

let typed = 0;
document.addEventListener("input", () => { typed ||= setTimeout(() => { typed = 0; look(); }, TYPED_MILLISECONDS); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
window.addEventListener("offline", () => sayAway());
