"""The defences of the export, each with the change that takes it out.

Belongs here: what each defence is for, and its text. Does not: running anything (`__main__`).
A text that is not found exactly once is an error of this list: the code moved on.
"""

from dataclasses import dataclass

LEDGER = "model/exports.py"
PAGE = "export/ledger_page.py"
RUN = "export/export_run.py"
SENDING = "export/sending.py"
LOOKUPS = "export/lookups.py"
DOUBTS = "export/doubts.py"
COMPARISON = "export/ledger_comparison.py"
CREATION = "export/creation.py"
LINKS = "export/links.py"
REPEATED = "export/repeated_writes.py"
PLACING = "export/placing.py"
UNDO = "export/undo.py"
TRACES = "export/ledger_comparison.py"
COMMENTING = "export/updating.py"
UPDATING = "export/updating.py"
TEXTS = "export/text_writes.py"
ATTACHMENTS = "export/attachments.py"
ONCE = "export/repeated_writes.py"
RECORD = "export/ledger_page.py"
DETACHING = "export/links.py"
ISSUE_TEXTS = "export/text_writes.py"
RECEIPTS = "export/lookups.py"
ADOPTION = "export/adoption.py"
DECIDING = "export/settle.py"
MERGING = "jira/adf/merging.py"
CLIENT = "jira/client/client.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    name: str
    file: str
    text: str
    without: str


def _defence(name: str, file: str, text: str, without: str) -> Defence:
    return Defence(name=name, file=file, text=text, without=without)


DEFENCES: tuple[Defence, ...] = (
    _defence(
        "an intent without an outcome is in doubt",
        LEDGER,
        "state = InDoubt(entry, is_resend_spent=is_resend_spent)",
        "state = NotSent(attempts)",
    ),
    _defence(
        "an answer that does not tell is in doubt",
        LEDGER,
        "LedgerEvent.UNKNOWN\n                state = InDoubt(intent, is_resend_spent=is_resend_spent)",
        "LedgerEvent.UNKNOWN\n                state = NotSent(attempts)",
    ),
    _defence(
        "what an answer named wrongly is in doubt again",
        LEDGER,
        "None:\n                    state = InDoubt(intent, is_resend_spent=is_resend_spent)",
        "None:\n                    state = NotSent(attempts)",
    ),
    _defence("only one resend", LEDGER, "is_resend_spent = True", "is_resend_spent = False"),
    _defence(
        "what exists is not taken back by a late refusal",
        LEDGER,
        "case LedgerEvent.NOTHING_DONE if not isinstance(state, Exists):",
        "case LedgerEvent.NOTHING_DONE:",
    ),
    _defence(
        "what a person has to settle is not sent",
        LEDGER,
        "state = GivenUp(entry)",
        "state = NotSent(attempts)",
    ),
    _defence(
        "an identity is of one target",
        LEDGER,
        'f"{target_id}\\n{session_key}\\n{ticket_id}"',
        'f"{session_key}\\n{ticket_id}"',
    ),
    _defence(
        "an earlier attempt may have been done late",
        RECORD,
        "return min(entry.low_bound or 0 for entry in intents)",
        "return max(entry.low_bound or 0 for entry in intents)",
    ),
    _defence(
        "an issue that was absent may come late",
        RECORD,
        "entry.event is LedgerEvent.ABSENT for entry in entries",
        "False for entry in entries",
    ),
    _defence(
        "the low bound is not above the truth",
        SENDING,
        "low_bound=run.page.highest_number(run.target.project_key),",
        "low_bound=run.page.highest_number(run.target.project_key) + 50,",
    ),
    _defence(
        "a bulk that does not add up is in doubt",
        SENDING,
        "is_consistent = unseen == set(answer.failed)",
        "is_consistent = True",
    ),
    _defence(
        "no bulk where markers do not come back",
        SENDING,
        "self._is_bulk_safe = shown is not None and shown.issue_id == last.remote_id",
        "self._is_bulk_safe = True",
    ),
    _defence(
        "a reading without its sentinel says nothing",
        LOOKUPS,
        "if answer.failed or not self._is_project_seen(shown):",
        "if answer.failed:",
    ),
    _defence(
        "a reading with failed elements says nothing",
        LOOKUPS,
        "if answer.failed or not self._is_project_seen(shown):",
        "if not self._is_project_seen(shown):",
    ),
    _defence(
        "an absence counts in a conclusive reading only",
        DOUBTS,
        "    if not seen.is_conclusive:\n        return\n",
        "",
    ),
    _defence(
        "where markers are dropped an absence proves nothing",
        DOUBTS,
        '    if not seen.is_calibrated:\n        return "this',
        '    if False:\n        return "this',
    ),
    _defence(
        "an issue without marker may be the ticket's",
        DOUBTS,
        "    if suspects:\n",
        "    if False:\n",
    ),
    _defence(
        "a second absence is for a person",
        DOUBTS,
        "    if objection is None and isinstance(state, InDoubt) and state.is_resend_spent:\n",
        "    if False:\n",
    ),
    _defence(
        "numbers beyond the highest known one are looked at",
        LOOKUPS,
        "WINDOW_MARGIN = FETCH_SIZE - OWN_SENTINELS_MAX - 1",
        "WINDOW_MARGIN = 0",
    ),
    _defence(
        "a resend without a witness looks far",
        LOOKUPS,
        "UNWITNESSED_MARGIN = 5_000",
        "UNWITNESSED_MARGIN = 100",
    ),
    _defence(
        "a new ticket is kept back to close the window",
        CREATION,
        "        if is_one_kept_back and self._in_doubt():\n",
        "        if False:\n",
    ),
    _defence(
        "what was created before the horizon closes no window",
        CREATION,
        "            self._horizon_sequence = self._run.page.last_sequence()\n",
        "",
    ),
    _defence(
        "a look comes before every resend",
        CREATION,
        "        seen = self._look(reaches_far=True)\n",
        "        seen = probe(self._run, 10**9)\n",
    ),
    _defence(
        "the window reaches to the highest number of all sessions",
        LOOKUPS,
        "        highest = max(highest, of_all)\n",
        "",
    ),
    _defence(
        "three creations in a row without an answer are an outage",
        SENDING,
        "UNANSWERED_MAX = 3",
        "UNANSWERED_MAX = 300",
    ),
    _defence(
        "a creation without an answer and a site that cannot be read are an outage",
        SENDING,
        "                raise outage from error\n",
        "                pass\n",
    ),
    _defence(
        "a resend that is lost in an outage is not spent",
        SENDING,
        "                self._run.page.write(what, LedgerEvent.LOST_IN_OUTAGE)\n",
        "                del what\n",
    ),
    _defence(
        "in an outage no ticket is risked",
        SENDING,
        "        if unanswered_creations(self._run.page) and (is_again or not self.sent):\n",
        "        if False:\n",
    ),
    _defence(
        "the sweep at the end reads the numbers that may be ours",
        CREATION,
        "        seen = probe_ranges(run)\n",
        "        seen = probe(run, 10**9)\n",
    ),
    _defence(
        "another installation's issues stop the export",
        LOOKUPS,
        "    refuse_foreign(run, seen.issues)\n",
        "",
    ),
    _defence(
        "the label finds what lies outside the window",
        LOOKUPS,
        "(*labelled, *self._issues)",
        "self._issues",
    ),
    _defence(
        "of two issues the lowest id wins",
        DOUBTS,
        "remote_id=ours[0].issue_id,",
        "remote_id=ours[-1].issue_id,",
    ),
    _defence(
        "a double is listed",
        DOUBTS,
        'record_orphan(run, rendered, key=other.key, why="it exists twice", action=action)',
        "pass",
    ),
    _defence(
        "issues an undo deleted do not count", LOOKUPS, "if issue.issue_id not in gone", "if True"
    ),
    _defence(
        "a person is told before the ledger gives up",
        DOUBTS,
        "    report(objection)  # a crash in between must not hide it\n",
        "",
    ),
    _defence(
        "a double without marker is listed",
        CREATION,
        "            record_unmarked(run, seen, self._tickets)\n",
        "",
    ),
    _defence(
        "what looks exported is not sent",
        CREATION,
        "        record_lookalikes(run, seen, self._missing())\n",
        "",
    ),
    _defence(
        "a title is enough where neither markers nor labels are kept",
        DOUBTS,
        "run.order.session_label if seen.is_traced else None",
        "run.order.session_label",
    ),
    _defence(
        "what a ledger forgot is named where only titles are kept",
        LOOKUPS,
        "    if not look.is_traced:\n",
        "    if False:\n",
    ),
    _defence(
        "a comparison lists doubles without marker",
        COMPARISON,
        "        record_unmarked(run, seen, run.order.issues)\n",
        "",
    ),
    _defence(
        "what the last look shows stops the resend",
        CREATION,
        "        if objection is not None and not was_given_up(self._run.page, identity):\n",
        "        if False:\n",
    ),
    _defence(
        "nothing is created while Jira does not show all",
        CREATION,
        "        if not seen.is_conclusive:\n",
        "        if False:\n",
    ),
    _defence(
        "a doubt is settled past the horizon only",
        CREATION,
        "            self._doubts.wait(waiting)\n",
        "",
    ),
    _defence(
        "the horizon counts from the last doubt",
        DOUBTS,
        "return max(self.since[identity]",
        "return min(self.since[identity]",
    ),
    _defence(
        "dependencies exist first",
        DOUBTS,
        "            isinstance(run.page.state(run.identity(dependency)), Exists)\n",
        "            True\n",
    ),
    _defence(
        "where nothing of ours was seen another ticket goes first",
        DOUBTS,
        "    if not seen.is_proven and any(sendable_among(run, run.order.issues)):\n",
        "    if False:\n",
    ),
    _defence(
        "where nothing of ours was ever seen an absence proves nothing",
        DOUBTS,
        "    if not seen.is_proven:\n",
        "    if False:\n",
    ),
    _defence(
        "a site that shows nothing is not sent a whole session",
        CREATION,
        "if first is None or self._is_too_much_unseen():",
        "if first is None:",
    ),
    _defence(
        "issues of other sessions prove that a site shows ours",
        LOOKUPS,
        "[*self._sentinel_ids, *earlier]",
        "self._sentinel_ids",
    ),
    _defence(
        "a number of another project is none of ours",
        PAGE,
        'key and key.startswith(f"{project_key}-")',
        "key",
    ),
    _defence(
        "what was left twice is looked for at the end",
        CREATION,
        "            self._settled += record_finds(run, seen, self._tickets)\n",
        "",
    ),
    _defence("links wait for all issues", LINKS, "    if missing:\n", "    if False:\n"),
    _defence(
        "the inward issue is the blocker",
        LINKS,
        "            inward_issue_id=self._run.issue_id(link.inward),\n"
        "            outward_issue_id=self._run.issue_id(link.outward),\n",
        "            inward_issue_id=self._run.issue_id(link.outward),\n"
        "            outward_issue_id=self._run.issue_id(link.inward),\n",
    ),
    _defence(
        "a link is believed when it was read back",
        LINKS,
        "self._seen_id(link, link_types[link.kind], found)\n",
        "self._seen_id(link, link_types[link.kind], found) or '1'\n",
    ),
    _defence(
        "a lost link, parent or sprint is sent once more", REPEATED, "ROUNDS = 2", "ROUNDS = 1"
    ),
    _defence(
        "a link, parent or sprint that was there is never sent again",
        REPEATED,
        "return isinstance(state, Exists | GivenUp)",
        "return isinstance(state, GivenUp)",
    ),
    _defence(
        "a link, parent or sprint that is not there is listed",
        REPEATED,
        "            self._leave(item, reason=self.lost_reason)\n",
        "            pass\n",
    ),
    _defence(
        "lost authentication stops every write",
        ONCE,
        "if error not in waits and not is_for_people(error):",
        "if False:",
    ),
    _defence(
        "files that are there are not sent",
        ATTACHMENTS,
        "        self._record_present(shown)\n",
        "",
    ),
    _defence(
        "a file in doubt is compared past the horizon only",
        ATTACHMENTS,
        "        self._doubts.wait(file.subject.identity for file in doubts)\n",
        "",
    ),
    _defence(
        "a file in doubt is compared by name and size",
        ATTACHMENTS,
        "if (one.file_name, one.size_bytes) == wanted",
        "if False",
    ),
    _defence(
        "what could not be read is not taken for empty",
        LOOKUPS,
        "    if failed:\n",
        "    if False:\n",
    ),
    _defence(
        "what is shown to nobody is not taken for empty",
        LOOKUPS,
        "    if not failed and not run.is_known_as(run.tools.tracker.whoami()):\n",
        "    if False:\n",
    ),
    _defence(
        "it is looked again where the process stood still",
        ONCE,
        "intended = run.commit_freshly(intend)",
        "intended = intend()",
    ),
    _defence(
        "a comment of ours that was edited is somebody's",
        TRACES,
        "own.comments.get(c.comment_id) != c.version for c",
        "c.comment_id not in own.comments for c",
    ),
    _defence(
        "a copy of our comment that somebody pasted is none of ours",
        COMMENTING,
        "own = [c for c in shown if is_of_before or c.author_id in self._run.own_accounts]",
        "own = shown",
    ),
    _defence(
        "a comment that may be there is looked for",
        COMMENTING,
        "if isinstance(self._state(one), NotSent) and not self._is_found(one):",
        "if isinstance(self._state(one), NotSent | InDoubt):",
    ),
    _defence(
        "a parent or sprint is looked at right before it is set",
        REPEATED,
        "        if self.is_looked_up:\n            self._look_at([item for items in requests for item in items])\n",
        "",
    ),
    _defence(
        "a sprint that somebody chose stays",
        PLACING,
        "if any(change.field == SPRINT_FIELD for change in changes or ()):",
        "if False:",
    ),
    _defence(
        "a ticket waits for its epic",
        RUN,
        "return (*ticket.depends_on, epic.rendered.ticket.ticket_id)",
        "return ticket.depends_on",
    ),
    _defence(
        "an epic in doubt holds no ticket back",
        RUN,
        "isinstance(self.issue_state(epic.rendered), NotSent)",
        "self.issue_receipt(epic.rendered) is None",
    ),
    _defence(
        "an epic with issues of people below it stays",
        UNDO,
        "            reasons += self._below(traces.key)\n",
        "            pass\n",
    ),
    _defence(
        "epics are deleted last",
        UNDO,
        "tuple(sorted(receipts, key=self._is_above))",
        "receipts",
    ),
    _defence(
        "an epic of that title that is not ours is named",
        "export/placing.py",
        "    _refuse_others(run, missing)\n",
        "",
    ),
    _defence(
        "overwriting replaces the text that was shown",
        UPDATING,
        "consent_to(number, text) in consents",
        "any(one.startswith(f'{number}:') for one in consents)",
    ),
    _defence(
        "a text that anybody changed is not written over",
        TEXTS,
        "return None if is_ours else CHANGED_THERE",
        "return None",
    ),
    _defence(
        "who wrote at the same time is named",
        TEXTS,
        "            self._have_compared(write, FixType.EDITED_MEANWHILE, key=text.key, action=action)\n",
        "",
    ),
    _defence(
        "an update in doubt is over past the horizon only",
        TEXTS,
        "is_as_before(text, written) and (is_over or is_answered):",
        "is_as_before(text, written):",
    ),
    _defence(
        "an issue without its marker is not deleted",
        UNDO,
        "if marker is None or marker.identity != receipt.identity:",
        "if False:",
    ),
    _defence(
        "what is not shown is not taken for deleted",
        UNDO,
        "            if run.page.open_removal(receipt.identity) is not None:\n                return Gone()\n",
        "            return Gone()\n",
    ),
    _defence("what an answer makes certain is recorded", ONCE, "record(one, answer)", "pass"),
    _defence(
        "a deletion that Jira answers 404 is looked at",
        ONCE,
        "return Unknown(reason=reason)",
        "return answer",
    ),
    _defence(
        "what a look shows is not sent",
        REPEATED,
        "left = [pending for items in requests if (pending := self.pending(items))]",
        "left = list(requests)",
    ),
    _defence(
        "that Jira said yes is no proof of a link",
        REPEATED,
        "if isinstance(answer, Created) and not self.is_answer_proof:",
        "if False:",
    ),
    _defence(
        "a link that is there is not gone",
        DETACHING,
        "\n                and (item.remote_id, item.shown_as) not in (links if item.is_link else files)",
        "",
    ),
    _defence(
        "an issue that is hidden says nothing of its links",
        DETACHING,
        "if item.issue_id in issues\n                and item.remote_id\n",
        "if item.remote_id\n",
    ),
    _defence(
        "links of an issue that says something else stay",
        DETACHING,
        "if all(follows(run, owner, planned) for owner in owners):",
        "if True:",
    ),
    _defence(
        "a sprint is known by the schema of its field",
        CLIENT,
        'item.field_id.startswith("customfield_")',
        "False",
    ),
    _defence(
        "the parent that a request took away is told",
        PLACING,
        "                self._name_overwritten(item)",
        "                pass",
    ),
    _defence(
        "a link that blocks the other way is not the one a ticket asks for",
        DETACHING,
        "if outward == identity or kind is LinkKind.RELATES",
        "if True",
    ),
    _defence(
        "an old file stays until the new one is there",
        DETACHING,
        "if not (is_planned or is_there):",
        "if False:",
    ),
    _defence(
        "an old file stays where the ticket changed since",
        DETACHING,
        "(was_updated and follows(run, rendered))",
        "was_updated",
    ),
    _defence(
        "what has no id is not deleted",
        DETACHING,
        "return lacking or (None if item.remote_id else NO_ID)",
        "return lacking",
    ),
    _defence(
        "an issue that is not ours is not written",
        TEXTS,
        "if marker is None or marker.identity != receipt.identity:",
        "if False:",
    ),
    _defence(
        "what somebody wrote at the same time is not ours",
        TEXTS,
        'text_hash_of(text) if is_alone else ""',
        "text_hash_of(text)",
    ),
    _defence(
        "a text that went back and forth was changed",
        ISSUE_TEXTS,
        "return is_same and not changes_since(text, written.last_change)",
        "return is_same",
    ),
    _defence(
        "a ticket that was edited since is not written",
        UPDATING,
        "            and rendered.rendered_hash == change.becomes.rendered_hash\n",
        "",
    ),
    _defence(
        "a comment in doubt is looked for past the horizon",
        COMMENTING,
        "        self._doubts.wait(one.subject.identity for one in left)\n",
        "",
    ),
    _defence(
        "a deletion in doubt is over past the horizon only",
        UNDO,
        "self._run.wait_until(self._since + self._run.order.settle_horizon_seconds)",
        "pass",
    ),
    _defence(
        "an issue that changes while it is judged stays",
        UNDO,
        "if text and text.updated != traces.updated:",
        "if False:",
    ),
    _defence(
        "a history that an issue shows in part is read whole",
        CLIENT,
        "if not body.is_history_whole:",
        "if False:",
    ),
    _defence(
        "who worked is read as of one moment, links and the property included",
        CLIENT,
        "if issue == before:",
        "if issue.fields.updated == before.fields.updated:",
    ),
    _defence(
        "who logged work worked with an issue",
        TRACES,
        '"worklog": traces.worklog_count,',
        '"worklog": 0,',
    ),
    _defence(
        "subtasks are of people", TRACES, '"subtask": len(traces.subtask_ids),', '"subtask": 0,'
    ),
    _defence(
        "links to other issues are of people",
        TRACES,
        "if link.link_id not in own.link_ids and link.other_issue_id not in own.linked_ids",
        "if False",
    ),
    _defence(
        "a file of that name by somebody else is theirs",
        TRACES,
        "file.author_id in own.account_ids and file.file_name",
        "file.file_name",
    ),
    _defence(
        "what others changed is theirs, whatever it is",
        TRACES,
        "if change.author_id not in own.account_ids or change.field",
        "if change.field",
    ),
    _defence(
        "without an account everything seems gone",
        RECEIPTS,
        "if not run.is_known_as(run.tools.tracker.whoami()):",
        "if False:",
    ),
    _defence("a file that is there twice is listed", COMPARISON, "if count <= 1:", "if True:"),
    _defence(
        "a file goes to an issue of its text",
        ATTACHMENTS,
        "or follows(run, file.rendered, planned)",
        "or True",
    ),
    _defence(
        "what an undo deleted is read directly: the index may show what is gone",
        LOOKUPS,
        "former = run.page.released_ids() | run.page.removed_ids",
        "former = run.page.released_ids()",
    ),
    _defence(
        "what an undo deleted, or is a copy of it, is for people to decide",
        DOUBTS,
        "if run.page.can_be_from(marker.identity, marker.sequence, issue.issue_id):",
        "if True:",
    ),
    _defence(
        "an issue that somebody else created is for people to decide, whatever marker it has",
        DOUBTS,
        "if not run.is_made_by_us(marker.identity, issue.creator_id):",
        "if False:",
    ),
    _defence(
        "an issue that was read back once is not refuted, whatever people take off it",
        RECEIPTS,
        " or was_confirmed(run, receipt, issue)",
        "",
    ),
    _defence(
        "what an earlier process was answered of a deletion counts",
        UNDO,
        "        self._confirm()  # what an earlier process was answered\n",
        "",
    ),
    _defence(
        "an undo looks for what was lost of skipped tickets, too",
        UNDO,
        "(*run.order.with_epics, *vanished)",
        "run.order.in_build_order",
    ),
    _defence(
        "a link of somebody else under an id given again is not deleted",
        DETACHING,
        "links = {(one.link_id, one.other_issue_id) for i in issues.values() for one in i.links}",
        "links = {(one.link_id, item.shown_as) for item in items for i in issues.values() for one in i.links}",
    ),
    _defence(
        "nothing is created beside issues about which people have to decide",
        CREATION,
        "if unclaimed := unclaimed_among(self._run, seen.issues):",
        "if unclaimed := {}:",
    ),
    _defence(
        "an answered deletion is believed when it was read back",
        UNDO,
        "            if issue_id in shown:",
        "            if False:",
    ),
    _defence(
        "what is not shown after a deletion without an answer may be hidden",
        UNDO,
        "self._run.page.write_of_issue(receipt, LedgerEvent.REMOVAL_UNCONFIRMED)",
        "self._run.page.write_of_issue(receipt, LedgerEvent.REMOVED)",
    ),
    _defence(
        "a comment of any account of ours is ours",
        COMMENTING,
        "or c.author_id in self._run.own_accounts]",
        "or c.author_id == self._run.account.account_id]",
    ),
    _defence(
        "an update of any account of ours is no change of somebody",
        TEXTS,
        "own = self._run.own_accounts",
        "own = {self._run.account.account_id}",
    ),
    _defence(
        "what our ledger never wrote on an issue is not ours",
        TRACES,
        "ours = own.fields | (",
        "ours = frozenset({'attachment', 'issueparentassociation', 'link', 'parent', 'rank', 'sprint'}) | (",
    ),
    _defence(
        "a link that was there before ours is not ours",
        LINKS,
        "if identity not in self._absent and not self._is_made_earlier(link, link_id):",
        "if False:",
    ),
    _defence(
        "a link in doubt that an account of ours made since its intent is ours",
        LINKS,
        "and is_sent_by_us(self._run, state.intent, by=change.author_id, at=change.at)",
        "and False",
    ),
    _defence(
        "a link that was found stays",
        DETACHING,
        " or receipt.origin is Origin.FOUND",
        "",
    ),
    _defence(
        "a file that was there before ours is not ours",
        ATTACHMENTS,
        "origin=None if is_ours else Origin.FOUND",
        "origin=None",
    ),
    _defence("a file that was found stays", DETACHING, " and old.origin is None", ""),
    _defence(
        "what carries another ticket's identity is not adopted",
        ADOPTION,
        "if marker is not None and marker.identity != identity:",
        "if False:",
    ),
    _defence(
        "the issue of another ticket is not adopted, whatever it carries",
        ADOPTION,
        "if issue.issue_id in of_tickets:",
        "if False:",
    ),
    _defence(
        "an issue in another project is not adopted",
        ADOPTION,
        'if not issue.key.startswith(f"{run.target.project_key}-"):',
        "if False:",
    ),
    _defence("an issue named for two tickets is not adopted", ADOPTION, "named[key] > 1", "False"),
    _defence(
        "a ticket whose issue is in doubt adopts none",
        ADOPTION,
        'return "an issue of it may exist that Jira did not confirm: settle that first"',
        'return ""',
    ),
    _defence(
        "a ticket that has an issue adopts none",
        ADOPTION,
        'return f"it has an issue: {receipt.remote_key}"',
        'return ""',
    ),
    _defence(
        "marks are written that an adoption did not come to",
        CREATION,
        "        marking(run).bring_about()\n",
        "",
    ),
    _defence(
        "an adopted issue with another ticket's identity is not marked over",
        ADOPTION,
        "            elif marker is not None:\n",
        "            elif False:\n",
    ),
    _defence(
        "an undo deletes nothing that people made",
        UNDO,
        "is_handmade(run.page.of_issue(receipt)) or (marker and marker.is_adopted)",
        "False",
    ),
    _defence(
        "an adopted text that remembers nothing is people's",
        TEXTS,
        "if last is None and receipt.origin is Origin.ADOPTED:",
        "if False:",
    ),
    _defence(
        "a text that people share is not ours where the issue forgets which of it is",
        TEXTS,
        "self._is_as_left(receipt, text) and not (last and last.is_shared)",
        "self._is_as_left(receipt, text)",
    ),
    _defence(
        "an issue whose text people share is not taken back",
        UNDO,
        "            and not (last and last.is_shared)\n",
        "",
    ),
    _defence(
        "an issue that says it was adopted is not taken for one that we sent",
        DOUBTS,
        "    if marker.is_adopted:\n",
        "    if False:\n",
    ),
    _defence(
        "nothing of an adopted text is ours",
        ADOPTION,
        "nothing_ours = {} if last_text(run.page, receipt) else {BLOCKS_PROPERTY: NOTHING_OURS}",
        "nothing_ours = dict[str, object]()",
    ),
    _defence(
        "an adopted issue is its ticket's, whoever marked it since",
        RECEIPTS,
        "if receipt.origin is Origin.ADOPTED:",
        "if False:",
    ),
    _defence(
        "only what people made is given back",
        DECIDING,
        "is_adopted = receipt is not None and is_handmade(self._run.page.of_issue(receipt))",
        "is_adopted = receipt is not None",
    ),
    _defence(
        "an issue is given back without its mark",
        DECIDING,
        'answer = unmark(self._run, receipt.remote_id or "")',
        'answer = Created(remote_id="", remote_key="")',
    ),
    _defence(
        "an issue is given back without our links",
        DECIDING,
        "        Detaching(self._run, links_at(self._run, receipt)).bring_about()\n",
        "",
    ),
    _defence(
        "links of people stay on an issue that is given back",
        DETACHING,
        " and receipt.origin is not Origin.FOUND",
        "",
    ),
    _defence(
        "a block that people changed is not written over",
        MERGING,
        "if mark_of(node) in {was.mark, was.given}:",
        "if True:",
    ),
    _defence(
        "a block is ours by what it says, not by its place",
        MERGING,
        "        if same := by_mark.get(mark_of(node)):\n",
        "        if same := next((q for q in by_mark.values() if q), None):\n",
    ),
    _defence(
        "rows of a table are blocks of their own",
        MERGING,
        "_remembered(_keyed(_children(node))) if kind in CONTAINERS else ()",
        "()",
    ),
    _defence(
        "only a document that was ours from end to end is written anew",
        MERGING,
        "return WHOLE in memory[-1:] and marks ==",
        "return marks ==",
    ),
    _defence(
        "a document as we left it is written anew only if it was ours from end to end",
        MERGING,
        "(is_as_left and WHOLE in memory[-1:])",
        "is_as_left",
    ),
    _defence(
        "what people took away stays away",
        MERGING,
        "stay_away = [gone[key] for key in wanted if key in gone and gone[key].mark == marks[key]]",
        "stay_away = list[Remembered]()",
    ),
    _defence(
        "a title that people gave stays",
        ISSUE_TEXTS,
        "summary=summary if is_title_ours else text.summary",
        "summary=summary",
    ),
    _defence(
        "a text that Jira would refuse is not sent",
        TEXTS,
        "return TOO_LONG if size_bytes > self._run.order.body_max_bytes else None",
        "return None",
    ),
    _defence(
        "a memory fits into a property",
        MERGING,
        "if len(text) <= MEMORY_MAX_CHARACTERS:",
        "if True:",
    ),
    _defence(
        "what is put below what people rewrote is named",
        TEXTS,
        "            self._name_what_is_below(write, write.text, key=text.key)\n",
        "",
    ),
    _defence(
        "ours as Jira gave it back is ours",
        MERGING,
        'given="" if mark == one.mark else mark',
        'given=""',
    ),
)
