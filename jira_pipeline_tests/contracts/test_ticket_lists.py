"""What every store tells of many tickets at once, beside the tickets themselves."""

from dataclasses import replace

import pytest

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.forms_in_text import FORM_COLUMNS, parse_cells
from jira_pipeline.model.open_questions import OBJECTION, QuestionsLeft
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.model.ticket_validations import CheckedContents, Validation
from jira_pipeline.model.tickets import (
    ChangedCell,
    TicketTally,
    as_listed,
    question_id_of,
    questions_left,
    row_ids_of,
)
from jira_pipeline.store.store import Store
from jira_pipeline.store.ticket_rows import ticket_tally
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_prose,
    a_validation,
    after,
    an_upload,
    edit,
    hashes_of,
)

FORM_ASKED = "Fill in the cells marked “?”."


@pytest.fixture(autouse=True)
def _reviewed(store: Store) -> None:
    """Six tickets: one ready, one skipped, one withdrawn, one answered, two in another order."""
    drafts = [a_draft(n, depends_on=("t01",) if n > 1 else ()) for n in (1, 2, 3, 4, 5)]
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [*drafts, a_draft(6)], at=after(1))
    store.tickets.save_generated("site", drafts, at=after(1))
    store.tickets.mark_ready(
        "site", {"t01": hashes_of("a" * 64), "t02": hashes_of("b" * 64)}, by="ab", at=after(2)
    )
    store.tickets.exclude("site", ["t02"], Skipped, reason="Later.", by="ab", at=after(2))
    (question,) = store.tickets.get("site", 3).revision.questions
    answer = {"t03": {question_id_of(question): "People."}}
    store.reviews.answer("site", answer, by="ab", at=after(2))
    store.reviews.reorder("site", ["t05", "t04"], by="ab", at=after(2))
    store.reviews.set_dependency("site", "t05", "t04", waits=True, by="ab", at=after(2))
    store.reviews.set_dependency("site", "t05", "t01", waits=False, by="ab", at=after(2))
    store.reviews.assign("site", ["t04"], fields={"labels": ("x",)}, by="ab", at=after(2))


def test_a_list_says_what_the_whole_tickets_say(store: Store) -> None:
    whole = sorted(store.tickets.list_all("site"), key=lambda ticket: ticket.place)

    listed = store.tickets.listed("site")

    assert [ticket.number for ticket in listed] == [1, 2, 3, 5, 4]
    assert [as_listed(ticket) for ticket in whole] == list(listed)
    assert [ticket.unanswered_count for ticket in listed] == [1, 1, 0, 1, 1]


def test_a_page_is_a_part_of_the_list(store: Store) -> None:
    whole = store.tickets.listed("site")

    assert whole[1:3] == store.tickets.listed("site", offset=1, limit=2)
    assert whole[4:] == store.tickets.listed("site", offset=4, limit=2)
    assert store.tickets.listed("site", offset=5, limit=2) == ()


def test_counts_lines_and_numbers_are_those_of_the_tickets(store: Store) -> None:
    for name, ids in (("ab", ["t02", "t03"]), ("Ab", ["t04", "t05"])):
        store.reviews.assign("site", ids, fields={"assignee": name}, by="ab", at=after(3))
    whole = store.tickets.list_all("site")

    assert store.tickets.tally("site") == TicketTally(
        total=5,
        excluded=1,
        ready=1,
        questions=questions_left(whole),
        waiting=(("Ab", 2), ("ab", 1)),
    )
    assert {t.ticket_id: t.source_lines for t in whole} == store.tickets.source_lines("site")
    assert {t.ticket_id: t.number for t in whole} == store.tickets.numbers("site")
    assert store.tickets.exported_groups("site") == tuple(
        t.group_key
        for t in sorted(whole, key=lambda ticket: ticket.number)
        if t.skipped_reason is None
    )
    assert {t.ticket_id: t.decision for t in whole} == store.tickets.decisions("site")


@pytest.mark.parametrize("is_of_site", [False, True], ids=["by itself", "and the site"])
def test_a_form_that_is_filled_in_answers_its_question_in_every_count(
    store: Store, *, is_of_site: bool
) -> None:
    head = "".join(f"<th>{name}</th>" for name in ("Display", *FORM_COLUMNS))
    cells = "<td>?</td>" * len(FORM_COLUMNS)
    form = f"<table><tr>{head}</tr><tr><td>Page</td>{cells}</tr></table>"
    prose = a_prose(form)
    (asked,) = prose.questions
    prose = replace(prose, questions=(replace(asked, question=FORM_ASKED), asked))
    store.tickets.save_generated("site", [a_draft(1), a_draft(3, prose=prose)], at=after(4))
    rest = {cell.cell_id: "x" for cell in parse_cells(form) if cell.column != "Sort"}
    (sort,) = (cell.cell_id for cell in parse_cells(form) if cell.column == "Sort")
    last = {SITE: {"site.Sort": "x"}} if is_of_site else {"t03": {sort: "x"}}

    store.reviews.answer("site", {"t03": rest}, by="ab", at=after(5))
    some = store.tickets.get("site", 3).unanswered
    store.reviews.answer("site", last, by="ab", at=after(6))

    whole = store.tickets.list_all("site")
    with store.database.reading() as connection:
        left = ticket_tally(connection, "site", compared_max=0).questions
    assert [q.question for q in some] == [FORM_ASKED]
    assert [as_listed(ticket) for ticket in whole] == list(store.tickets.listed("site"))
    assert store.tickets.get("site", 3).unanswered == ()
    assert store.tickets.tally("site").questions == questions_left(whole)
    assert (left.count, left.ticket_count) == (1, 1)


def test_so_many_questions_that_equal_ones_are_not_looked_for_are_counted_in_each_ticket(
    store: Store,
) -> None:
    with store.database.reading() as connection:
        left = ticket_tally(connection, "site", compared_max=0).questions

    asked = [t.unanswered for t in store.tickets.list_all("site") if t.skipped_reason is None]
    assert left == QuestionsLeft(
        count=sum(map(len, asked)), ticket_count=sum(map(bool, asked)), is_each_once=False
    )
    assert "counting repeated questions" in left.summary


def test_cells_changed_after_an_edit_of_prose_are_reported_by_number(store: Store) -> None:
    for number in (1, 2, 3):
        edit(store, "By hand", number=number, at=after(3))
    cell = ChangedCell(file="Fields.csv", line=4, column="Label", before="a", after="b")
    drafts = [a_draft(n, changed_cells=(cell,)) for n in (1, 2, 3, 4)]
    store.tickets.save_generated("site", drafts, at=after(4))

    tally = store.tickets.tally("site")

    assert tally.source_changed == (1, 3)
    assert [t.number for t in store.tickets.listed("site") if t.is_source_changed] == [1, 2, 3]


def test_tickets_the_template_wrote_instead_are_reported_until_somebody_marks_them_ready(
    store: Store,
) -> None:
    prose = replace(a_prose(), fallback_reason="The model refused.")
    drafts = [a_draft(n, prose=prose if n in {2, 3, 4} else a_prose()) for n in (1, 2, 3, 4)]
    store.tickets.save_generated("site", drafts, at=after(4))
    before = store.tickets.tally("site").fallbacks

    store.tickets.mark_ready("site", {"t04": hashes_of("b" * 64)}, by="ab", at=after(5))

    listed = [t.number for t in store.tickets.listed("site") if t.is_fallback]
    assert listed == [2, 3, 4]
    assert (before, store.tickets.tally("site").fallbacks) == ((3, 4), (3,))


def test_a_session_without_tickets_has_empty_lists(store: Store) -> None:
    store.sessions.register(an_upload("empty"), at=START, actor="ab")

    assert store.tickets.listed("empty") == ()
    assert TicketTally(total=0, excluded=0, ready=0) == store.tickets.tally("empty")
    assert store.validations.verdict("empty") is None
    assert store.validations.checked("empty") is None


@pytest.mark.parametrize("is_passed", [True, False])
def test_short_forms_of_a_validation_say_what_it_says(store: Store, *, is_passed: bool) -> None:
    store.validations.record(a_validation(after(3), is_passed=not is_passed))
    results = a_validation(is_passed=is_passed).results
    validation = Validation(
        session_key="site", at=after(4), results=results, content_version=7, rendering="c" * 64
    )
    store.validations.record(validation)

    verdict = store.validations.verdict("site")

    assert validation == store.validations.latest("site")
    assert store.validations.checked("site") == CheckedContents(
        at=after(4),
        rendered_hashes={r.ticket_id: r.rendered_hash for r in results},
        failures={r.ticket_id: f"{r.title}: {r.error_message}" for r in results if r.error_message},
    )
    assert verdict is not None
    assert (after(4), 0 if is_passed else 1) == (verdict.at, verdict.failed_count)
    assert (verdict.content_version, verdict.rendering) == (7, "c" * 64)


def test_what_changed_since_an_entry_is_read_alone(store: Store) -> None:
    tickets = store.tickets
    whole = tickets.read_since("site", None)
    store.audit.append(
        at=after(3), session_key="site", actor="ab", action=AuditAction.TICKETS_SEEN, details={}
    )
    seen = tickets.read_since("site", whole.sequence)
    tickets.exclude("site", ["t04"], Skipped, reason="Later.", by="ab", at=after(3))
    store.reviews.reorder("site", ["t03", "t01"], by="ab", at=after(3))
    some, some_listed = (
        tickets.read_since("site", whole.sequence),
        tickets.listed_since("site", whole.sequence),
    )
    tickets.save_generated("site", [a_draft(1)], at=after(4))
    again = tickets.read_since("site", some.sequence)

    assert (seen.tickets, seen.is_whole, seen.sequence) == ((), False, whole.sequence + 1)
    assert not some.is_whole
    assert [t.ticket_id for t in some.tickets] == ["t01", "t03", "t04"]
    assert {t.ticket_id for t in some_listed.tickets} == {"t01", "t03", "t04"}
    assert some_listed.sequence == some.sequence == whole.sequence + 3
    assert again.is_whole
    assert again.tickets == tickets.list_all("site")


def test_setting_a_field_to_what_it_is_has_its_entry(store: Store) -> None:
    """From then on a generation leaves the field alone: who keeps tickets must read it again."""
    before = store.audit.newest("site")

    changed = store.reviews.assign("site", ["t01"], fields={"sprint": None}, by="ab", at=after(3))
    again = store.reviews.assign("site", ["t01"], fields={"sprint": None}, by="ab", at=after(3))

    assert (changed, again) == (0, 0)
    assert store.audit.newest("site") == before + 1
    assert store.tickets.get("site", 1).assigned_fields == ("sprint",)


def test_an_assumption_counts_in_every_count_while_somebody_objects_to_it(store: Store) -> None:
    prose = a_prose()
    (asked,) = prose.questions
    assumed = replace(asked, question="Is it new?", kind="k", keys=("a",), assumption="It is new.")
    store.tickets.save_generated(
        "site", [a_draft(1), a_draft(3, prose=replace(prose, assumptions=(assumed,)))], at=after(4)
    )
    (row_id,) = row_ids_of(assumed)
    before = store.tickets.tally("site").questions

    store.reviews.answer("site", {"t03": {row_id: f"{OBJECTION}: no."}}, by="ab", at=after(5))

    whole = store.tickets.list_all("site")
    with store.database.reading() as connection:
        left = ticket_tally(connection, "site", compared_max=0).questions
    assert [as_listed(ticket) for ticket in whole] == list(store.tickets.listed("site"))
    assert store.tickets.tally("site").questions == questions_left(whole)
    assert left.count - 1 == before.count == questions_left(whole).count - 1
    store.reviews.answer("site", {"t03": {row_id: "Yes."}}, by="ab", at=after(6))
    assert store.tickets.tally("site").questions == before


def test_an_objection_that_outlives_its_assumption_answers_nothing(store: Store) -> None:
    """Once the rows suggest nothing any more, it is a question like any other, and was not answered."""
    before = store.tickets.tally("site").questions
    ticket = next(one for one in store.tickets.list_all("site") if one.unanswered)
    objection = {question_id_of(ticket.unanswered[0]): f"{OBJECTION}: no."}

    store.reviews.answer("site", {ticket.ticket_id: objection}, by="ab", at=after(5))

    whole = sorted(store.tickets.list_all("site"), key=lambda one: one.place)
    assert store.tickets.get("site", ticket.number).unanswered == ticket.unanswered
    assert [as_listed(one) for one in whole] == list(store.tickets.listed("site"))
    assert store.tickets.tally("site").questions == before == questions_left(whole)
