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

/** Say that nothing can be sent now, until the server answers again. */
export function sayAway() {
  if (document.getElementById("away")) return;
  const line = document.createElement("p");
  line.id = "away";
  line.setAttribute("role", "alert");
  line.textContent = `The server cannot be reached. What you typed is kept here and not sent yet; this line goes once it can be.${document.querySelector("[data-at-work]") ? " The work goes on without this page." : ""}`;
  document.body.append(line);
  const again = setInterval(async () => {
    if (!await isReached()) return;
    clearInterval(again);
    line.remove();
  }, AGAIN_MILLISECONDS);
}

async function look() {
  if (!await isReached()) sayAway();
}

let typed = 0;
document.addEventListener("input", () => { typed ||= setTimeout(() => { typed = 0; look(); }, TYPED_MILLISECONDS); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
window.addEventListener("offline", sayAway);
