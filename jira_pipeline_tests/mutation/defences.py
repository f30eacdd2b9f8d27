"""The defences of the export: the mark of each in the source, and how it is taken out.

Belongs here: what each defence is for. Does not: the kinds of change (`removals`), finding the marks
(`marks`), running anything (`__main__`).
A mark that is not in the source exactly once is an error of this list, and so is one without a
defence.
"""

from typing import Final

from jira_pipeline_tests.mutation.removals import (
    Always,
    ComparedBy,
    Dropped,
    Instead,
    Never,
    Removal,
    Skipped,
    Swapped,
    Value,
)


class Defence:
    """What keeps one promise in one way, by the mark of its statement in the source."""

    def __init__(self, name: str, mark: str, *removals: Removal) -> None:
        self.name: Final = name
        self.mark: Final = mark
        self.removals: Final = removals
        """The changes that take it out together."""


DEFENCES: Final = (
    # What the entries of the ledger add up to.
    Defence("an intent without an outcome is in doubt", "intent-is-doubt", Value("NotSent()")),
    Defence("an answer that does not tell is in doubt", "unknown-is-doubt", Value("NotSent()")),
    Defence(
        "what an answer named wrongly is in doubt again", "refuted-is-doubt", Value("NotSent()")
    ),
    Defence("only one resend", "one-resend", Value("False")),
    Defence("what exists is not taken back by a late refusal", "late-refusal", Always()),
    Defence("what a person has to settle is not sent", "given-up-is-not-sent", Value("NotSent()")),
    Defence("an identity is of one target", "identity-of-target", Instead("target_id", "''")),
    # What the ledger says of numbers and attempts.
    Defence(
        "an earlier attempt may have been done late", "earliest-low-bound", Instead("min", "max")
    ),
    Defence("an issue that was absent may come late", "absent-may-come-late", Dropped("ABSENT")),
    Defence("a number of another project is none of ours", "foreign-number", Dropped("startswith")),
    # Sending creations.
    Defence(
        "the low bound is not above the truth",
        "low-bound",
        Instead("highest_number", "lambda key: _(key) + 50"),
    ),
    Defence("a bulk that does not add up is in doubt", "consistent-bulk", Value("True")),
    Defence("no bulk where markers do not come back", "bulk-needs-markers", Value("True")),
    Defence(
        "three creations in a row without an answer are an outage", "unanswered-limit", Value("300")
    ),
    Defence(
        "a creation without an answer and a site that cannot be read are an outage",
        "unreadable-is-outage",
        Skipped(),
    ),
    Defence("a resend that is lost in an outage is not spent", "resend-lost-in-outage", Skipped()),
    Defence("in an outage no ticket is risked", "no-risk-in-outage", Never()),
    # Looking issues up.
    Defence(
        "a reading without its sentinel says nothing", "sentinel-shown", Dropped("_is_project_seen")
    ),
    Defence("a reading with failed elements says nothing", "failed-elements", Dropped("failed")),
    Defence("numbers beyond the highest known one are looked at", "window-margin", Value("0")),
    Defence("a resend without a witness looks far", "unwitnessed-margin", Value("100")),
    Defence(
        "the window reaches to the highest number of all sessions",
        "window-of-all-sessions",
        Skipped(),
    ),
    Defence("another installation's issues stop the export", "other-installation", Skipped()),
    Defence("the label finds what lies outside the window", "found-by-label", Value("()")),
    Defence("issues an undo deleted do not count", "deleted-do-not-count", Always()),
    Defence(
        "what a ledger forgot is named where only titles are kept", "deep-sweep-by-title", Never()
    ),
    Defence(
        "issues of other sessions prove that a site shows ours",
        "sentinels-of-other-sessions",
        Value("self._sentinel_ids"),
    ),
    Defence("what could not be read is not taken for empty", "unreadable-is-not-empty", Never()),
    Defence("what is shown to nobody is not taken for empty", "shown-to-nobody", Never()),
    Defence("without an account everything seems gone", "known-account", Never()),
    Defence(
        "what an undo deleted is read directly: the index may show what is gone",
        "removed-are-read",
        Dropped("removed_ids"),
    ),
    Defence(
        "an issue that was read back once is not refuted, whatever people take off it",
        "confirmed-once",
        Dropped("was_confirmed"),
    ),
    Defence(
        "an adopted issue is its ticket's, whoever marked it since",
        "adopted-whoever-marked",
        Never(),
    ),
    # Settling what Jira did not confirm.
    Defence("an absence counts in a conclusive reading only", "conclusive-absence", Never()),
    Defence("where markers are dropped an absence proves nothing", "dropped-markers", Never()),
    Defence("an issue without marker may be the ticket's", "unmarked-suspects", Never()),
    Defence("a second absence is for a person", "second-absence", Never()),
    Defence("of two issues the lowest id wins", "lowest-id-wins", Instead("0", "-1")),
    Defence("a double is listed", "double-is-listed", Skipped()),
    Defence("a person is told before the ledger gives up", "report-before-giving-up", Skipped()),
    Defence("a title is enough where neither markers nor labels are kept", "title-alone", Always()),
    Defence(
        "the horizon counts from the last doubt", "horizon-of-last-doubt", Instead("max", "min")
    ),
    Defence("dependencies exist first", "dependencies-first", Never()),
    Defence(
        "where nothing of ours was seen another ticket goes first", "other-ticket-first", Never()
    ),
    Defence(
        "where nothing of ours was ever seen an absence proves nothing", "unproven-absence", Never()
    ),
    Defence(
        "what an undo deleted, or is a copy of it, is for people to decide",
        "deleted-by-undo",
        Always(),
    ),
    Defence(
        "an issue that somebody else created is for people to decide, whatever marker it has",
        "created-by-somebody",
        Never(),
    ),
    Defence(
        "an issue that says it was adopted is not taken for one that we sent",
        "adopted-marker",
        Never(),
    ),
    # Creating issues, step by step.
    Defence("a new ticket is kept back to close the window", "witness", Never()),
    Defence(
        "what was created before the horizon closes no window", "sequence-at-horizon", Skipped()
    ),
    Defence(
        "a look comes before every resend", "probe-before-resend", Value("probe(self._run, 10**9)")
    ),
    Defence(
        "the sweep at the end reads the numbers that may be ours",
        "sweep-at-end",
        Value("probe(self._run, 10**9)"),
    ),
    Defence("a double without marker is listed", "unmarked-duplicates", Skipped()),
    Defence(
        "a look begins where all was read before something was sent",
        "start-of-a-sweep",
        Value("max([self._highest_bound, *self._highest.values()])"),
    ),
    Defence("what looks exported is not sent", "lookalikes", Skipped()),
    Defence("what the last look shows stops the resend", "last-probe-objects", Never()),
    Defence(
        "nothing is created while Jira does not show all", "conclusive-before-creation", Never()
    ),
    Defence("a doubt is settled past the horizon only", "creation-horizon", Skipped()),
    Defence(
        "what a gateway limited is looked for as far as a resend is",
        "window-of-limited",
        Skipped(),
    ),
    Defence(
        "a site that shows nothing is not sent a whole session",
        "too-much-unseen",
        Dropped("_is_too_much_unseen"),
    ),
    Defence("what was left twice is looked for at the end", "left-twice", Skipped()),
    Defence(
        "nothing is created beside issues about which people have to decide",
        "unclaimed-issues",
        Value("{}"),
    ),
    Defence("marks are written that an adoption did not come to", "pending-marks", Skipped()),
    # Comparing Jira with the ledger, and telling what people did.
    Defence("a comparison lists doubles without marker", "comparison-of-duplicates", Skipped()),
    Defence(
        "a comment of ours that was edited is somebody's", "edited-comment", Dropped("version")
    ),
    Defence("who logged work worked with an issue", "logged-work", Instead("worklog_count", "0")),
    Defence("subtasks are of people", "subtasks", Instead("subtask_ids", "()")),
    Defence("links to other issues are of people", "foreign-links", Never()),
    Defence(
        "a file of that name by somebody else is theirs", "foreign-files", Dropped("author_id")
    ),
    Defence(
        "what others changed is theirs, whatever it is", "changed-by-others", Dropped("author_id")
    ),
    Defence("a file that is there twice is listed", "file-twice", Always()),
    Defence(
        "what our ledger never wrote on an issue is not ours",
        "fields-we-wrote",
        Instead(
            "fields",
            "frozenset({'attachment', 'issueparentassociation', 'link', 'parent', 'rank', 'sprint'})",
        ),
    ),
    # Links, and what an update no longer wants.
    Defence("links wait for all issues", "links-wait-for-issues", Never()),
    Defence(
        "the inward issue is the blocker",
        "inward-blocks",
        Swapped("inward_issue_id", "outward_issue_id"),
    ),
    Defence("a link is believed when it was read back", "link-read-back", Value("_ or '1'")),
    Defence("a link that is there is not gone", "link-still-there", Value("False")),
    Defence("an issue that is hidden says nothing of its links", "hidden-issue-of-link", Never()),
    Defence("links of an issue that says something else stay", "links-of-other-text", Always()),
    Defence(
        "a link that blocks the other way is not the one a ticket asks for",
        "direction-of-link",
        Always(),
    ),
    Defence("an old file stays until the new one is there", "old-file-until-new", Never()),
    Defence(
        "an old file stays where the ticket changed since",
        "old-file-of-other-text",
        Dropped("follows"),
    ),
    Defence("what has no id is not deleted", "no-id-no-deletion", Dropped("NO_ID")),
    Defence(
        "a link of somebody else under an id given again is not deleted",
        "link-id-given-again",
        Dropped("other_issue_id"),
    ),
    Defence("a link that was there before ours is not ours", "link-before-ours", Never()),
    Defence(
        "a link in doubt that an account of ours made since its intent is ours",
        "link-since-intent",
        Never("is_sent_by_us"),
    ),
    Defence("a link that was found stays", "found-link-stays", Dropped("FOUND")),
    Defence("a file that was found stays", "found-file-stays", Dropped("origin")),
    Defence(
        "links of people stay on an issue that is given back",
        "link-of-people-stays",
        Dropped("FOUND"),
    ),
    # Writes that may be repeated.
    Defence("a lost link, parent or sprint is sent once more", "second-round", Value("1")),
    Defence(
        "a link, parent or sprint that was there is never sent again",
        "existing-is-not-resent",
        Dropped("Exists"),
    ),
    Defence(
        "a link, parent or sprint that is not there is listed", "lost-write-is-listed", Skipped()
    ),
    Defence("lost authentication stops every write", "lost-authentication", Never()),
    Defence(
        "it is looked again where the process stood still",
        "look-after-standstill",
        Value("intend()"),
    ),
    Defence(
        "a parent or sprint is looked at right before it is set", "look-before-setting", Never()
    ),
    Defence("what an answer makes certain is recorded", "answer-is-recorded", Skipped()),
    Defence("a deletion that Jira answers 404 is looked at", "deletion-404", Never()),
    Defence("what a look shows is not sent", "seen-is-not-sent", Instead("pending", "list")),
    Defence("that Jira said yes is no proof of a link", "yes-is-no-proof", Never()),
    # Files.
    Defence("files that are there are not sent", "present-files", Skipped()),
    Defence("a file in doubt is not sent", "file-in-doubt", Dropped("NotSent")),
    Defence("a file in doubt is compared past the horizon only", "file-horizon", Skipped()),
    Defence("a file in doubt is compared by name and size", "file-by-name-and-size", Never()),
    Defence("a file goes to an issue of its text", "file-of-text", Always("follows")),
    Defence("a file that was there before ours is not ours", "file-before-ours", Always()),
    # Updates and their comments.
    Defence(
        "a copy of our comment that somebody pasted is none of ours", "pasted-comment", Always()
    ),
    Defence(
        "what a restored store does not know is not set back",
        "unknown-write",
        Never("is_written_unknown"),
    ),
    Defence(
        "a comment that may be there is looked for",
        "comment-may-be-there",
        Never(),
    ),
    Defence(
        "overwriting replaces the text that was shown",
        "overwrite-what-was-shown",
        Instead(
            "consent_to",
            "lambda number, _text: next((one for one in self._run.order.update.overwrites"
            " if one.startswith(f'{number}:')), '')",
        ),
    ),
    Defence(
        "a ticket that was edited since is not written", "edited-since", Dropped("rendered_hash")
    ),
    Defence("a comment in doubt is looked for past the horizon", "comment-horizon", Skipped()),
    Defence(
        "a comment of any account of ours is ours",
        "comment-of-our-accounts",
        Instead("own_accounts", "{self._run.account.account_id}"),
    ),
    # Epics and sprints.
    Defence("a sprint that somebody chose stays", "chosen-sprint", Never()),
    Defence("an epic of that title that is not ours is named", "epic-of-others", Skipped()),
    Defence("the parent that a request took away is told", "overwritten-parent", Skipped()),
    # The order of creations.
    Defence("a ticket waits for its epic", "epic-first", Always()),
    Defence(
        "an epic in doubt holds no ticket back",
        "epic-in-doubt",
        Instead("issue_state", "self.issue_receipt"),
        Instead("NotSent", "type(None)"),
    ),
    # Undoing an export.
    Defence("an epic with issues of people below it stays", "issues-below-epic", Skipped()),
    Defence("epics are deleted last", "epics-last", Instead("_is_above", "lambda receipt: 0")),
    Defence("an issue without its marker is not deleted", "unmarked-is-not-deleted", Never()),
    Defence("what is not shown is not taken for deleted", "hidden-is-not-deleted", Always()),
    Defence("a deletion in doubt is over past the horizon only", "deletion-horizon", Skipped()),
    Defence("an issue that changes while it is judged stays", "changed-while-judged", Never()),
    Defence(
        "what an earlier process was answered of a deletion counts", "earlier-deletions", Skipped()
    ),
    Defence(
        "an undo looks for what was lost of skipped tickets, too",
        "undo-of-skipped",
        Value("run.order.in_build_order"),
    ),
    Defence(
        "an answered deletion is believed when it was read back", "deletion-read-back", Never()
    ),
    Defence(
        "what is not shown after a deletion without an answer may be hidden",
        "unconfirmed-removal",
        Instead("REMOVAL_UNCONFIRMED", "LedgerEvent.REMOVED"),
    ),
    Defence("an undo deletes nothing that people made", "made-by-people", Value("False")),
    Defence(
        "an issue whose text people share is not taken back",
        "undo-of-shared-text",
        Always("is_shared"),
    ),
    Defence(
        "the newest children of an epic are not left to the index", "unread-children", Always()
    ),
    # Writing texts that have two authors.
    Defence("a text that anybody changed is not written over", "changed-text", Always()),
    Defence("who wrote at the same time is named", "edited-meanwhile", Skipped()),
    Defence(
        "an update in doubt is over past the horizon only", "update-horizon", Always("is_over")
    ),
    Defence("an issue that is not ours is not written", "text-of-other-issue", Never()),
    Defence("what somebody wrote at the same time is not ours", "edited-at-same-time", Always()),
    Defence(
        "a text that went back and forth was changed", "back-and-forth", Dropped("changes_since")
    ),
    Defence(
        "an update of any account of ours is no change of somebody",
        "updates-of-our-accounts",
        Value("{self._run.account.account_id}"),
    ),
    Defence("an adopted text that remembers nothing is people's", "adopted-text", Never()),
    Defence(
        "a text that people share is not ours where the issue forgets which of it is",
        "shared-text",
        Never("is_shared"),
    ),
    Defence("a title that people gave stays", "title-of-people", Always()),
    Defence("a text that Jira would refuse is not sent", "too-long-text", Never()),
    Defence("what is put below what people rewrote is named", "below-rewritten", Skipped()),
    # What an answer means.
    Defence(
        "a limit that Jira does not name may come after the deed",
        "gateway-limit",
        Value("frozenset({401, 403, 429})"),
    ),
    # Reading who worked with an issue.
    Defence("a sprint is known by the schema of its field", "sprint-field", Value("False")),
    Defence("a history that an issue shows in part is read whole", "whole-history", Never()),
    Defence(
        "who worked is read as of one moment, links and the property included",
        "one-moment",
        ComparedBy("fields.updated"),
    ),
    # Adopting issues that people made.
    Defence(
        "what carries another ticket's identity is not adopted", "adopts-no-other-identity", Never()
    ),
    Defence(
        "the issue of another ticket is not adopted, whatever it carries",
        "adopts-no-known-issue",
        Never(),
    ),
    Defence("an issue in another project is not adopted", "adopts-in-project", Never()),
    Defence("an issue named for two tickets is not adopted", "adopts-once", Never()),
    Defence("a ticket whose issue is in doubt adopts none", "adopts-none-in-doubt", Value("''")),
    Defence("a ticket that has an issue adopts none", "adopts-one", Value("''")),
    Defence(
        "an adopted issue with another ticket's identity is not marked over",
        "marks-over-none",
        Never(),
    ),
    Defence("nothing of an adopted text is ours", "nothing-adopted-is-ours", Never()),
    # Giving issues back.
    Defence("only what people made is given back", "gives-back-handmade", Dropped("is_handmade")),
    Defence(
        "an issue is given back without its mark",
        "gives-back-unmarked",
        Value("Created(remote_id='', remote_key='')"),
    ),
    Defence("an issue is given back without our links", "gives-back-without-links", Skipped()),
    # Merging documents.
    Defence("a block that people changed is not written over", "changed-block", Always()),
    Defence(
        "a block is ours by what it says, not by its place",
        "block-by-words",
        Instead("get", "lambda _mark: next((one for one in _.__self__.values() if one), None)"),
    ),
    Defence("rows of a table are blocks of their own", "rows-are-blocks", Never()),
    Defence(
        "only a document that was ours from end to end is written anew",
        "whole-document",
        Dropped("WHOLE"),
    ),
    Defence("a colored cell is people's", "colored-cell", Dropped("'background'")),
    Defence("looks that people gave a block of ours stay", "looks-stay", Never()),
    Defence("what people took away stays away", "taken-away", Never()),
    Defence("a row that only moved says nothing new", "moved-row", Value("False")),
    Defence("a memory fits into a property", "memory-fits", Always()),
    Defence("ours as Jira gave it back is ours", "given-by-jira", Always()),
)
