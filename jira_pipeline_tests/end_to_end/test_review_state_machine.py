"""Any order of uploads, generations, review operations, validations, ready marks and exports.

The oracle is a model of plain values that knows nothing of hashes, times or versions: what each
ticket says, what it said when it was validated and when it was marked ready. The pipeline is the
real one on SQLite with the sandbox in this process; only its clock is the test's.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.export import exporting
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.gate import check_gate
from jira_pipeline.export.links import link_issues
from jira_pipeline.model.errors import (
    DependencyCycleError,
    EditConflictError,
    GateError,
    NotVanishedError,
)
from jira_pipeline.model.revisions import Revision, RevisionOrigin
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.model.tickets import Ticket, question_id_of
from jira_pipeline.review import approvals, revisions
from jira_pipeline.review.approvals import mark_validated_tickets
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.sessions import status, upload as uploading
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.writing import generation
from jira_pipeline_tests import projects
from jira_pipeline_tests.crash.export_world import SteadyClock
from jira_pipeline_tests.end_to_end.reading_back import issues_created
from jira_pipeline_tests.long_form import IS_LONG

EXAMPLES = int(os.environ.get("JIRA_PIPELINE_TEST_REVIEW_EXAMPLES") or (20 if IS_LONG else 8))  # noqa: TID251 - of tests
STEPS = 20
KEY = "site"
BUNDLES = ("Alpha", "Beta", "Gamma")
"""Each becomes a ticket; the sheets may lack the last one."""
HELP_TEXTS = ("One.", "Two.", "Three.")
PICKS = st.integers(0, 5)
TEXTS = st.sampled_from(["One way.", "Another way.", "A third way."])

Content = tuple[object, ...]
"""What Jira would get of a ticket, told apart by plain equality."""
Prose = tuple[str, str]
"""Title and analysis."""
PROPOSED, AGREED = "proposed", "agreed"


@dataclass
class Model:
    """What people did, as they would remember it."""

    uploaded: dict[str, str] = field(default_factory=dict)
    """Help text of each bundle in the sheets."""
    generated: dict[str, str] | None = None
    validated: dict[str, Content] | None = None
    """Tickets as they were validated, by id."""
    is_changed: bool = False
    """Somebody changed something since they were validated."""
    ready: dict[str, Content] = field(default_factory=dict)
    """Tickets as they were marked, while the mark was not taken away."""
    skipped: set[str] = field(default_factory=set)
    depends: set[tuple[str, str]] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    revisions: dict[str, tuple[Revision, ...]] = field(default_factory=dict)
    """Every revision that was ever seen, by ticket id."""
    exported: set[str] = field(default_factory=set)
    withdrawals: dict[str, str] = field(default_factory=dict)
    """Whether people agreed, by the id of each ticket whose rows are gone."""
    left_with: dict[str, str] = field(default_factory=dict)
    """Help text of each of these, when its rows were last there."""
    prose: dict[str, Prose] = field(default_factory=dict)
    """What people wrote last."""
    order: list[str] = field(default_factory=list)
    """Ids as tickets are listed."""

    def change(self, ticket_id: str) -> None:
        self.ready.pop(ticket_id, None)
        self.is_changed = True


class _ReviewMachine(RuleBasedStateMachine):
    """Does to a pipeline and to a model what people do."""

    project: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.project, self.folder / "project")
        self.sheets = self.folder / "sheets"
        self.sheets.mkdir()
        loaded = load_settings(self.folder / "project")
        home = self.folder / "project" / ".jira_pipeline"
        self.pipeline: Pipeline = open_pipeline(
            loaded.model_copy(update={"jira_pipeline_home": home}), clock=SteadyClock()
        )
        self.model = Model()
        self._seen: tuple[Ticket, ...] | None = None
        """The tickets, while nothing is done to them."""

    @initialize()
    def begin(self) -> None:
        self._upload(dict.fromkeys(BUNDLES, HELP_TEXTS[0]))
        self.generate()
        self.validate()

    @rule(bundle=st.sampled_from(BUNDLES), text=st.sampled_from(HELP_TEXTS))
    def correct_a_cell(self, bundle: str, text: str) -> None:
        if bundle in self.model.uploaded:
            self._upload(self.model.uploaded | {bundle: text})

    @rule(is_there=st.booleans())
    def take_the_last_bundle_out_or_in(self, *, is_there: bool) -> None:
        last = {BUNDLES[-1]: HELP_TEXTS[0]} if is_there else {}
        self._upload({b: self.model.uploaded[b] for b in BUNDLES[:-1]} | last)

    @rule()
    def generate(self) -> None:
        model, before = self.model, {t.ticket_id: t for t in self._tickets()}
        generation.generate(self._opened(), run_id=None)
        was, model.generated = model.generated or {}, dict(model.uploaded)
        present = {t.ticket_id: t for t in self._tickets()}
        for ticket_id, ticket in present.items():
            bundle = _bundle_of(ticket)
            known = model.revisions.get(ticket_id, ())[-1:]
            text_before = model.left_with.pop(ticket_id, was.get(bundle))
            if known != (ticket.revision,) or text_before != model.generated[bundle]:
                model.ready.pop(ticket_id, None)
            model.withdrawals.pop(ticket_id, None)
        for ticket_id in before.keys() - present.keys():
            model.withdrawals[ticket_id] = PROPOSED
            model.left_with[ticket_id] = was[_bundle_of(before[ticket_id])]
        if before.keys() != present.keys():
            model.order = self._listed()
        self._remember_revisions()
        self._forget_prose_that_is_nobodys()

    def _forget_prose_that_is_nobodys(self) -> None:
        """What people wrote may be what the template said: then the template goes on."""
        for ticket in self._tickets():
            mine = self.model.prose.get(ticket.ticket_id)
            if mine is None or ticket.revision.origin is not RevisionOrigin.GENERATED:
                continue
            generated = [
                _prose_of(r)
                for r in self.model.revisions[ticket.ticket_id]
                if r.origin is RevisionOrigin.GENERATED
            ]
            assert mine in generated
            del self.model.prose[ticket.ticket_id]

    @rule()
    def validate(self) -> None:
        with self._refused_where_rows_are_lacking() as is_possible:
            approvals.validate(self._opened(), run_id=None)
        if is_possible:
            self.model.validated = self._contents()
            self.model.is_changed = False

    @rule(pick=PICKS, text=TEXTS)
    def edit(self, pick: int, text: str) -> None:
        ticket = self._one(pick)
        number = self._edit(ticket, text)
        if number != ticket.revision.number:
            self.model.change(ticket.ticket_id)
        now = self.pipeline.store.tickets.get(KEY, ticket.number)
        assert (text, number) == (now.revision.parts.analysis, now.revision.number)
        self.model.prose[ticket.ticket_id] = (ticket.title, text)
        self._remember_revisions()

    @rule(pick=PICKS, title=st.sampled_from(["Build it.", "Build it later."]))
    def edit_the_title(self, pick: int, title: str) -> None:
        ticket = self._one(pick)
        number = self._edit(ticket, title=title)
        if title != ticket.title:
            self.model.change(ticket.ticket_id)
        assert number == ticket.revision.number + int(title != ticket.title)
        self.model.prose[ticket.ticket_id] = (title, ticket.revision.parts.analysis)
        self._remember_revisions()

    @rule(pick=PICKS, mine=TEXTS, theirs=TEXTS)
    def edit_at_the_same_time(self, pick: int, mine: str, theirs: str) -> None:
        ticket = self._one(pick)
        if self._edit(ticket, mine) == ticket.revision.number:
            return
        self.model.change(ticket.ticket_id)
        self.model.prose[ticket.ticket_id] = (ticket.title, mine)
        self._remember_revisions()
        with pytest.raises(EditConflictError):
            self._edit(ticket, theirs)

    @rule(pick=PICKS, revision=PICKS)
    def roll_back(self, pick: int, revision: int) -> None:
        ticket = self._one(pick)
        known = self.model.revisions[ticket.ticket_id]
        earlier = known[revision % len(known)]
        now = self.pipeline.store.reviews.roll_back(
            KEY,
            ticket.ticket_id,
            to_revision=earlier.number,
            expected_revision=ticket.revision.number,
            by="ab",
            at=self.pipeline.clock.now(),
        )
        if now.number != ticket.revision.number:
            self.model.change(ticket.ticket_id)
        assert (earlier.title, earlier.parts) == (now.title, now.parts)
        self.model.prose[ticket.ticket_id] = _prose_of(earlier)
        self._remember_revisions()

    @rule(picks=st.permutations(range(3)), count=st.integers(2, 3))
    def put_in_order(self, picks: list[int], count: int) -> None:
        """Those that are named take the places they have, in the order named; nothing is stale."""
        order = self.model.order
        named = [order[pick] for pick in picks[:count] if pick < len(order)]
        places = sorted(order.index(ticket_id) for ticket_id in named)
        self.pipeline.store.reviews.reorder(KEY, named, by="ab", at=self.pipeline.clock.now())
        for place, ticket_id in zip(places, named, strict=True):
            order[place] = ticket_id
        assert order == self._listed()

    @rule(is_agreed=st.booleans())
    def withdraw(self, *, is_agreed: bool) -> None:
        """Agree to all that is proposed, or take that back; what is in the sheets stays."""
        store, now = self.pipeline.store.tickets, self.pipeline.clock.now()
        with pytest.raises(NotVanishedError):
            store.withdraw(KEY, [self._one(0).ticket_id], reason="", by="ab", at=now)
        meant, model = sorted(self.model.withdrawals), self.model
        if is_agreed:
            count = store.withdraw(KEY, meant, reason="Gone.", by="ab", at=now)
        else:
            count = store.unwithdraw(KEY, meant, by="ab", at=now)
        withdrawal = AGREED if is_agreed else PROPOSED
        assert count == sum(model.withdrawals[ticket_id] != withdrawal for ticket_id in meant)
        for ticket_id in meant:
            model.withdrawals[ticket_id] = withdrawal
            if is_agreed:
                model.ready.pop(ticket_id, None)

    @rule(pick=PICKS, labels=st.sets(st.sampled_from(["x", "y"])))
    def assign(self, pick: int, labels: set[str]) -> None:
        """What Jira holds beside the text takes no mark away and makes nothing stale."""
        ticket_id, wanted = self._one(pick).ticket_id, tuple(sorted(labels))
        self.pipeline.store.reviews.assign(
            KEY, [ticket_id], fields={"labels": wanted}, by="ab", at=self.pipeline.clock.now()
        )
        assert wanted in {t.labels for t in self._tickets() if t.ticket_id == ticket_id}

    @rule(pick=PICKS, other=PICKS)
    def depend(self, pick: int, other: int) -> None:
        pair = (self._one(pick).ticket_id, self._one(other).ticket_id)
        reviews, now = self.pipeline.store.reviews, self.pipeline.clock.now()
        if pair not in self.model.depends and _waits_for(self._depends(), pair[1], pair[0]):
            with pytest.raises(DependencyCycleError):
                reviews.set_dependency(KEY, *pair, waits=True, by="ab", at=now)
            return
        is_new = reviews.set_dependency(KEY, *pair, waits=True, by="ab", at=now)
        assert is_new == (pair not in self.model.depends)
        if is_new:
            self.model.depends.add(pair)
            self.model.change(pair[0])

    @precondition(lambda self: self._depends())
    @rule(pick=PICKS)
    def no_longer_depend(self, pick: int) -> None:
        pairs = sorted(self._depends())
        pair = pairs[pick % len(pairs)]
        self.pipeline.store.reviews.set_dependency(
            KEY, *pair, waits=False, by="ab", at=self.pipeline.clock.now()
        )
        self.model.depends.remove(pair)
        self.model.change(pair[0])

    @rule(pick=PICKS, text=st.sampled_from(["", "Yes.", "No."]))
    def answer(self, pick: int, text: str) -> None:
        asked = [t for t in self._tickets() if t.revision.questions]
        if not asked:
            return
        ticket = asked[pick % len(asked)]
        question_id = question_id_of(ticket.revision.questions[0])
        changed = self.pipeline.store.reviews.answer(
            KEY, {ticket.ticket_id: {question_id: text}}, by="ab", at=self.pipeline.clock.now()
        )
        key = f"{ticket.ticket_id}/{question_id}"
        assert changed == int(self.model.answers.get(key, "") != text)
        if changed:
            self.model.change(ticket.ticket_id)
        self.model.answers[key] = text

    @rule(pick=PICKS, is_skipped=st.booleans())
    def skip(self, pick: int, *, is_skipped: bool) -> None:
        ticket_id, tickets = self._one(pick).ticket_id, self.pipeline.store.tickets
        now = self.pipeline.clock.now()
        if is_skipped:
            tickets.exclude(KEY, [ticket_id], Skipped, reason="Later.", by="ab", at=now)
            self.model.skipped.add(ticket_id)
        else:
            tickets.exclude(KEY, [ticket_id], Skipped, reason=None, by="ab", at=now)
            self.model.skipped.discard(ticket_id)

    @rule(pick=st.none() | PICKS)
    def mark_ready(self, pick: int | None) -> None:
        with self._refused_where_rows_are_lacking() as is_possible:
            if not is_possible:
                self._mark_ready(None)
        if not is_possible:
            return
        chosen = self._tickets() if pick is None else [self._one(pick)]
        meant = [t for t in chosen if pick is not None or t.ticket_id not in self.model.skipped]
        contents, validated = self._contents(), self.model.validated or {}
        numbers = None if pick is None else [t.number for t in meant]
        if any(validated.get(t.ticket_id) != contents[t.ticket_id] for t in meant):
            with pytest.raises(GateError):
                self._mark_ready(numbers)
            return
        self._mark_ready(numbers)
        self.model.ready |= {t.ticket_id: contents[t.ticket_id] for t in meant}

    @rule(pick=PICKS)
    def unmark_ready(self, pick: int) -> None:
        ticket_id = self._one(pick).ticket_id
        self.pipeline.store.tickets.unmark_ready(
            KEY, [ticket_id], by="ab", at=self.pipeline.clock.now()
        )
        self.model.ready.pop(ticket_id, None)

    @rule()
    def review_and_export(self) -> None:
        """The way people go when all is well: it must be open."""
        self.generate()
        self.validate()
        self.withdraw(is_agreed=True)
        self.mark_ready(None)
        assert self._expected_rule() == ""
        self.export()

    @rule()
    def export(self) -> None:
        expected, created = self._expected_rule(), self._created()
        if expected:
            with pytest.raises(GateError) as refused:
                self._export()
            assert expected == refused.value.rule
            assert created == self._created()
            return
        self._export()
        self.model.exported |= self._exportable()

    @invariant()
    def store_gate_and_status_are_the_models(self) -> None:
        """One invariant, so that tickets are read once for all that must hold."""
        self._seen = self._tickets()
        try:
            expected = self._expected_rule()
            assert expected == self._rule_of_the_gate()
            self._status_says_stale_where_the_gate_does(expected)
            self._no_revision_is_altered_or_lost()
            self._no_update_is_lost()
            self._no_ticket_has_two_issues()
        finally:
            self._seen = None

    def _status_says_stale_where_the_gate_does(self, expected_rule: str) -> None:
        if self.model.validated is None or not self._exportable():
            return
        report = status.status(self._opened())
        assert (expected_rule == "stale") == bool(report.stale), report.stale
        proposed = [i for i, withdrawal in self.model.withdrawals.items() if withdrawal == PROPOSED]
        assert len(proposed) == len(report.left.withdrawals)

    def _no_revision_is_altered_or_lost(self) -> None:
        for ticket_id, known in self.model.revisions.items():
            assert known == self.pipeline.store.tickets.revisions(ticket_id)

    def _no_update_is_lost(self) -> None:
        """What people wrote last is kept, the order they gave, and what they agreed to."""
        now = {t.ticket_id: _prose_of(t.revision) for t in self._tickets()}
        mine = {i: prose for i, prose in self.model.prose.items() if i in now}
        assert mine == {i: now[i] for i in mine}
        assert self.model.order == self._listed()
        vanished = self.pipeline.store.tickets.list_vanished(KEY)
        assert self.model.withdrawals == {t.ticket_id: t.withdrawal for t in vanished}

    def _no_ticket_has_two_issues(self) -> None:
        assert len(self.model.exported) == self._created()

    @override
    def teardown(self) -> None:
        self.pipeline.store.close()
        shutil.rmtree(self.folder)

    def _upload(self, facts: dict[str, str]) -> None:
        _write_sheets(self.sheets, facts)
        uploading.upload(
            self.pipeline, self.sheets, session_key=KEY, auto_approve=False, actor="ab"
        )
        if facts != self.model.uploaded:
            self.model.is_changed = True
        self.model.uploaded = facts

    def _edit(self, ticket: Ticket, text: str | None = None, *, title: str | None = None) -> int:
        wanted = TicketEdit(title=title, parts={} if text is None else {"analysis": text})
        return revisions.edit(self._opened(), ticket, wanted, by="ab").revision

    def _mark_ready(self, numbers: list[int] | None) -> None:
        """Mark tickets ready that are validated."""
        session = self._opened()
        if numbers is None:
            numbers = [t.number for t in session.tickets if t.skipped_reason is None]
        mark_validated_tickets(session, numbers=numbers, by="ab")

    def _export(self) -> None:
        with exporting.opened_export(self._opened(), run_id=None) as (tools, order):
            create_issues(tools, order)
            attach_files(tools, order)
            link_issues(tools, order)

    @contextmanager
    def _refused_where_rows_are_lacking(self) -> Iterator[bool]:
        """Give whether tickets can be rendered; where not, what is done must be refused."""
        if not self._lacks_rows():
            yield True
            return
        with pytest.raises(GateError):
            yield False

    def _expected_rule(self) -> str:
        """Say which rule closes the gate; empty where it is open."""
        model = self.model
        if self._lacks_rows():
            return "stale"
        if model.validated is None:
            return "not_validated"
        contents = {i: c for i, c in self._contents().items() if i not in model.skipped}
        validated = {i: c for i, c in model.validated.items() if i not in model.skipped}
        if model.is_changed or model.generated != model.uploaded or contents != validated:
            return "stale"
        if PROPOSED in model.withdrawals.values():
            return "questions_of_withdrawal"
        return "" if all(model.ready.get(i) == c for i, c in contents.items()) else "not_ready"

    def _rule_of_the_gate(self) -> str:
        try:
            check_gate(
                self._opened().stored,
                checked=self.pipeline.store.validations.checked(KEY),
                rendered=self._opened().rendered,
                vanished=self.pipeline.store.tickets.list_vanished(KEY),
            )
        except GateError as error:
            return error.rule
        return ""

    def _contents(self) -> dict[str, Content]:
        depends = self._depends()
        return {
            ticket.ticket_id: (
                ticket.revision.title,
                ticket.revision.parts,
                self.model.uploaded.get(_bundle_of(ticket)),
                frozenset(other for one, other in depends if one == ticket.ticket_id),
                tuple(
                    self.model.answers.get(f"{ticket.ticket_id}/{question_id_of(q)}", "")
                    for q in ticket.revision.questions
                ),
            )
            for ticket in self._tickets()
        }

    def _depends(self) -> set[tuple[str, str]]:
        present = {t.ticket_id for t in self._tickets()}
        return {pair for pair in self.model.depends if present >= set(pair)}

    def _exportable(self) -> set[str]:
        return {t.ticket_id for t in self._tickets()} - self.model.skipped

    def _lacks_rows(self) -> bool:
        return any(_bundle_of(t) not in self.model.uploaded for t in self._tickets())

    def _remember_revisions(self) -> None:
        for ticket in self._tickets():
            found = self.pipeline.store.tickets.revisions(ticket.ticket_id)
            known = self.model.revisions.get(ticket.ticket_id, ())
            assert known == found[: len(known)]
            self.model.revisions[ticket.ticket_id] = found

    def _created(self) -> int:
        return issues_created(self.folder / "project")

    def _opened(self) -> OpenSession:
        return open_session(self.pipeline, KEY)

    def _tickets(self) -> tuple[Ticket, ...]:
        if self._seen is not None:
            return self._seen
        found = self.pipeline.store.sessions.find(KEY)
        return () if found is None else self.pipeline.store.tickets.list_all(KEY)

    def _listed(self) -> list[str]:
        return [t.ticket_id for t in self.pipeline.store.tickets.listed(KEY)]

    def _one(self, pick: int) -> Ticket:
        tickets = self._tickets()
        return tickets[pick % len(tickets)]


def _prose_of(revision: Revision) -> Prose:
    return revision.title, revision.parts.analysis


def _bundle_of(ticket: Ticket) -> str:
    return next(name for name in BUNDLES if name.lower() in ticket.group_key.lower())


def _waits_for(pairs: set[tuple[str, str]], one: str, other: str) -> bool:
    return one == other or any(
        _waits_for(pairs, dependency, other) for dependent, dependency in pairs if dependent == one
    )


def _write_sheets(folder: Path, facts: dict[str, str]) -> None:
    bundles = [
        {"Name": b, "Machine name": b.lower(), "Type": "Content type", "X": "a"} for b in facts
    ]
    fields = [
        {
            "Bundle": f"{bundle} (Content type)",
            "Field label": f"{bundle} size",
            "Machine name": f"field_{bundle.lower()}",
            "X": "a",
            "Field type": "Text (plain)",
            "Vals.": "1",
            "Settings/notes": "To be decided by the client?",
            "Help text": text,
        }
        for bundle, text in facts.items()
    ]
    for name, rows in (("Bundles", bundles), ("Fields", fields)):
        projects.write_rows(folder / f"Site_{name}.csv", rows)


def test_the_gate_follows_any_order_of_what_people_do(empty_project: Path) -> None:
    """`JIRA_PIPELINE_TEST_REVIEW_EXAMPLES` runs more orders than these."""
    _ReviewMachine.project = empty_project
    run_state_machine_as_test(
        _ReviewMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
