// Page of an export: shows where it is, every two seconds; whoever was offline sees the state of now.
import { element, repeat } from "./web.js";

const SECONDS = 2;
const live = document.getElementById("live");

if (live?.dataset.phase === "at_work") {
  const lost = element("p", { class: "notice warn", hidden: true }, "The server cannot be reached. The export goes on without this page, which keeps trying.");
  live.after(lost);
  window.addEventListener("online", () => { lost.textContent = "The connection is back."; });
  repeat(async () => {
    let answer;
    try {
      answer = await fetch(`${window.location.pathname}/live`, { signal: AbortSignal.timeout(10000) });
    } catch (error) {
      lost.hidden = false;
      throw error;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    lost.hidden = true;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (now.dataset.phase !== "at_work") {
      window.location.replace(window.location.pathname);
      return undefined;
    }
    document.getElementById("live").replaceChildren(...now.childNodes);
    return SECONDS;
  });
}

document.addEventListener("click", (event) => {
  const busy = event.target.closest?.("[data-busy]");
  if (busy) busy.setAttribute("aria-busy", "true");
});
