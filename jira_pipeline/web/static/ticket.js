// Page of a ticket: what is typed is kept as a draft at once, and becomes one revision when one leaves.
import { putBack } from "./editing.js";
import { ask, element, keys, notify, notifyProblem, saved, whenQuiet } from "./web.js";

const QUIET_MILLISECONDS = 400;
const RETRY_MILLISECONDS = 3000;
const LEAVING_MILLISECONDS = 2500;
const ARRIVING_MILLISECONDS = 1000;
const LOOK_AGAIN_MILLISECONDS = [1200, 3000, 10000];
const LOAD_AGAIN_MILLISECONDS = [300, 1000, 3000];
const session = document.body.dataset.session;
const form = document.getElementById("editing");

/** One part of the form. Its drafts are sent one after the other, so that each knows the hash of the one before. */
class Part {
  constructor(box) {
    this.box = box;
    this.name = box.dataset.part;
    this.base = Number(box.dataset.base);
    this.known = box.dataset.known;
    this.field = box.querySelector("textarea, input:not([type=hidden])");
    this.baseField = box.querySelector("input[name=base]");
    this.state = box.querySelector(".hint[aria-live]");
    this.preview = box.querySelector(".preview");
    this.kept = this.shown = this.field.value;
    this.said = box.dataset.said ?? this.shown; // by the ticket
    this.sending = null;
    this.isRefused = false;
    this.save = whenQuiet(() => this.send(), QUIET_MILLISECONDS);
    this.field.addEventListener("input", () => { this.say("…"); this.save(); });
    this.field.addEventListener("keydown", (event) => {
      const isDone = event.key === "Enter" && (event.ctrlKey || event.metaKey || this.name === "title");
      if (!isDone && event.key !== "Escape") return;
      event.preventDefault(); // else the browser would send the form of a title
      if (isDone) this.finish();
      else this.discard({ isLooking: true });
    });
    box.addEventListener("click", (event) => {
      if (event.target.matches(".done")) this.finish();
      else if (event.target.matches(".discard")) this.discard();
    });
  }

  get isDirty() { return this.field.value !== this.kept; }
  get isTouched() { return this.field.value !== this.shown; }
  get written() { return { part: this.name, text: this.field.value, base_revision: this.base, known_hash: this.known }; }
  say(text, isWrong = false) { this.state.replaceChildren(isWrong ? element("span", { class: "wrong" }, text) : text); }

  /** End writing: the ticket shows the draft, or both texts where somebody else changed the part meanwhile. */
  async finish() {
    this.close();
    await this.send();
    if (!this.known || this.isRefused) return;
    try {
      const kept = await ask(drafts);
      if (hasLeft || !kept.some((one) => one.part === this.name && one.changed_by)) return;
      await leave({ isLast: true });
      showConflict(this.name);
    } catch (error) {
      if (error.status && !hasLeft) notifyProblem(error); // without a network nothing is known of others: leaving asks again
    }
  }

  /** Take back what was typed, once that is meant; who only looked leaves their draft as it is. */
  async discard({ isLooking = false } = {}) {
    if (this.isRefused) return this.box.querySelector(".notice button").focus(); // one chooses between both texts
    if (!this.isTouched && (isLooking || !this.known)) return this.close();
    if (!window.confirm(`Discard your text of “${this.box.querySelector("label").textContent}”?`)) return;
    this.save.stop();
    await this.sending;
    try {
      if (this.known) await ask(`${drafts}/${this.name}?known_hash=${this.known}`, { method: "DELETE" });
    } catch (error) {
      notifyProblem(error);
      return;
    }
    this.field.value = this.field.defaultValue = this.kept = this.shown = this.said;
    this.base = Number(form.dataset.revision);
    this.know("");
    this.say("");
    this.box.querySelector(".begun")?.remove();
    if (this.preview) this.preview.hidden = true;
    if (parts.every((part) => !part.isDirty)) saved(form);
    this.close();
  }

  /** Put the field away; keys act again. */
  close() {
    this.field.blur();
    putBack(this.name);
  }

  send() {
    this.save.stop();
    this.sending ??= this.sendAll().finally(() => { this.sending = null; });
    return this.sending;
  }

  async sendAll() {
    while (this.isDirty && !this.isRefused) {
      const { part, ...written } = this.written;
      let answer;
      try {
        answer = await ask(`${drafts}/${part}`, { method: "PUT", body: written });
      } catch (error) {
        this.say(error.status ? error.message : "Not kept yet: the server cannot be reached. It is tried again.", true);
        if (!error.status || error.status >= 500) setTimeout(() => this.send(), RETRY_MILLISECONDS);
        return;
      }
      if (!answer.is_kept) return this.ask(answer);
      this.kept = written.text;
      this.know(answer.text_hash);
      if (this.preview) {
        this.preview.innerHTML = answer.html; // of the converter: no markup of anybody's text
        for (const box of this.preview.querySelectorAll("input")) box.ariaLabel = box.checked ? "Done" : "To do";
        this.preview.hidden = !answer.html;
      }
      const others = answer.changed_by ? ` ${changedBy(answer)}` : "";
      if (answer.fault) this.say(answer.fault, true);
      else if (!answer.text_hash) this.say("As the ticket says: there is no draft.");
      else this.say(`Kept as your draft at ${new Date(answer.saved_at).toISOString().slice(11, 16)} UTC.${others}`);
    }
    if (parts.every((part) => !part.isDirty)) saved(form);
  }

  know(hash) {
    this.known = this.box.dataset.known = hash;
    this.baseField.value = `${this.name} ${this.base} ${hash}`;
  }

  /** Another window wrote something else: both texts are shown, and the person decides. */
  ask(other) {
    this.isRefused = true;
    this.say("Another window of yours wrote this part too. Nothing was overwritten.", true);
    const text = element("pre", { class: "text" }, other.text);
    const mine = element("button", { type: "button", class: "small" }, "Put what I typed here in its place");
    const theirs = element("button", { type: "button", class: "small" }, "Go on with the other text");
    const box = element("div", { class: "notice warn" }, element("p", {}, "What your other window wrote:"), text, mine, " ", theirs);
    const go = (value) => {
      box.remove();
      this.isRefused = false;
      this.base = other.base_revision;
      this.kept = other.text;
      this.know(other.text_hash);
      this.field.value = value;
      this.say("");
      this.send();
      this.field.focus();
    };
    mine.addEventListener("click", () => go(this.field.value));
    theirs.addEventListener("click", () => go(other.text));
    this.state.after(box);
  }
}

const changedBy = (draft) => `${draft.changed_by} changed this part meanwhile: Done shows both texts.`;
const drafts = form && `/api/sessions/${session}/drafts/${form.dataset.ticketId}`;
const isEditable = form?.querySelector("button.primary") != null;
const parts = isEditable ? [...document.querySelectorAll(".part")].map((box) => new Part(box)) : [];
let hasLeft = false;

/** There is something to become a revision. */
const isPending = () => parts.some((part) => part.isDirty || part.known);

/** Make the drafts one revision; what is not kept yet goes with it. Answers the parts whose drafts others stand against. */
async function leave({ isLast }) {
  if (hasLeft || !isPending() || parts.some((part) => part.isRefused)) return [];
  hasLeft = isLast;
  const unkept = parts.filter((part) => part.isDirty).map((part) => part.written);
  const answer = await fetch(`${drafts}/keep`, {
    method: "POST",
    keepalive: true,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ parts: unkept, seen: document.querySelector("[name=seen]")?.value }),
  });
  for (const part of parts) part.kept = part.field.value;
  saved(form);
  if (!answer.ok) return [];
  const left = await answer.json();
  if (left.seen) for (const field of document.querySelectorAll("[name=seen]")) field.value = left.seen;
  return left.conflicts;
}

/** Show both texts of a part; whoever has seen them may leave. */
function showConflict(name) {
  history.replaceState(null, "", `#conflict-${name}`);
  history.scrollRestoration = "manual"; // else the page opens where it was left, not there
  window.location.reload();
}

if (isEditable) {
  const typed = `typed in ${form.dataset.ticketId}`;
  const { revision } = form.dataset;
  window.addEventListener("pagehide", () => {
    if (isPending()) sessionStorage.setItem(typed, JSON.stringify({ revision, looks: 0 }));
    leave({ isLast: true });
  });

  // A page that is loaded again right after somebody typed may be older than the revision of that.
  const left = JSON.parse(sessionStorage.getItem(typed) ?? "{}");
  sessionStorage.removeItem(typed);
  if (left.revision === revision && left.looks < LOAD_AGAIN_MILLISECONDS.length && !isPending()) {
    setTimeout(() => {
      if (isPending()) return;
      sessionStorage.setItem(typed, JSON.stringify({ revision, looks: left.looks + 1 }));
      window.location.reload();
    }, LOAD_AGAIN_MILLISECONDS[left.looks]);
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  window.addEventListener("online", () => parts.forEach((part) => part.isDirty && part.send()));
  document.addEventListener("visibilitychange", () => { if (document.hidden) parts.forEach((part) => part.save.now()); });

  // A link is followed once the revision is there, so that the next page shows it.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[href]");
    const isElsewhere = link && link.target !== "_blank" && link.pathname !== window.location.pathname && link.origin === window.location.origin;
    if (!isElsewhere || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !isPending()) return;
    event.preventDefault();
    const wasRefused = parts.some((part) => part.isRefused);
    const late = new Promise((resolve) => { setTimeout(resolve, LEAVING_MILLISECONDS, []); });
    let conflicts = [];
    try {
      conflicts = await Promise.race([Promise.all(parts.map((part) => part.send())).then(() => leave({ isLast: true })), late]);
    } catch {
      hasLeft = false; // the drafts are kept, or the page asks before it is left
    }
    if (!wasRefused && parts.some((part) => part.isRefused)) {
      notify("Another window of yours wrote here too: decide below which text stays, then go on.", "warn");
      return;
    }
    const unseen = conflicts.find((name) => parts.some((part) => part.name === name));
    if (unseen) showConflict(unseen);
    else window.location.assign(link.href);
  });

  form.addEventListener("submit", async (event) => {
    if (parts.some((part) => part.sending)) {
      event.preventDefault();
      await settle();
      form.requestSubmit(event.submitter);
      return;
    }
    parts.forEach((part) => part.save.stop());
    hasLeft = true;
  });

  // A page that was loaded while its revision was being made shows drafts that are none any more, or
  // not what somebody else made of the same part in that moment.
  const lookAgain = async () => {
    if (!isPending() || parts.some((part) => part.isTouched)) return;
    const kept = await ask(drafts);
    const unseen = kept.find((one) => one.changed_by && parts.some((part) => part.name === one.part && part.shown === one.text));
    if (unseen) showConflict(unseen.part);
    else if (!kept.length) window.location.reload();
  };
  // Who was writing here, too, may have changed what is being typed: it is said before the next key.
  document.addEventListener("writing-ended", () => setTimeout(async () => {
    if (hasLeft || !parts.some((part) => part.known)) return;
    const kept = await ask(drafts).catch(() => []); // without a network nothing is known of others: leaving asks again
    for (const draft of kept) {
      if (draft.changed_by) parts.find((part) => part.name === draft.part)?.say(changedBy(draft));
    }
  }, ARRIVING_MILLISECONDS));
  if (parts.some((part) => part.known)) LOOK_AGAIN_MILLISECONDS.forEach((wait) => setTimeout(lookAgain, wait));
}

/** Wait until every draft that is being sent has arrived. */
async function settle() {
  while (parts.some((part) => part.sending)) await Promise.all(parts.map((part) => part.sending));
}

// A comment is kept in this browser until it is there, where its writer has no drafts (`answers.js`).
const comment = document.getElementById("comment");
if (comment && !comment.dataset.draft) {
  const kept = `comment on ${session} ${comment.form.elements.ticket_id.value}`;
  const written = localStorage.getItem(kept) ?? "";
  const isSent = [...document.querySelectorAll("#comments .lines")].some((one) => one.textContent === written.trim());
  if (isSent) localStorage.removeItem(kept);
  else if (written) comment.value = written;
  comment.addEventListener("input", () => {
    localStorage.setItem(kept, comment.value);
    saved(comment.form);
  });
}

document.querySelector("details.inline")?.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.querySelector("input:not([type=hidden])")?.focus({ preventScroll: true });
});

// Who changed what a ticket waits for sees that.
if (location.hash === "#dependencies") document.querySelector("#dependencies details")?.setAttribute("open", "");

// Where the list ends, its keys say so.
const others = document.querySelector("nav[data-number]");
for (const [key, rel, end] of [["j", "next", "end"], ["k", "prev", "beginning"]]) {
  const says = `This is the ${end} of the list you go along.`;
  if (others && !others.querySelector(`[rel=${rel}]`)) keys({ [key]: { says, act: () => notify(says) } });
}

// A page that was fetched ahead may be old where somebody comes back to it.
const [loaded] = performance.getEntriesByType("navigation");
if (loaded?.type === "back_forward" && loaded.transferSize === 0) window.location.reload();

// Who chooses to answer is in the field of the first open question.
document.querySelector("[data-answers]")?.addEventListener("click", (event) => {
  const field = document.querySelector("#questions .question.open :is(textarea, a.button)");
  if (!field) return;
  event.preventDefault();
  event.target.closest("dialog").close();
  field.focus();
});

// What is typed becomes a revision before a decision, which is about that, and refused where others changed the ticket.
// Without a network the page stays.
for (const deciding of document.querySelectorAll("[data-decides]")) {
  deciding.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (deciding.ariaBusy) return;
    deciding.ariaBusy = "true";
    try {
      await Promise.all(parts.map((part) => part.send()));
      await leave({ isLast: true });
      const body = new FormData(deciding, event.submitter);
      const { address } = await ask(deciding.action, { method: "POST", body });
      window.location.assign(address); // not by a redirect: then browsers do not take what they fetched ahead
    } catch (error) {
      deciding.ariaBusy = null;
      document.querySelector("dialog[open]")?.close();
      notifyProblem(error);
    }
  });
}
