// Keys of the inbox: go along it, be done with what is at hand. What is opened was read.
import { keys } from "./web.js";

const rows = () => [...document.querySelectorAll("#inbox tbody tr")];
const current = () => rows().findIndex((row) => row.contains(document.activeElement));
const WENT_ON = "row of the inbox";

function focus(index) {
  const all = rows();
  all[Math.min(Math.max(index, 0), all.length - 1)]?.querySelector("a").focus();
}

keys({
  j: { says: "Next row", act: () => focus(current() + 1) },
  k: { says: "Previous row", act: () => focus(current() - 1) },
  e: { says: "Done, or not done after all", act: () => rows()[current()]?.querySelector("button:last-child").click() },
});

document.getElementById("inbox")?.addEventListener("submit", (event) => {
  sessionStorage.setItem(WENT_ON, String(rows().indexOf(event.target.closest("tr"))));
});
const wentOn = sessionStorage.getItem(WENT_ON);
sessionStorage.removeItem(WENT_ON);
if (wentOn !== null) focus(Number(wentOn));

document.getElementById("inbox")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const row = link?.closest("tr[data-unread]");
  if (!row) return;
  const marked = fetch("/api/inbox/marks", {
    method: "POST",
    keepalive: true, // the page is left
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ mark: "read", notification_ids: [Number(row.dataset.unread)] }),
  });
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault(); // a page that is quicker than the mark would count it as not read
  marked.finally(() => window.location.assign(link.href));
});
