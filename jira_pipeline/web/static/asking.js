// Asking the server without leaving the page, and saying what came of it.
import { element } from "./web.js";

class ProblemError extends Error {}

/** Ask the API. Answers its JSON, or null where there is none; a problem document becomes a ProblemError. */
export async function ask(url, options) {
  const response = await fetch(url, { headers: { accept: "application/json" }, ...options });
  const answer = await response.json().catch(() => null);
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
  else notify("The server cannot be reached. What you typed is still here; try again.", "error");
}
