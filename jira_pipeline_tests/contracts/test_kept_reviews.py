"""What people decided about tickets stays when a session is removed, and returns with its key."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from jira_pipeline.model.actions import command_of
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.entities import PACKAGED
from jira_pipeline.model.errors import NotFoundError
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.open_questions import Audience, ProposedAnswer
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.site_answers import SITE, SITE_QUESTIONS
from jira_pipeline.model.ticket_decisions import SentBack, Skipped
from jira_pipeline.model.tickets import Ticket, TicketDraft, question_id_of
from jira_pipeline.store import tables
from jira_pipeline.store.store import Store, open_store
from jira_pipeline_tests.contracts.stored_values import (
    CLAIMS_OF_REQUESTS,
    NEWEST_PARTS,
    ROWS_ELSEWHERE,
    ROWS_OF_ANSWERS,
    START,
    TABLES_OF_LAYOUTS,
    TABLES_OF_READINGS,
    a_draft,
    a_file,
    a_prose,
    after,
    an_upload,
    edit,
    hashes_of,
)

KEY = "site"
QUESTION = question_id_of(a_prose().questions[0])
LINK = ClientLink(
    session_key=KEY,
    secret_sha256="1" * 64,
    made_by="anna",
    expires_at=after(60),
    made_for="Jonas",
)
DRAFTS = tuple(a_draft(of, facts_hash="f" * 64) for of in range(1, 7))


@pytest.fixture(autouse=True)
def _site(store: Store) -> None:
    """Six tickets; of the first five people said something, each in other ways."""
    store.sessions.register(an_upload(), at=START, actor="anna")
    store.tickets.save_generated(KEY, DRAFTS, at=START)
    review(store)


def review(store: Store) -> None:
    reviews = store.reviews
    tickets = store.tickets
    given: dict[str, Any] = {"by": "ada", "at": after(11)}
    edit(store, "A title by Ada", number=1, parts={"notes": "<p>A note by Ada.</p>"})
    edit(store, number=2, parts={"analysis": "<p>Said by Ada.</p>"})
    reviews.roll_back(KEY, "t02", to_revision=1, expected_revision=2, **given)
    reviews.answer(KEY, {"t01": {QUESTION: "Answered by Ada"}}, **given)
    reviews.answer(KEY, {SITE: {SITE_QUESTIONS[0].place: "For all views"}}, **given)
    reviews.route(KEY, [("t01", QUESTION)], audience=Audience.CLIENT, words="Tell us", **given)
    reviews.assign(KEY, ["t03"], fields={"assignee": "ada@example.org", "labels": ("a",)}, **given)
    reviews.set_dependency(KEY, "t03", "t04", waits=True, **given)
    reviews.reorder(KEY, ["t04", "t03"], **given)
    store.comments.add(KEY, "t03", text="Commented by Ada", **given)
    tickets.exclude(KEY, ["t04"], Skipped, reason="Built elsewhere", **given)
    tickets.exclude(
        KEY, ["t05"], SentBack, reason="Not so", beside={"sent_back_to": "ben"}, **given
    )
    tickets.mark_ready(KEY, {"t03": hashes_of("d" * 64)}, **given)
    store.audit.append(
        at=after(11),
        session_key=KEY,
        actor="ada",
        action=AuditAction.TICKETS_REMARKED,
        details={"ticket_ids": ["t02"], "remark": "Say what the archive is"},
    )
    store.client_links.put(LINK, by="anna", at=after(11))
    answer = ProposedAnswer(
        ticket_id="t05",
        question_id=QUESTION,
        secret_sha256=LINK.secret_sha256,
        text="Said by Jonas",
        at=after(12),
        given_by="Jonas",
    )
    store.client_links.propose(LINK, [answer], at=after(12))


def remove(store: Store) -> None:
    assert store.sessions.remove(KEY, at=after(20), by="retention")


def come_back(store: Store, *drafts: TicketDraft) -> None:
    store.sessions.register(an_upload(), at=after(30), actor="anna")
    store.tickets.save_generated(KEY, drafts or DRAFTS, at=after(31))


def shown(store: Store) -> dict[str, object]:
    """All that people said and decided, as it can be read of a session."""
    tickets = store.tickets.list_all(KEY)
    return {
        "tickets": [_without_times(ticket) for ticket in tickets],
        "texts": {
            one.ticket_id: [(r.title, r.parts, r.author) for r in _of_people(store, one)]
            for one in tickets
        },
        "routes": store.reviews.routes(KEY),
        "comments": [
            (one.ticket_id, one.author, one.text, one.at)
            for ticket in tickets
            for one in store.comments.of_ticket(ticket.ticket_id)
        ],
        "proposals": [replace(one, answer_id=0) for one in store.client_links.proposed(KEY)],
        "site": store.tickets.site_answers(KEY),
        "remarks": [
            (entry.actor, entry.ticket_ids, entry.details)
            for entry in store.audit.latest(KEY, actions={AuditAction.TICKETS_REMARKED})
        ],
        "order": [one.ticket_id for one in store.tickets.listed(KEY)],
    }


def _without_times(ticket: Ticket) -> Ticket:
    """What nobody touched is written again, at another time."""
    revision = replace(ticket.revision, created_at=START)
    return replace(ticket, revision=revision)


def _of_people(store: Store, ticket: Ticket) -> list[Revision]:
    return [r for r in store.tickets.revisions(ticket.ticket_id) if r.author in {"ada", "cd"}]


def test_all_that_people_decided_is_there_again_when_the_key_returns(store: Store) -> None:
    """An update took answers, notes and titles out of issues, and created a skipped ticket."""
    before = shown(store)

    remove(store)
    gone = store.tickets.list_all(KEY)
    come_back(store)

    assert gone == ()
    assert shown(store) == before
    (entry,) = store.audit.entries(KEY, actions={AuditAction.REVIEW_RETURNED})
    assert entry.ticket_ids == ("t01", "t02", "t03", "t04", "t05")
    assert entry.details["counts"] == {
        "answer": 1,
        "edited text": 1,
        "note": 1,
        "question sent to somebody": 1,
        "approval": 1,
        "set field": 2,
        "place in the order": 2,
        "comment": 1,
        "skipped ticket": 1,
        "proposed answer": 1,
        "remark": 1,
        "change request": 1,
        "answer for the whole site": 1,
    }


def test_a_session_may_go_and_return_again_and_again(store: Store) -> None:
    before = shown(store)

    for _ in range(3):
        remove(store)
        come_back(store)

    assert shown(store) == before


def test_a_session_that_goes_before_its_tickets_are_written_loses_nothing(store: Store) -> None:
    before = shown(store)

    remove(store)
    store.sessions.register(an_upload(), at=after(30), actor="anna")
    remove(store)
    come_back(store)

    assert shown(store) == before


def test_a_generation_that_fails_half_way_loses_nothing(store: Store) -> None:
    before = shown(store)
    remove(store)
    unknown = replace(DRAFTS[5], depends_on=("t99",))

    with pytest.raises(ValueError, match="not generated"):
        come_back(store, *DRAFTS[:5], unknown)
    store.tickets.save_generated(KEY, DRAFTS, at=after(32))

    assert shown(store) == before


def test_what_is_of_rows_that_are_not_there_waits_for_them(store: Store) -> None:
    before = shown(store)

    remove(store)
    come_back(store, *DRAFTS[:3])
    (entry,) = store.audit.entries(KEY, actions={AuditAction.REVIEW_RETURNED})
    store.tickets.save_generated(KEY, DRAFTS, at=after(40))

    assert entry.details["left"] == ["bundle:Content type/b4", "bundle:Content type/b5"]
    assert shown(store) == before


def test_text_of_people_over_changed_sheets_is_to_be_looked_at_again(store: Store) -> None:
    remove(store)

    come_back(store, replace(DRAFTS[0], facts_hash="0" * 64), *DRAFTS[1:])

    ticket = store.tickets.get(KEY, 1)
    assert ticket.title == "A title by Ada"
    assert [cell.row for cell in ticket.source_changes] == [f"{ticket.group_key} came back"]


def test_what_was_said_of_sheets_does_not_return_to_packages_of_the_same_key(store: Store) -> None:
    before = shown(store)
    packages = an_upload(files=(replace(a_file("a.zip"), sheet=PACKAGED),))

    remove(store)
    store.sessions.register(packages, at=after(30), actor="anna")
    store.tickets.save_generated(KEY, DRAFTS, at=after(31))
    of_packages = store.tickets.get(KEY, 1)
    remove(store)
    come_back(store)

    assert of_packages.title == DRAFTS[0].title
    assert shown(store) == before


def test_a_dependency_that_newer_sheets_turn_round_becomes_a_relation(store: Store) -> None:
    turned = replace(DRAFTS[3], depends_on=("t03",))
    remove(store)

    come_back(store, *DRAFTS[:3], turned, *DRAFTS[4:])

    third, fourth = store.tickets.some(KEY, ["t03", "t04"])
    assert (third.depends_on, fourth.depends_on) == ((), ("t03",))
    assert third.relates_to == ("t04",)


def test_what_nobody_touched_is_not_kept(store: Store) -> None:
    """A session approves again by itself what it approved by itself."""
    store.tickets.mark_ready(KEY, {"t06": hashes_of("d" * 64)}, by=AUTO_APPROVAL, at=after(12))
    remove(store)

    with store.database.reading() as connection:
        kept = connection.execute(
            select(tables.kept_reviews.c.group_key).order_by(tables.kept_reviews.c.group_key)
        )
        groups = kept.scalars().all()
    assert groups == ["", *(f"bundle:Content type/b{of}" for of in range(1, 6))]


def test_what_is_kept_can_be_read_in_peoples_words_and_forgotten(store: Store) -> None:
    edit(store, number=4, parts={"analysis": "<p>Told before by Ada.</p>"})
    edit(store, number=4, parts={"analysis": "<p>Told by Ada.</p>"})
    remove(store)
    kept = store.kept_reviews.list_all(KEY)

    count = store.kept_reviews.forget(KEY, by="ada", at=after(21))
    come_back(store)

    words = [line for review in kept for line in review.words]
    for said in (
        "answer to “What is it for?”: Answered by Ada",
        "notes: A note by Ada.",
        "edited text of “A title by Ada”",
        "skipped: Built elsewhere",
        "changes requested, asked of ben: Not so",
        "comment by ada: Commented by Ada",
        "question sent to the client: Tell us",
        f"edited text of “{DRAFTS[3].title}”: Told by Ada.",
        "earlier text by cd: Told before by Ada.",
        "earlier text by cd: Said by Ada.",
        "remark by ada: Say what the archive is",
        "assignee: ada@example.org",
        "labels: a",
        f"“{DRAFTS[2].title}” waits for “{DRAFTS[3].title}”",
    ):
        assert said in words
    assert any(
        line.startswith("proposed answer by Jonas") and line.endswith(": Said by Jonas")
        for line in words
    )
    (entry,) = store.audit.entries(KEY, actions={AuditAction.REVIEW_FORGOTTEN})
    assert all(line in str(entry.details["forgotten"]) for line in words)
    assert (count, store.kept_reviews.list_all(KEY)) == (6, ())
    assert store.audit.entries(KEY, actions={AuditAction.REVIEW_FORGOTTEN})[0].actor == "ada"
    assert store.tickets.get(KEY, 1).title == DRAFTS[0].title


def test_a_store_of_before_keeps_them_too(store: Store, tmp_path: Path) -> None:
    before = shown(store)
    with store.database.writing() as connection:
        connection.execute(text("DROP TABLE kept_reviews"))
        for column in ("taken_at", "taken_by", "passed_over_at"):
            connection.execute(text(f"ALTER TABLE proposed_answers DROP COLUMN {column}"))
        statements = (
            *ROWS_OF_ANSWERS,
            *CLAIMS_OF_REQUESTS,
            *TABLES_OF_LAYOUTS,
            *TABLES_OF_READINGS,
            *ROWS_ELSEWHERE,
            *NEWEST_PARTS,
        )
        for statement in statements:
            connection.execute(text(statement))
        connection.execute(text("UPDATE jira_pipeline_store SET version = 12"))
    url = store.database.engine.url.render_as_string(hide_password=False)

    with open_store(url, lock_path=tmp_path / "next.lock") as opened:
        remove(opened)
        come_back(opened)
        found = shown(opened)
        with opened.database.reading() as connection:
            left = connection.execute(select(func.count()).select_from(tables.kept_reviews))
            left_count = left.scalar_one()

    assert found == before
    assert left_count == 0


def test_who_asks_for_a_removed_session_reads_that_it_was_removed(store: Store) -> None:
    """It was said that there is none of this key, though all that people said was kept."""
    remove(store)

    with pytest.raises(
        NotFoundError, match=f"was removed on {after(20):%F}. What people"
    ) as raised:
        store.sessions.get(KEY)

    commands = [command_of(step) for step in raised.value.recovery_actions]
    assert commands[-1] == f"jira-pipeline kept-reviews {KEY}"


def test_two_tickets_of_one_title_are_told_apart(store: Store) -> None:
    edit(store, DRAFTS[2].title, number=4)
    remove(store)

    reviews = {review.group_key: review for review in store.kept_reviews.list_all(KEY)}

    third = reviews[DRAFTS[2].group_key]
    fourth = reviews[DRAFTS[3].group_key]
    assert third.title == fourth.title
    assert (third.name, fourth.name) == (f"{third.title} (b3)", f"{third.title} (b4)")
    assert f"“{third.name}” waits for “{fourth.name}”" in reviews[""].words


def fix_of(ticket_id: str, state: FixState) -> ManualFix:
    return ManualFix(
        fix_type=FixType.ASSIGNEE_INVALID,
        session_key=KEY,
        target_id="target",
        ticket_id=ticket_id,
        subject="assignee",
        title=f"Set the assignee of {ticket_id}",
        original_value="ada",
        recommended_action="Set it in Jira.",
        jira_key="UHR-1",
        jira_url=None,
        state=state,
        created_at=START,
    )


def test_a_fix_that_somebody_did_is_done_when_the_key_returns(store: Store) -> None:
    """It was asked for again by the next export, and nobody was told that it was done."""
    for ticket_id in ("t03", "t06"):  # of the last one nobody said anything else
        done = store.manual_fixes.record(fix_of(ticket_id, FixState.OPEN))
        given: dict[str, Any] = {"by": "ada", "at": after(12)}
        store.manual_fixes.set_state(KEY, done.fix_id, FixState.DONE, **given)
    store.manual_fixes.record(fix_of("t02", FixState.OPEN))

    remove(store)
    come_back(store)

    again = store.manual_fixes.record(fix_of("t06", FixState.OPEN))
    states = {fix.ticket_id: fix.state for fix in store.manual_fixes.list_all(KEY)}
    assert again.state is FixState.DONE
    assert states == {"t03": FixState.DONE, "t06": FixState.DONE}


def test_settings_that_somebody_made_are_kept_and_say_how_they_come_back(store: Store) -> None:
    manifest = replace(an_upload().manifest, agency="Studio Nord")
    store.sessions.register(replace(an_upload(), manifest=manifest), at=after(13), actor="ada")

    remove(store)
    store.sessions.register(an_upload(), at=after(30), actor="anna")
    remove_again = store.sessions.remove(KEY, at=after(31), by="retention")

    (of_session,) = [one for one in store.kept_reviews.list_all(KEY) if not one.group_key]
    assert remove_again
    assert "setting agency: Studio Nord" in of_session.words
    assert f"jira-pipeline upload FOLDER --session {KEY}" in of_session.way_back


def test_what_is_kept_of_a_ticket_says_how_it_comes_back(store: Store) -> None:
    remove(store)

    of_tickets = [one for one in store.kept_reviews.list_all(KEY) if one.group_key]

    assert of_tickets
    assert all(f"`jira-pipeline generate {KEY}`" in one.way_back for one in of_tickets)
