// Questions wherever they are answered, and comments: what is typed is kept as a draft, Ctrl+Enter sends it, Escape leaves its field.
import { ask, saved, whenQuiet } from "./web.js";

const QUIET_MILLISECONDS = 400;
const RETRY_MILLISECONDS = 3000;
const ON_ITS_WAY_MILLISECONDS = 10000;
const session = document.body.dataset.session;

/** The draft of one answer or comment. What is typed is sent one after the other, so that each knows the hash of the one before. */
function keepDrafts(field) {
  const form = field.form;
  const hint = form.querySelector(".hint");
  const address = `/api/sessions/${session}/drafts/${field.dataset.draft}`;
  let kept = field.value;
  let sending = null;
  let isOver = false;

  const written = () => ({ text: field.value, base_revision: 1, known_hash: field.dataset.known });
  const sendAll = async () => {
    while (field.value !== kept && !isOver) {
      const body = written();
      let answer;
      try {
        answer = await ask(address, { method: "PUT", body });
      } catch (error) {
        hint.textContent = error.status ? error.message : "Not kept yet: the server cannot be reached. It is tried again.";
        if (!error.status || error.status >= 500) setTimeout(send, RETRY_MILLISECONDS);
        return;
      }
      if (!answer.is_kept) {
        isOver = true;
        hint.textContent = `Another window of yours has another draft: “${answer.text}”. This one is kept when you send it.`;
        return;
      }
      kept = body.text;
      field.dataset.known = answer.text_hash;
      hint.textContent = kept.trim() ? "Kept as your draft." : "";
    }
    saved(form);
  };
  const send = () => { sending ??= sendAll().finally(() => { sending = null; }); };
  const later = whenQuiet(send, QUIET_MILLISECONDS);

  field.addEventListener("input", later);
  window.addEventListener("pagehide", () => {
    if (field.value === kept || isOver) return;
    sessionStorage.setItem(address, JSON.stringify({ text: field.value, at: Date.now() }));
    fetch(address, { method: "PUT", keepalive: true, headers: { "content-type": "application/json" }, body: JSON.stringify(written()) });
  });
  // Who is back at once may be here before what was sent on leaving has arrived.
  window.addEventListener("pageshow", ({ persisted }) => {
    const left = JSON.parse(sessionStorage.getItem(address) ?? "{}");
    sessionStorage.removeItem(address);
    if (persisted || !(Date.now() - left.at < ON_ITS_WAY_MILLISECONDS)) return;
    field.value = left.text;
    send();
  });
  form.addEventListener("submit", async (event) => {
    later.stop();
    isOver = true;
    if (!sending) return;
    event.preventDefault(); // else the draft would come after its answer
    await sending;
    form.requestSubmit(event.submitter);
  });
}

for (const field of document.querySelectorAll("textarea[data-draft]")) keepDrafts(field);

for (const instead of document.querySelectorAll(".instead details")) {
  instead.addEventListener("toggle", () => { if (instead.open) instead.querySelector("input:not([type=hidden])").focus(); });
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".answer textarea, .instead input, #comment");
  if (!field) return;
  if (field.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    const answer = field.parentElement.querySelector("button[value=answer]");
    if (answer) sessionStorage.setItem("answering", "by keys");
    field.form.requestSubmit(answer);
  } else if (event.key === "Escape") {
    field.closest(".instead details")?.removeAttribute("open");
    const question = field.closest(".question, section");
    question.tabIndex = -1;
    question.focus(); // keys act again
  }
});
