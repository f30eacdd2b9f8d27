"""One decision, each way to take it: the same outcome, audit entry and event."""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from typer.main import get_group

import jira_pipeline
import jira_pipeline.web
from jira_pipeline.cli.app import TICKETS
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.people import Role
from jira_pipeline.model.ticket_decisions import GIVEN_REASONS, LEFT_OUT, Exclusion
from jira_pipeline.model.tickets import nothing_to_do
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.ticket_selection import Readiness, readiness_of
from jira_pipeline.review.verbs import VERBS
from jira_pipeline.web.context import Web
from jira_pipeline.web.pages.tickets_page import DECISIONS_IN_ADDRESS
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.web.browsers import opened_web, signed_in

KEY = "museum"
ASKED, GONE = "16.2", 26
"""A question that is open; the ticket that has no rows any more."""
PAGES = f"/sessions/{KEY}/tickets"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision: what a run is given, and each surface that words it in a way of its own."""

    data: Mapping[str, Any] | None = None
    """None: a run has no such decision."""
    command: Sequence[str] = ()
    form: tuple[str, Mapping[str, str]] | None = None
    verb: str = ""
    """Its name in data, where that is not its name here."""
    before: Sequence[str] = ()
    """A command that leads up to it."""
    is_of_gone: bool = False
    """It is about the tickets without rows."""
    action: str
    """Of its entry in the audit trail; none where nothing is entered."""


SKIP = {"numbers": [3], "reason": "Built already"}
DECISIONS = {
    "ready": Decision(
        data={"numbers": [3, 3]},
        form=("", {"do": "ready", "number": "3", "with_questions": "1"}),
        action="tickets_marked_ready",
    ),
    "unready": Decision(
        before=["tickets", "ready", KEY, "3"],
        data={"numbers": [3]},
        action="tickets_unmarked_ready",
    ),
    "skip": Decision(data=SKIP, action="tickets_skipped"),
    "unskip": Decision(
        before=["tickets", "skip", KEY, "3", "--reason", "Built already"],
        data={"numbers": [3]},
        action="tickets_unskipped",
    ),
    "request-changes": Decision(
        before=["tickets", "ready", KEY, "3"],
        data={"numbers": [3], "reason": "Wrong label", "about": "fields.csv, line 4", "to": "bob"},
        action="tickets_sent_back",
    ),
    "resolve": Decision(
        before=["tickets", "request-changes", KEY, "3", "--reason", "Wrong label"],
        data={"numbers": [3], "answer": "Corrected"},
        action="tickets_resolved",
    ),
    "assign": Decision(
        data={"numbers": [3], "sprint": "SBX Sprint 2", "labels": ["b", "a"]},
        action="fields_assigned",
    ),
    "labels": Decision(
        data={"numbers": [3], "added": ["urgent"], "removed": []},
        form=("", {"do": "labels assign", "number": "3", "added": "urgent"}),
        action="fields_assigned",
    ),
    "answer": Decision(
        data={"given": [(ASKED, "Editors only")]},
        command=["questions", KEY, "--answer", ASKED, "Editors only"],
        form=("16/answers", {"question_id": ASKED, "answer_text": "Editors only"}),
        action="questions_answered",
    ),
    "not relevant": Decision(
        data={"not_relevant": [(ASKED, "Gone with the old site")]},
        command=["questions", KEY, "--not-relevant", ASKED, "Gone with the old site"],
        form=(
            "16/answers",
            {"question_id": ASKED, "do": "not_relevant", "reason": "Gone with the old site"},
        ),
        verb="answer",
        action="questions_answered",
    ),
    "ask": Decision(
        data={"places": [ASKED], "audience": "developer"},
        command=["tickets", "ask", KEY, ASKED, "--audience", "developer"],
        form=("16/answers", {"question_id": ASKED, "do": "ask developer"}),
        action="questions_routed",
    ),
    "withdraw": Decision(
        is_of_gone=True,
        data={"numbers": [GONE], "reason": "Not now"},
        action="withdrawals_agreed",
    ),
    "unwithdraw": Decision(
        is_of_gone=True,
        before=["tickets", "withdraw", KEY, str(GONE)],
        data={"numbers": [GONE]},
        action="withdrawals_proposed_again",
    ),
    "order": Decision(
        data={"numbers": [20, 19]}, form=("", {"do": "move:20:-1"}), action="tickets_reordered"
    ),
    "depend": Decision(
        data={"number": 24, "on": [1]},
        command=["tickets", "depend", KEY, "24", "1"],
        form=("24", {"do": "depend", "on": "1"}),
        action="dependency_added",
    ),
    "undepend": Decision(
        before=["tickets", "depend", KEY, "24", "1"],
        data={"number": 24, "on": [1], "is_not": True},
        command=["tickets", "depend", KEY, "24", "1", "--not"],
        form=("24", {"do": "depend", "on": "1", "is_not": "1"}),
        verb="depend",
        action="dependency_removed",
    ),
    "edit": Decision(
        command=["tickets", "edit", KEY, "3", "--title", "Set up the workflow"],
        form=("3/edit", {"title": "Set up the workflow", "revision": "1"}),
        action="ticket_edited",
    ),
    "rollback": Decision(
        before=["tickets", "edit", KEY, "3", "--title", "Set up the workflow"],
        command=["tickets", "rollback", KEY, "3", "--to", "1"],
        form=("3", {"do": "rollback", "to": "1", "revision": "2"}),
        action="ticket_rolled_back",
    ),
}


def options_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what is given beside the numbers, as people type it."""
    given = {name: value for name, value in data.items() if name != "numbers" and value}
    return {name: v if isinstance(v, str) else ",".join(v) for name, v in given.items()}


def command_of(name: str, data: Mapping[str, Any]) -> Sequence[str]:
    options = [word for key, value in options_of(data).items() for word in (f"--{key}", value)]
    return ("tickets", name, KEY, *map(str, data["numbers"]), *options)


def form_of(name: str, data: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    """Return the form of the list of tickets, or of those without rows on the session's page."""
    path = f"/sessions/{KEY}" if GONE in data["numbers"] else ""
    return path, {"do": name, "number": str(data["numbers"][0]), **options_of(data)}


@pytest.fixture(scope="module")
def without_rows(reviewed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same project with a ticket whose rows are gone from the sheets; copied only."""
    folder = tmp_path_factory.mktemp("without_rows")
    project = shutil.copytree(reviewed_project, folder / "project")
    sheets = projects.copy_sheets(folder / KEY)
    projects.orphan_fields(sheets)
    projects.upload(project, sheets)
    projects.run_once(project, "generate_tickets")
    return project


def by_command(_web: Web, name: str) -> None:
    decision = DECISIONS[name]
    answer = run(*(decision.command or command_of(name, decision.data or {})))
    assert answer.exit_code == 0, answer.words  # in words: what programs get is frozen


def by_form(web: Web, name: str) -> None:
    decision = DECISIONS[name]
    path, given = decision.form or form_of(name, decision.data or {})
    session = open_session(web.pipeline, KEY)
    ids = {asked.place: asked.question_id for asked in session.questions}
    fields = {key: ids.get(value, value) for key, value in given.items()}
    if (number := path.partition("/")[0]).isdecimal():
        fields["ticket_id"] = session.ticket(int(number)).ticket_id
    with signed_in(web, Role.REVIEWER) as client:
        answer = client.post(urljoin(f"{PAGES}/", path).rstrip("/"), data=fields)
        assert answer.status_code == 303, answer.text


def by_run(web: Web, name: str) -> None:
    """As the job `session_action` does, without Dagster."""
    data = DECISIONS[name].data
    assert data is not None
    decide(open_session(web.pipeline, KEY), DECISIONS[name].verb or name, data, by="a run")


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_is_the_same_wherever_it_is_taken(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    decision, found = DECISIONS[name], {}
    prepared = request.getfixturevalue(
        "without_rows" if decision.is_of_gone else "reviewed_project"
    )
    for take in (by_command, by_form, *([] if decision.data is None else [by_run])):
        project = projects.adopt(prepared, tmp_path / take.__name__, monkeypatch)
        with opened_web(project) as web:
            if decision.before:
                run_json(*decision.before)
            found[take] = outcome_of(web, lambda: take(web, name))  # noqa: B023

    first, *others = found.values()
    assert [entry["action"] for entry in first.entries] == [decision.action]
    assert all(other == first for other in others)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    entries: Sequence[Mapping[str, Any]]
    events: Sequence[str]


def outcome_of(web: Web, decide: Callable[[], None]) -> Outcome:
    store = web.pipeline.store
    last = store.audit.newest(KEY)
    for event in store.outbox.pending(KEY):
        store.outbox.mark_reported(event)
    decide()
    return Outcome(
        entries=[
            {"action": entry.action, "details": entry.details}
            for entry in store.audit.entries(KEY)
            if entry.sequence > last and entry.action is not AuditAction.NAMES_LOOKED_UP
        ],
        events=[event.action for event in store.outbox.pending(KEY)],
    )


VERBS_BY_SURFACE = """
ready       command form job reviewer tickets_marked_ready
unready     command form job reviewer tickets_unmarked_ready
skip        command form job reviewer tickets_skipped
unskip      command form job reviewer tickets_unskipped
request-changes command form job reviewer tickets_sent_back
resolve     command form job reviewer tickets_resolved
assign      command form job reviewer fields_assigned
labels      command form job reviewer fields_assigned
order       command -    job reviewer tickets_reordered
move        -       form job reviewer tickets_reordered
depend      command form job reviewer dependency_added dependency_removed
edit        command -    job reviewer ticket_edited
title       -       -    job reviewer ticket_edited
rollback    command form job reviewer ticket_rolled_back
take-back   command form job reviewer ticket_edited
take-back-all command form job reviewer ticket_edited
take-out    command form job reviewer ticket_edited
withdraw    command form job reviewer withdrawals_agreed
unwithdraw  command form job reviewer withdrawals_proposed_again
take-words  command form job reviewer words_taken
give-words  command form job reviewer words_given_back
discard-comparison command form job reviewer site_verification_discarded
ask         command form job reviewer questions_routed
take-answer command -    job reviewer client_answer_taken client_answer_put_back
answer      -       -    job reviewer questions_answered
"""
"""What is made from signatures: commands and forms of answers are written by hand."""


def test_every_verb_is_offered_where_people_look_for_it() -> None:
    pages = Path(jira_pipeline.web.__file__).parent / "templates"
    markup = " ".join(page.read_text(encoding="utf-8") for page in pages.glob("*.html"))
    markup = " ".join(markup.split())  # a tag may be on several lines
    buttons = re.findall(r'name="do" value="([^"]+)"|id_field\("\w+", "([^"]+)"\)', markup)
    forms = set(re.findall(r"[\w-]+", " ".join(" ".join(found) for found in buttons)))
    forms |= {verb for kind in GIVEN_REASONS for verb in (kind.taken_by, kind.undone_by)}

    lines = [
        " ".join(
            [
                f"{name:11}",
                f"{'command' if name in get_group(TICKETS).commands else '-':7}",
                f"{'form' if name in forms - {'answer'} else '-':4}",
                f"job {verb.permission} {' '.join(verb.actions)}",
            ]
        )
        for name, verb in VERBS.items()
    ]

    assert lines == VERBS_BY_SURFACE.strip().splitlines()


@pytest.mark.parametrize("kind", GIVEN_REASONS)
def test_a_reason_to_be_in_no_export_is_followed_everywhere(
    reviewed_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exclusion]
) -> None:
    """Verbs, lists, pages, the plan and the terminal take it from the class below `Exclusion`."""
    project = projects.adopt(reviewed_project, tmp_path / "project", monkeypatch)
    label, why = kind.state.label, "Not in this phase"
    page, chosen = f"{PAGES}/3", {"numbers": [3], "reason": why}
    with opened_web(project) as web, signed_in(web, Role.REVIEWER) as client:
        before = open_session(web.pipeline, KEY)
        ticket_id, digest = before.ticket(3).ticket_id, before.rendered_of([before.ticket(3)])
        is_offered = f'value="{kind.taken_by}"' in client.get(page).text
        is_offered_of_many = f'value="{kind.taken_by}"' in client.get(PAGES).text
        decide(before, kind.taken_by, chosen, by="ann")
        session = open_session(web.pipeline, KEY)
        (listed,) = [one for one in session.listed if one.number == 3]
        shown = client.get(f"{page}?did={DECISIONS_IN_ADDRESS[kind.taken_by]}-{ticket_id}").text
        at_the_end = client.get(
            f"/sessions/{KEY}/review?readiness=skipped&did=ready-{ticket_id}"
        ).text
        rows = run_json("tickets", "list", KEY, "3")
        planned = run("export", KEY, "--plan").words
        told = run("tickets", "show", KEY, "3").words
        is_same = (
            digest[0].rendered_hash == session.rendered_of([session.ticket(3)])[0].rendered_hash
        )
        decide(session, kind.undone_by, {"numbers": [3]}, by="ann")
        after = open_session(web.pipeline, KEY).ticket(3)

    assert is_offered
    assert is_offered_of_many
    assert listed.exclusion == session.ticket(3).exclusion == kind(why)
    assert readiness_of(listed) is Readiness.EXCLUDED
    assert session.places[ticket_id].state is kind.state
    assert session.tally.excluded == 1
    assert (rows[0]["state"], rows[0][kind.column]) == (kind.state, why)
    assert is_same
    assert f">{label.capitalize()}<" in shown
    assert f"{label}." in shown
    assert f'value="{kind.undone_by}"' in shown
    assert LEFT_OUT.capitalize() in at_the_end
    assert f"1 ticket {LEFT_OUT}" in planned
    assert f"{label.capitalize()}: {why}" in told
    assert kind.undone_by in nothing_to_do([listed])
    assert after.exclusion is None


def test_every_exclusion_has_its_verbs_and_entries() -> None:
    kinds = Exclusion.__subclasses__()

    assert len({kind.state for kind in kinds}) == len(kinds)
    for kind in kinds:
        verbs = [VERBS[kind.taken_by], VERBS[kind.undone_by]]
        assert [action for verb in verbs for action in verb.actions] == [*kind.actions]


def test_no_surface_decides_in_the_store() -> None:
    """Then what one of them forgets to set off, the others do.

    They find sessions, list exports and read validations, the outbox and the log of deliveries
    there. `defs` is what keeps the queue and the locks of runs, and what became of the folders of
    the inbox, and `web` is what keeps the answers to requests with a key: nobody decides any of it.
    """
    allowed = (
        r"(?:sessions|sharedo_jobs)\.(?:find|known|list_all)|validations\.latest|outbox\.pending|"
        r"webhook_deliveries\.(?:of_session|forget_old)|"
        r"(?:run_requests|run_locks|inbox|keyed_requests)\.[a-z_]+"
    )
    root = Path(jira_pipeline.__file__).parent
    asking = {
        str(path.relative_to(root))
        for surface in ("cli", "web", "defs")
        for path in (root / surface).rglob("*.py")
        if re.search(rf"store\.(?!(?:{allowed})\()[a-z_]+\.[a-z_]+\(", path.read_text("utf-8"))
    }

    assert asking == set()
