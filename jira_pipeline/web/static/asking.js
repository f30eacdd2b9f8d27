// Asking the server without leaving the page, and saying what came of it.
import { sayAway } from "./away.js";
import { element } from "./web.js";

class ProblemError extends Error {}
const isOurs = (answer) => answer instanceof Document && answer.body.dataset.session === document.body.dataset.session;

const pageOf = (text) => new DOMParser().parseFromString(text, "text/html");

/** Ask for a page as a document. */
export const pageAt = async (address) => pageOf(await (await fetch(address)).text());

async function answerOf(response) {
  const text = await response.text();
  if (response.headers.get("content-type")?.startsWith("text/html")) return pageOf(text);
  try { return JSON.parse(text); } catch { return null; }
}

/** Ask the server. Answers its JSON, a page of this session, or null where there is neither; a problem document becomes a ProblemError. */
export async function ask(url, options) {
  const response = await fetch(url, { headers: { accept: "application/json" }, ...options });
  const answer = await answerOf(response);
  if (isOurs(answer)) return answer;
  if (!response.ok) throw new ProblemError(answer?.user_message ?? `The server answered ${response.status}.`, { cause: answer });
  return answer;
}

/** Say something at the top of the page; screen readers say it too. `kind` is info, ok, warn or error. */
export function notify(text, kind = "info", actions = []) {
  const notice = element("div", { class: `notice ${kind}` }, element("p", {}, text));
  if (actions.length) notice.append(element("ul", {}, ...actions.map((action) => element("li", {}, action))));
  document.getElementById("notices")?.replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}

/** Say why something did not work. */
export function notifyProblem(error) {
  if (error instanceof ProblemError) notify(error.message, "error", error.cause?.recovery_actions);
  else sayAway({ pressed: true });
}
