"""The defences of the export, each with the change that takes it out.

Belongs here: what each defence is for, and its text. Does not: running anything (`__main__`).
A text that is not found exactly once is an error of this list: the code moved on.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    name: str
    file: str
    text: str
    without: str


WITH_AND_WITHOUT: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "model/exports.py": {
        "an intent without an outcome is in doubt": (
            "state = InDoubt(entry, is_resend_spent=is_resend_spent)",
            "state = NotSent(attempts)",
        ),
        "an answer that does not tell is in doubt": (
            "LedgerEvent.UNKNOWN\n                state = InDoubt(intent, is_resend_spent=is_resend_spent)",
            "LedgerEvent.UNKNOWN\n                state = NotSent(attempts)",
        ),
        "what an answer named wrongly is in doubt again": (
            "None:\n                    state = InDoubt(intent, is_resend_spent=is_resend_spent)",
            "None:\n                    state = NotSent(attempts)",
        ),
        "only one resend": ("is_resend_spent = True", "is_resend_spent = False"),
        "what exists is not taken back by a late refusal": (
            "case LedgerEvent.NOTHING_DONE if not isinstance(state, Exists):",
            "case LedgerEvent.NOTHING_DONE:",
        ),
        "what a person has to settle is not sent": (
            "state = GivenUp(entry)",
            "state = NotSent(attempts)",
        ),
        "an identity is of one target": (
            'f"{target_id}\\n{session_key}\\n{ticket_id}"',
            'f"{session_key}\\n{ticket_id}"',
        ),
    },
    "export/ledger_page.py": {
        "an earlier attempt may have been done late": (
            "return min(entry.low_bound or 0 for entry in intents)",
            "return max(entry.low_bound or 0 for entry in intents)",
        ),
        "an issue that was absent may come late": (
            "entry.event is LedgerEvent.ABSENT for entry in entries",
            "False for entry in entries",
        ),
        "a number of another project is none of ours": (
            'key and key.startswith(f"{project_key}-")',
            "key",
        ),
    },
    "export/sending.py": {
        "the low bound is not above the truth": (
            "low_bound=run.page.highest_number(run.target.project_key),",
            "low_bound=run.page.highest_number(run.target.project_key) + 50,",
        ),
        "a bulk that does not add up is in doubt": (
            "is_consistent = unseen == set(answer.failed)",
            "is_consistent = True",
        ),
        "no bulk where markers do not come back": (
            "self._is_bulk_safe = shown is not None and shown.issue_id == last.remote_id",
            "self._is_bulk_safe = True",
        ),
        "three creations in a row without an answer are an outage": (
            "UNANSWERED_MAX = 3",
            "UNANSWERED_MAX = 300",
        ),
        "a creation without an answer and a site that cannot be read are an outage": (
            "                raise outage from error\n",
            "                pass\n",
        ),
        "a resend that is lost in an outage is not spent": (
            "                self._run.page.write(what, LedgerEvent.LOST_IN_OUTAGE)\n",
            "                del what\n",
        ),
        "in an outage no ticket is risked": (
            "        if unanswered_creations(self._run.page) and (is_again or not self.sent):\n",
            "        if False:\n",
        ),
    },
    "export/lookups.py": {
        "a reading without its sentinel says nothing": (
            "if answer.failed or not self._is_project_seen(shown):",
            "if answer.failed:",
        ),
        "a reading with failed elements says nothing": (
            "if answer.failed or not self._is_project_seen(shown):",
            "if not self._is_project_seen(shown):",
        ),
        "numbers beyond the highest known one are looked at": (
            "WINDOW_MARGIN = FETCH_SIZE - OWN_SENTINELS_MAX - 1",
            "WINDOW_MARGIN = 0",
        ),
        "a resend without a witness looks far": (
            "UNWITNESSED_MARGIN = 5_000",
            "UNWITNESSED_MARGIN = 100",
        ),
        "the window reaches to the highest number of all sessions": (
            "        highest = max(highest, of_all)\n",
            "",
        ),
        "another installation's issues stop the export": (
            "    refuse_other_installation(run, seen.issues)\n",
            "",
        ),
        "the label finds what lies outside the window": (
            "(*labelled, *self._issues)",
            "self._issues",
        ),
        "issues an undo deleted do not count": ("if issue.issue_id not in gone", "if True"),
        "what a ledger forgot is named where only titles are kept": (
            "    if not look.is_traced:\n",
            "    if False:\n",
        ),
        "issues of other sessions prove that a site shows ours": (
            "[*self._sentinel_ids, *earlier]",
            "self._sentinel_ids",
        ),
        "what could not be read is not taken for empty": ("    if failed:\n", "    if False:\n"),
        "what is shown to nobody is not taken for empty": (
            "    if not failed and not run.is_known_as(run.tools.tracker.whoami()):\n",
            "    if False:\n",
        ),
        "without an account everything seems gone": (
            "if not run.is_known_as(run.tools.tracker.whoami()):",
            "if False:",
        ),
        "what an undo deleted is read directly: the index may show what is gone": (
            "former = run.page.released_ids() | run.page.removed_ids",
            "former = run.page.released_ids()",
        ),
        "an issue that was read back once is not refuted, whatever people take off it": (
            " or was_confirmed(run, receipt, issue)",
            "",
        ),
        "an adopted issue is its ticket's, whoever marked it since": (
            "if receipt.origin is Origin.ADOPTED:",
            "if False:",
        ),
    },
    "export/unconfirmed.py": {
        "an absence counts in a conclusive reading only": (
            "    if not seen.is_conclusive:\n        return\n",
            "",
        ),
        "where markers are dropped an absence proves nothing": (
            '    if not seen.is_calibrated:\n        return "this',
            '    if False:\n        return "this',
        ),
        "an issue without marker may be the ticket's": ("    if suspects:\n", "    if False:\n"),
        "a second absence is for a person": (
            "    if objection is None and isinstance(state, InDoubt) and state.is_resend_spent:\n",
            "    if False:\n",
        ),
        "of two issues the lowest id wins": (
            "remote_id=ours[0].issue_id,",
            "remote_id=ours[-1].issue_id,",
        ),
        "a double is listed": (
            'list_possible_orphan(run, rendered, key=other.key, why="it exists twice", action=action)',
            "pass",
        ),
        "a person is told before the ledger gives up": (
            "    report(objection)  # a crash in between must not hide it\n",
            "",
        ),
        "a title is enough where neither markers nor labels are kept": (
            "run.order.session_label if seen.is_traced else None",
            "run.order.session_label",
        ),
        "the horizon counts from the last doubt": (
            "return max(self.since[identity]",
            "return min(self.since[identity]",
        ),
        "dependencies exist first": (
            "        if is_exported and not isinstance(run.page.state(run.identity(dependency)), Exists):\n",
            "        if False:\n",
        ),
        "where nothing of ours was seen another ticket goes first": (
            "    if not seen.is_proven and any(sendable_tickets(run, run.order.issues)):\n",
            "    if False:\n",
        ),
        "where nothing of ours was ever seen an absence proves nothing": (
            "    if not seen.is_proven:\n",
            "    if False:\n",
        ),
        "what an undo deleted, or is a copy of it, is for people to decide": (
            "if run.page.can_be_from(marker.identity, marker.sequence, issue.issue_id):",
            "if True:",
        ),
        "an issue that somebody else created is for people to decide, whatever marker it has": (
            "if not run.is_made_by_us(marker.identity, issue.creator_id):",
            "if False:",
        ),
        "an issue that says it was adopted is not taken for one that we sent": (
            "    if marker.is_adopted:\n",
            "    if False:\n",
        ),
    },
    "export/creation.py": {
        "a new ticket is kept back to close the window": (
            "        if keeps_witness and self._queue.unconfirmed():\n",
            "        if False:\n",
        ),
        "what was created before the horizon closes no window": (
            "        self._sequence_at_horizon = self._run.page.last_sequence()\n",
            "",
        ),
        "a look comes before every resend": (
            "        seen = self._probe(is_wide=True)\n",
            "        seen = probe(self._run, 10**9)\n",
        ),
        "the sweep at the end reads the numbers that may be ours": (
            "        seen = probe_known_ranges(run)\n",
            "        seen = probe(run, 10**9)\n",
        ),
        "a double without marker is listed": (
            "        list_unmarked_duplicates(run, seen, self._queue.tickets)\n",
            "",
        ),
        "what looks exported is not sent": (
            "        hold_back_lookalikes(run, seen, self._queue.missing())\n",
            "",
        ),
        "what the last look shows stops the resend": (
            "        if objection is not None and not was_given_up(self._run.page, identity):\n",
            "        if False:\n",
        ),
        "nothing is created while Jira does not show all": (
            "        if not seen.is_conclusive:\n",
            "        if False:\n",
        ),
        "a doubt is settled past the horizon only": (
            "        self._unconfirmed.wait(identities)\n",
            "",
        ),
        "a site that shows nothing is not sent a whole session": (
            "if first is None or self._is_too_much_unseen():",
            "if first is None:",
        ),
        "what was left twice is looked for at the end": (
            "issues)\n        self._settled += record_found_issues(run, seen, self._queue.tickets)\n        list",
            "issues)\n        list",
        ),
        "nothing is created beside issues about which people have to decide": (
            "        unclaimed = unclaimed_issues(run, seen.issues)\n",
            "        unclaimed = {}\n",
        ),
        "marks are written that an adoption did not come to": (
            "        marking(run).bring_about()\n",
            "",
        ),
    },
    "export/ledger_comparison.py": {
        "a comparison lists doubles without marker": (
            "        list_unmarked_duplicates(run, seen, run.order.issues)\n",
            "",
        ),
        "a comment of ours that was edited is somebody's": (
            "own.comments.get(c.comment_id) != c.version for c",
            "c.comment_id not in own.comments for c",
        ),
        "who logged work worked with an issue": (
            '"worklog": traces.worklog_count,',
            '"worklog": 0,',
        ),
        "subtasks are of people": ('"subtask": len(traces.subtask_ids),', '"subtask": 0,'),
        "links to other issues are of people": (
            "if link.link_id not in own.link_ids and link.other_issue_id not in own.linked_ids",
            "if False",
        ),
        "a file of that name by somebody else is theirs": (
            "file.author_id in own.account_ids and file.file_name",
            "file.file_name",
        ),
        "what others changed is theirs, whatever it is": (
            "if change.author_id not in own.account_ids or change.field",
            "if change.field",
        ),
        "a file that is there twice is listed": ("if count <= 1:", "if True:"),
        "what our ledger never wrote on an issue is not ours": (
            "ours = own.fields | (",
            "ours = frozenset({'attachment', 'issueparentassociation', 'link', 'parent', 'rank', 'sprint'}) | (",
        ),
    },
    "export/links.py": {
        "links wait for all issues": ("    if missing:\n", "    if False:\n"),
        "the inward issue is the blocker": (
            (
                "            inward_issue_id=self._run.issue_id(link.inward),\n"
                "            outward_issue_id=self._run.issue_id(link.outward),\n"
            ),
            (
                "            inward_issue_id=self._run.issue_id(link.outward),\n"
                "            outward_issue_id=self._run.issue_id(link.inward),\n"
            ),
        ),
        "a link is believed when it was read back": (
            "self._seen_id(link, link_types[link.kind], found)\n",
            "self._seen_id(link, link_types[link.kind], found) or '1'\n",
        ),
        "a link that is there is not gone": (
            "\n                and (item.remote_id, item.shown_as) not in (links if item.is_link else files)",
            "",
        ),
        "an issue that is hidden says nothing of its links": (
            "if item.issue_id in issues\n                and item.remote_id\n",
            "if item.remote_id\n",
        ),
        "links of an issue that says something else stay": (
            "if all(follows(run, owner, planned) for owner in owners):",
            "if True:",
        ),
        "a link that blocks the other way is not the one a ticket asks for": (
            "if outward == identity or kind is LinkKind.RELATES",
            "if True",
        ),
        "an old file stays until the new one is there": (
            "if not (is_planned or is_there):",
            "if False:",
        ),
        "an old file stays where the ticket changed since": (
            "(was_updated and follows(run, rendered))",
            "was_updated",
        ),
        "what has no id is not deleted": (
            "return lacking or (None if item.remote_id else NO_ID)",
            "return lacking",
        ),
        "a link of somebody else under an id given again is not deleted": (
            "links = {(one.link_id, one.other_issue_id) for i in issues.values() for one in i.links}",
            "links = {(one.link_id, item.shown_as) for item in items for i in issues.values() for one in i.links}",
        ),
        "a link that was there before ours is not ours": (
            "if identity not in self._absent and not self._is_made_earlier(link, link_id):",
            "if False:",
        ),
        "a link in doubt that an account of ours made since its intent is ours": (
            "and is_sent_by_us(self._run, state.intent, by=change.author_id, at=change.at)",
            "and False",
        ),
        "a link that was found stays": (" or receipt.origin is Origin.FOUND", ""),
        "a file that was found stays": (" and old.origin is None", ""),
        "links of people stay on an issue that is given back": (
            " and receipt.origin is not Origin.FOUND",
            "",
        ),
    },
    "export/repeated_writes.py": {
        "a lost link, parent or sprint is sent once more": ("ROUNDS = 2", "ROUNDS = 1"),
        "a link, parent or sprint that was there is never sent again": (
            "return isinstance(state, Exists | GivenUp)",
            "return isinstance(state, GivenUp)",
        ),
        "a link, parent or sprint that is not there is listed": (
            "            self._leave(item, reason=self.lost_reason)\n",
            "            pass\n",
        ),
        "lost authentication stops every write": (
            "if error not in waits and not is_for_people(error):",
            "if False:",
        ),
        "it is looked again where the process stood still": (
            "intended = run.commit_freshly(intend)",
            "intended = intend()",
        ),
        "a parent or sprint is looked at right before it is set": (
            "        if self.is_looked_up:\n            self._look_at([item for items in requests for item in items])\n",
            "",
        ),
        "what an answer makes certain is recorded": ("record(one, answer)", "pass"),
        "a deletion that Jira answers 404 is looked at": (
            "return Unknown(reason=reason)",
            "return answer",
        ),
        "what a look shows is not sent": (
            "left = [pending for items in requests if (pending := self.pending(items))]",
            "left = list(requests)",
        ),
        "that Jira said yes is no proof of a link": (
            "if isinstance(answer, Created) and not self.is_answer_proof:",
            "if False:",
        ),
    },
    "export/attachments.py": {
        "files that are there are not sent": ("        self._record_present(shown)\n", ""),
        "a file in doubt is not sent": (
            "                if not isinstance(state, NotSent) or self._is_left_to_people(file):\n",
            "                if self._is_left_to_people(file):\n",
        ),
        "a file in doubt is compared past the horizon only": (
            "        self._unconfirmed.wait(file.subject.identity for file in doubts)\n",
            "",
        ),
        "a file in doubt is compared by name and size": (
            "if (one.file_name, one.size_bytes) == wanted",
            "if False",
        ),
        "a file goes to an issue of its text": (
            "or follows(run, file.rendered, planned)",
            "or True",
        ),
        "a file that was there before ours is not ours": (
            "origin=None if is_ours else Origin.FOUND",
            "origin=None",
        ),
    },
    "export/updating.py": {
        "a copy of our comment that somebody pasted is none of ours": (
            "own = [c for c in shown if is_of_before or c.author_id in self._run.own_accounts]",
            "own = shown",
        ),
        "a comment that may be there is looked for": (
            "if isinstance(self._state(one), NotSent) and not self._is_found(one):",
            "if isinstance(self._state(one), NotSent | InDoubt):",
        ),
        "overwriting replaces the text that was shown": (
            "consent_to(number, text) in consents",
            "any(one.startswith(f'{number}:') for one in consents)",
        ),
        "a ticket that was edited since is not written": (
            "            and rendered.rendered_hash == change.becomes.rendered_hash\n",
            "",
        ),
        "a comment in doubt is looked for past the horizon": (
            "        self._unconfirmed.wait(one.subject.identity for one in left)\n",
            "",
        ),
        "a comment of any account of ours is ours": (
            "or c.author_id in self._run.own_accounts]",
            "or c.author_id == self._run.account.account_id]",
        ),
    },
    "export/placing.py": {
        "a sprint that somebody chose stays": (
            "if any(change.field == SPRINT_FIELD for change in changes or ()):",
            "if False:",
        ),
        "an epic of that title that is not ours is named": (
            "    _refuse_others(run, missing)\n",
            "",
        ),
        "the parent that a request took away is told": (
            "                self._name_overwritten(item)",
            "                pass",
        ),
    },
    "export/export_run.py": {
        "a ticket waits for its epic": (
            "return (*ticket.depends_on, epic.rendered.ticket.ticket_id)",
            "return ticket.depends_on",
        ),
        "an epic in doubt holds no ticket back": (
            "isinstance(self.issue_state(epic.rendered), NotSent)",
            "self.issue_receipt(epic.rendered) is None",
        ),
    },
    "export/undo.py": {
        "an epic with issues of people below it stays": (
            "            reasons += self._below(traces.key)\n",
            "            pass\n",
        ),
        "epics are deleted last": ("tuple(sorted(receipts, key=self._is_above))", "receipts"),
        "an issue without its marker is not deleted": (
            "if marker is None or marker.identity != receipt.identity:",
            "if False:",
        ),
        "what is not shown is not taken for deleted": (
            "            if run.page.open_removal(receipt.identity) is not None:\n                return Gone()\n",
            "            return Gone()\n",
        ),
        "a deletion in doubt is over past the horizon only": (
            "self._run.wait_until(self._since + self._run.order.settle_horizon_seconds)",
            "pass",
        ),
        "an issue that changes while it is judged stays": (
            "if text and text.updated != traces.updated:",
            "if False:",
        ),
        "what an earlier process was answered of a deletion counts": (
            "        self._confirm()  # what an earlier process was answered\n",
            "",
        ),
        "an undo looks for what was lost of skipped tickets, too": (
            "(*run.order.with_epics, *vanished)",
            "run.order.in_build_order",
        ),
        "an answered deletion is believed when it was read back": (
            "            if issue_id in shown:",
            "            if False:",
        ),
        "what is not shown after a deletion without an answer may be hidden": (
            "self._run.page.write_of_issue(receipt, LedgerEvent.REMOVAL_UNCONFIRMED)",
            "self._run.page.write_of_issue(receipt, LedgerEvent.REMOVED)",
        ),
        "an undo deletes nothing that people made": (
            "is_handmade(run.page.of_issue(receipt)) or (marker and marker.is_adopted)",
            "False",
        ),
        "an issue whose text people share is not taken back": (
            "            and not (last and last.is_shared)\n",
            "",
        ),
    },
    "export/text_writes.py": {
        "a text that anybody changed is not written over": (
            "return None if is_ours else CHANGED_THERE",
            "return None",
        ),
        "who wrote at the same time is named": (
            "            self._have_compared(write, FixType.EDITED_MEANWHILE, key=text.key, action=action)\n",
            "",
        ),
        "an update in doubt is over past the horizon only": (
            "is_as_before(text, written) and (is_over or is_answered):",
            "is_as_before(text, written):",
        ),
        "an issue that is not ours is not written": (
            "if marker is None or marker.identity != receipt.identity:",
            "if False:",
        ),
        "what somebody wrote at the same time is not ours": (
            'text_hash_of(text) if is_alone else ""',
            "text_hash_of(text)",
        ),
        "a text that went back and forth was changed": (
            "return is_same and not changes_since(text, written.last_change)",
            "return is_same",
        ),
        "an update of any account of ours is no change of somebody": (
            "own = self._run.own_accounts",
            "own = {self._run.account.account_id}",
        ),
        "an adopted text that remembers nothing is people's": (
            "if last is None and receipt.origin is Origin.ADOPTED:",
            "if False:",
        ),
        "a text that people share is not ours where the issue forgets which of it is": (
            "self._is_as_left(receipt, text) and not (last and last.is_shared)",
            "self._is_as_left(receipt, text)",
        ),
        "a title that people gave stays": (
            "summary=summary if is_title_ours else text.summary",
            "summary=summary",
        ),
        "a text that Jira would refuse is not sent": (
            "return TOO_LONG if size_bytes > self._run.order.body_max_bytes else None",
            "return None",
        ),
        "what is put below what people rewrote is named": (
            "            self._name_what_is_below(write, write.text, key=text.key)\n",
            "",
        ),
    },
    "jira/client/client.py": {
        "a sprint is known by the schema of its field": (
            'item.field_id.startswith("customfield_")',
            "False",
        ),
        "a history that an issue shows in part is read whole": (
            "if not body.is_history_whole:",
            "if False:",
        ),
        "who worked is read as of one moment, links and the property included": (
            "if issue == before:",
            "if issue.fields.updated == before.fields.updated:",
        ),
    },
    "export/adoption.py": {
        "what carries another ticket's identity is not adopted": (
            "if marker is not None and marker.identity != identity:",
            "if False:",
        ),
        "the issue of another ticket is not adopted, whatever it carries": (
            "if issue.issue_id in of_tickets:",
            "if False:",
        ),
        "an issue in another project is not adopted": (
            'if not issue.key.startswith(f"{run.target.project_key}-"):',
            "if False:",
        ),
        "an issue named for two tickets is not adopted": ("named[key] > 1", "False"),
        "a ticket whose issue is in doubt adopts none": (
            'return "an issue of it may exist that Jira did not confirm: settle that first"',
            'return ""',
        ),
        "a ticket that has an issue adopts none": (
            'return f"it has an issue: {receipt.remote_key}"',
            'return ""',
        ),
        "an adopted issue with another ticket's identity is not marked over": (
            "            elif marker is not None:\n",
            "            elif False:\n",
        ),
        "nothing of an adopted text is ours": (
            "nothing_ours = {} if last_text(run.page, receipt) else {BLOCKS_PROPERTY: NOTHING_OURS}",
            "nothing_ours = dict[str, object]()",
        ),
    },
    "export/settle.py": {
        "only what people made is given back": (
            "is_adopted = receipt is not None and is_handmade(self._run.page.of_issue(receipt))",
            "is_adopted = receipt is not None",
        ),
        "an issue is given back without its mark": (
            'answer = unmark(self._run, receipt.remote_id or "")',
            'answer = Created(remote_id="", remote_key="")',
        ),
        "an issue is given back without our links": (
            "        Detaching(self._run, links_at(self._run, receipt)).bring_about()\n",
            "",
        ),
    },
    "jira/adf/merging.py": {
        "a block that people changed is not written over": (
            "if mark_of(node) in {was.mark, was.given}:",
            "if True:",
        ),
        "a block is ours by what it says, not by its place": (
            "        if same := by_mark.get(mark):\n",
            "        if same := next((q for q in by_mark.values() if q), None):\n",
        ),
        "rows of a table are blocks of their own": (
            "_remembered(_keyed(_children(node))) if kind in CONTAINERS else ()",
            "()",
        ),
        "only a document that was ours from end to end is written anew": (
            "return WHOLE in memory[-1:] and marks ==",
            "return marks ==",
        ),
        "a document as we left it is written anew only if it was ours from end to end": (
            "(is_as_left and WHOLE in memory[-1:])",
            "is_as_left",
        ),
        "what people took away stays away": (
            "if key in gone and _says(gone[key].mark, node, width)",
            "if not key",
        ),
        "a row that only moved says nothing new": (
            "is_moved = bool(place) and",
            "is_moved = False and",
        ),
        "a memory fits into a property": ("if len(text) <= MEMORY_MAX_CHARACTERS:", "if True:"),
        "ours as Jira gave it back is ours": ('given="" if mark == one.mark else mark', 'given=""'),
    },
}
"""By module and name: the text of a defence, and what is in its place without it."""
DEFENCES = tuple(
    Defence(name=name, file=file, text=text, without=without)
    for file, defences in WITH_AND_WITHOUT.items()
    for name, (text, without) in defences.items()
)
