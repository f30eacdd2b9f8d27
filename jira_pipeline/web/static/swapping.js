// Going on without loading a page: what a link or a form of a ticket leads to is put in the place of the page.
//   data-swaps                  a link that leads to a page of this session
// A page that needs another style or script, or is not of this session, is loaded as ever.
import { ask, notifyProblem } from "./asking.js";
import { forgetDrafts } from "./drafts.js";
import { begin, mayLeave, saved, whileLeaving } from "./web.js";

const DOUBLE_MILLISECONDS = 500;
// What systems take as one double press: its second half is not a decision about a ticket that nobody has seen.
let at = "";
const here = () => window.location.pathname + window.location.search;

function isAtHome(page) {
  const has = (one) => [...document.head.querySelectorAll(one.localName)].some((other) => other.getAttribute("src") === one.getAttribute("src") && other.getAttribute("href") === one.getAttribute("href"));
  return page.body.dataset.session === document.body.dataset.session && [...page.head.querySelectorAll("script, [rel=stylesheet]")].every(has);
}

/** Put a page in the place of this one; the address says already where that is. */
function put(page, top = 0) {
  document.title = page.title;
  document.querySelector(".top .tabs").replaceWith(page.querySelector(".top .tabs"));
  for (const ahead of document.head.querySelectorAll("[rel=prefetch]")) ahead.remove();
  document.head.append(...page.head.querySelectorAll("[rel=prefetch]"));
  const main = page.getElementById("main");
  document.getElementById("main").replaceWith(main);
  main.dataset.fresh = "";
  setTimeout(() => delete main.dataset.fresh, DOUBLE_MILLISECONDS);
  begin();
  (main.querySelector("[autofocus]") ?? main).focus({ preventScroll: true });
  const target = window.location.hash && document.getElementById(window.location.hash.slice(1));
  if (target) target.scrollIntoView();
  else window.scrollTo({ top, behavior: "instant" });
}

/** Show what is at an address, as it was fetched ahead for whoever decides now. */
async function show(address, { isBack = false, says = 0 } = {}) {
  const isAhead = !isBack && !says && document.head.querySelector("[rel=prefetch]")?.href === new URL(address, window.location.href).href;
  const response = await fetch(address, { cache: isAhead ? "default" : "no-cache" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (isBack && address !== window.location.href) return undefined; // somebody went further, which comes next
  if (!response.ok || !isAtHome(page)) return window.location.assign(address);
  const found = new URL(response.url);
  found.hash = new URL(address, window.location.href).hash;
  if (!isBack) {
    window.history.replaceState({ top: window.scrollY }, "");
    if (found.pathname + found.search === here()) window.history.replaceState(null, "", found);
    else window.history.pushState(null, "", found);
  }
  at = here();
  return put(page, isBack ? window.history.state?.top ?? 0 : 0);
}

async function send(form, body) {
  try {
    const answer = await ask(form.action, { method: "POST", body });
    saved(form);
    if (answer instanceof Document) put(answer);
    else await show(answer.address, answer);
  } catch (error) {
    form.ariaBusy = null;
    forgetDrafts([]); // they were not sent
    document.querySelector("dialog[open]")?.close();
    notifyProblem(error);
  }
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("main")) return;
  event.preventDefault();
  if (form.ariaBusy) return; // pressed twice
  form.ariaBusy = "true";
  const body = new FormData(form, submitter);
  whileLeaving(() => send(form, body));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-swaps]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (mayLeave()) whileLeaving(() => show(link.href).catch(notifyProblem));
});

window.addEventListener("click", (event) => {
  if (!event.target.closest?.("main[data-fresh] :is(.decide :is(button, summary), .decided button)")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

window.addEventListener("popstate", () => whileLeaving(() => {
  if (here() === at) return undefined;
  if (mayLeave()) return show(window.location.href, { isBack: true }).catch(notifyProblem);
  return window.history.pushState(null, "", at);
}));
at = here();
