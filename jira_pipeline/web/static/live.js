// What is at work shows as it happens: told over a WebSocket, or asked for again and again where none
// is open. Each message is the whole part as it is then, so that a lost connection loses nothing.
//   data-live="address", data-at-work     of the part with the id `live`: where it is, and that it is followed
import { sayAway } from "./away.js";

const ASK_SECONDS = 2;
const CONNECT_AGAIN_MILLISECONDS = 15000;
const SILENT_MILLISECONDS = 20000; // a network that went away silently closes no connection
const NOT_FOR_US = [401, 403, 404];

/** Repeat `look` while it answers a number of seconds to wait; slower while the page is not seen or the network is away. Answers what does it now. */
function repeat(look) {
  let failures = 0;
  let timer = 0;
  const step = async () => {
    timer = 0;
    let seconds;
    try {
      seconds = await look();
      failures = 0;
    } catch {
      failures += 1;
      seconds = Math.min(30, 2 ** failures);
    }
    if (typeof seconds === "number") timer = setTimeout(step, 1000 * (document.hidden ? Math.max(seconds, 10) : seconds));
  };
  step();
  return () => {
    if (!timer) return; // it is being done
    clearTimeout(timer);
    timer = 0;
    step();
  };
}

const place = () => document.getElementById("live");

function follow(address) {
  let socket = null;
  let isOver = false;
  let heardAt = 0;
  let connectedAt = -Infinity;

  function show(html) {
    const now = new DOMParser().parseFromString(html, "text/html").getElementById("live");
    isOver = !now?.hasAttribute("data-at-work");
    if (isOver) socket?.close();
    if (isOver) {
      window.location.replace(window.location.pathname); // the page shows what came of it
      return;
    }
    const wasFocused = place().contains(document.activeElement);
    place().replaceChildren(...now.childNodes);
    for (const past of document.querySelectorAll("#notices .notice.info")) past.remove(); // such as that it waits in the queue
    if (wasFocused) place().querySelector("button")?.focus();
  }

  function connect() {
    connectedAt = performance.now();
    const made = new WebSocket(new URL(address, window.location.href).href.replace(/^http/, "ws"));
    made.addEventListener("message", (event) => {
      if (made !== socket) return;
      heardAt = performance.now();
      show(event.data);
    });
    made.addEventListener("close", () => { if (made === socket) socket = null; });
    socket = made;
  }

  const isHeard = () => socket?.readyState === WebSocket.OPEN && performance.now() - heardAt < SILENT_MILLISECONDS;

  const askNow = repeat(async () => {
    if (isOver) return undefined;
    if (isHeard()) return ASK_SECONDS;
    if (navigator.onLine && performance.now() - connectedAt > CONNECT_AGAIN_MILLISECONDS) {
      socket?.close();
      connect();
      return ASK_SECONDS;
    }
    let answer;
    try {
      answer = await fetch(address, { signal: AbortSignal.timeout(10000) });
    } catch (error) {
      sayAway();
      throw error;
    }
    if (NOT_FOR_US.includes(answer.status)) {
      window.location.reload();
      return undefined;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
    return isOver ? undefined : ASK_SECONDS;
  });

  window.addEventListener("offline", () => { socket?.close(); socket = null; askNow(); });
  window.addEventListener("online", () => {
    if (isOver) return;
    connectedAt = -Infinity;
    askNow();
  });
}

if (place()?.hasAttribute("data-at-work")) follow(place().dataset.live);
