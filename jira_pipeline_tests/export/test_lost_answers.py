"""Which answers an issue has and its ticket lacks, told from the audit trail of the key."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from jira_pipeline.export.lost_words import LostWords, lost_words
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.exports import SentContent
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.tickets import Answer, Ticket, row_ids_of
from jira_pipeline_tests.contracts.stored_values import START, a_prose, a_ticket, after

QUESTION = replace(a_prose().questions[0], kind="rows.unsettled", keys=("a", "b"))
FIRST_ROW, SECOND_ROW = row_ids_of(QUESTION)
SENT = SentContent(rendered_hash="", revision=1, content_sha256="", content={"answers": "x"})
SENT_AT = after(10)


def entry(minute: int, **answers: str) -> AuditEntry:
    """Somebody answers, by id of the question; empty: takes it back."""
    return AuditEntry(
        sequence=minute,
        at=after(minute),
        session_key="site",
        actor="ada",
        action=AuditAction.QUESTIONS_ANSWERED,
        details={
            "answers": {"t01": answers, "t02": {"q": "of another ticket"}},
        },
    )


def of_rows(answered: AuditEntry) -> AuditEntry:
    """Return an entry that names every row which got the answer."""
    return replace(answered, details={**answered.details, "is_by_row": True})


def ticket_with(answers: Mapping[str, str] = {}) -> Ticket:
    prose = replace(a_prose(), questions=(QUESTION,))
    given = tuple(
        Answer(
            question_id=key,
            question=f"About {key}",
            answer=text,
            answered_by="ada",
            answered_at=START,
        )
        for key, text in answers.items()
    )
    return a_ticket(1, prose, answers=given)


def lost(ticket: Ticket, *entries: AuditEntry) -> list[str]:
    found: tuple[LostWords, ...] = lost_words(
        ticket,
        sent=SENT,
        sent_at=SENT_AT,
        parts=["answers"],
        find_answered=lambda: entries,
        revisions=[ticket.revision],
    )
    return [words.text for words in found]


@pytest.mark.parametrize(
    ("answers", "entries", "expected"),
    [
        pytest.param({}, [entry(1, q="Yes")], ["Yes"], id="lost"),
        pytest.param({"q": "Yes"}, [entry(1, q="Yes")], [], id="there"),
        pytest.param({"q": "No"}, [entry(1, q="Yes")], [], id="answered anew"),
        pytest.param({}, [entry(1, q="Yes"), entry(11, q="")], [], id="taken back since"),
        pytest.param({}, [entry(1, q="Yes"), entry(2, q="")], [], id="taken back before"),
        pytest.param({}, [entry(11, q="Yes")], [], id="given after it was sent"),
        pytest.param({}, [entry(1, q="Yes"), entry(11, q="No")], [], id="changed since"),
        pytest.param(
            {"r": "Yes"},
            [entry(1, q="Yes"), entry(2, r="Yes")],
            ["Yes"],
            id="the same words to another question",
        ),
        pytest.param({"new": "Yes"}, [entry(1, old="Yes")], [], id="a question named anew"),
        pytest.param(
            {"new": "Yes"}, [entry(1, old="Yes", other="Yes")], ["Yes"], id="one of two named anew"
        ),
        pytest.param(
            {FIRST_ROW: "B", SECOND_ROW: "B"},
            [entry(1, **{SECOND_ROW: "A"}), entry(11, **{FIRST_ROW: "B"})],
            [],
            id="an entry that names the first of several rows",
        ),
        pytest.param(
            {},
            [entry(1, **{SECOND_ROW: "A"}), entry(11, **{FIRST_ROW: ""})],
            [],
            id="taken back from several rows",
        ),
        pytest.param(
            {},
            [
                of_rows(entry(1, **{FIRST_ROW: "A", SECOND_ROW: "B"})),
                of_rows(entry(11, **{FIRST_ROW: ""})),
            ],
            ["B"],
            id="one row taken back of two, by entries that name every row",
        ),
        pytest.param(
            {FIRST_ROW: "A"},
            [entry(1, **{FIRST_ROW: "A"}), entry(2, **{SECOND_ROW: "B"})],
            ["B"],
            id="one row of two",
        ),
    ],
)
def test_an_answer_is_lost_where_nobody_took_it_away(
    answers: Mapping[str, str], entries: list[AuditEntry], expected: list[str]
) -> None:
    assert lost(ticket_with(answers), *entries) == expected
