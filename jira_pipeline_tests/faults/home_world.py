"""A home with one small session, in which people, the program and the clock take turns.

Belongs here: the home, and what each act does in it, by the functions that commands, pages and the
daemon call. Does not: which acts in which order (`drawing`), where the words of people are looked
for (`kept_words`), running a life of acts (`home_running`).
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import Settings, load_settings
from jira_pipeline.dagster_port.steps import PipelineResource
from jira_pipeline.defs.intake.inbox_look import look_into_inbox
from jira_pipeline.defs.sessions.jobs import remove_expired
from jira_pipeline.export import exporting
from jira_pipeline.jira.sandbox.sandbox_site import DONE
from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.review import answers, approvals, decisions, revisions
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.question_cards import client_cards
from jira_pipeline.review.questions import SharedRow
from jira_pipeline.sessions import accounts, upload as uploading
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.writing import generation
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.crash.by_hand import SOMEBODY, ask_site
from jira_pipeline_tests.crash.sessions import document
from jira_pipeline_tests.faults.kept_words import Word, WordKind
from jira_pipeline_tests.faults.schedules import HomeAct
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

KEY = "site"
SKIPPED = "Gamma"
"""The bundle whose ticket people skipped before the first export, for good."""
BUNDLES = ("Alpha", "Beta", SKIPPED)
"""Each becomes a ticket."""
RETENTION_DAYS = 7.0
LOOKS = 9
DAYS_BETWEEN = 2
"""Where many nights pass, so many are looked at, so far apart: a session is kept for less than that
after its last act and the notice."""
LINK_DAYS = 30
ACTOR = "ada"
CLIENT = "Jonas Weber"
RUN_ID = "r"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
logger = logging.getLogger(__name__)


@dataclass
class HomeWorld:
    """What outlives the acts of a life."""

    folder: Path
    pipeline: Pipeline
    clock: MovableClock
    """Time passes by it alone."""
    instance: dg.DagsterInstance
    words: list[Word] = field(default_factory=list)
    """What people said, and nobody has replaced since."""
    told: list[str] = field(default_factory=list)
    """What the program told people, in order."""
    help_texts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(BUNDLES, "One."))
    """Of the field of each bundle, in the sheets that people have."""
    machine_names: dict[str, str] = field(
        default_factory=lambda: {bundle: f"field_{bundle.lower()}" for bundle in BUNDLES}
    )
    """Of the same fields."""
    replaced_sheets: list[str] = field(default_factory=list)
    """What the inbox replaced though its folder was handled before."""
    is_skipped: bool = True
    """The ticket that people skipped has no issue."""

    def resume(self, words: Iterable[Word]) -> None:
        """Go on, some days later, where the home was made."""
        self.words = [replace(word) for word in words]
        self.clock.ahead += 2 * DAY
        self.look_into_inbox()
        self.replaced_sheets.clear()

    def do(self, act: HomeAct, number: int) -> None:
        """Let an act happen to the ticket of a bundle; people are told what is refused."""
        bundle = BUNDLES[number - 1]
        self.clock.ahead += MINUTE
        try:
            if act in ACTS:
                ACTS[act](self, bundle)
            elif (at_hand := self.find(bundle)) is not None:
                TICKET_ACTS[act](self, at_hand)
        except PipelineError as error:
            self.told.append(str(error))

    @property
    def store_path(self) -> Path:
        return self.pipeline.settings.home_path / "store.sqlite"

    @property
    def site_path(self) -> Path:
        return self.pipeline.settings.sandbox_path

    @contextmanager
    def site(self) -> Iterator[FaultySandbox]:
        with FaultySandbox(self.site_path, clock=self.clock.now) as sandbox:
            yield sandbox

    def session(self) -> OpenSession | None:
        is_there = self.pipeline.store.sessions.find(KEY) is not None
        return open_session(self.pipeline, KEY) if is_there else None

    def find(self, bundle: str) -> "AtHand | None":
        """Return the ticket of a bundle; None where its session or its rows are gone."""
        session = self.session()
        if session is None:
            return None
        for ticket in session.tickets:
            if bundle.lower() in ticket.group_key.lower():
                return AtHand(bundle=bundle, session=session, ticket=ticket)
        return None

    def give(self, kind: WordKind, bundle: str, giving: Callable[[str], object]) -> None:
        """Let a person say something that nobody said yet; what is refused does not count."""
        before = [*self.words]
        word = Word(kind=kind, bundle=bundle, text=f"canary{len(before):02}{kind}")
        self.words = [one for one in before if not one.is_replaced_by(word)]
        self.words.append(word)
        try:
            giving(word.text)
        except PipelineError:
            self.words = before
            raise

    def write_sheets(self, folder: Path) -> Path:
        """Write the sheets as people have them."""
        folder.mkdir(parents=True, exist_ok=True)
        bundles = [
            {
                "Name": bundle,
                "Machine name": bundle.lower(),
                "Type": "Content type",
                "X": "a",
            }
            for bundle in BUNDLES
        ]
        fields = [
            {
                "Bundle": f"{bundle} (Content type)",
                "Field label": f"{bundle} size",
                "Machine name": self.machine_names[bundle],
                "X": "a",
                "Field type": "Text (plain)",
                "Vals.": "1",
                "Settings/notes": "To be decided by the client?",
                "Help text": self.help_texts[bundle],
            }
            for bundle in BUNDLES
        ]
        projects.write_rows(folder / "Site_Bundles.csv", bundles)
        projects.write_rows(folder / "Site_Fields.csv", fields)
        return folder

    def upload(self) -> None:
        """Upload the sheets that people have, and write the tickets."""
        sheets = self.write_sheets(self.folder / "sheets")
        uploading.upload(self.pipeline, sheets, session_key=KEY, auto_approve=False, actor=ACTOR)
        generation.generate(open_session(self.pipeline, KEY), run_id=None)

    def look_into_inbox(self) -> None:
        """Let the sensor look, of whose cursor nothing is left; nothing arrived since it looked."""
        before = self._content_sha256()
        look_into_inbox(self.pipeline, log=logger)
        after = self._content_sha256()
        if before is not None and after != before:
            self.replaced_sheets.append(f"{before[:8]} by {(after or '')[:8]} of the inbox")

    def _content_sha256(self) -> str | None:
        stored = self.pipeline.store.sessions.find(KEY)
        return None if stored is None else stored.content_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """The ticket that somebody does something with."""

    bundle: str
    session: OpenSession
    ticket: Ticket

    @property
    def place(self) -> str:
        """The place of its first question."""
        return f"{self.ticket.number}.1"


# What people say


def _answer(world: HomeWorld, one: AtHand) -> None:
    def answering(text: str) -> None:
        answers.answer(one.session, [(one.place, text)], by=ACTOR)

    world.give(WordKind.ANSWER, one.bundle, answering)


def _propose(world: HomeWorld, one: AtHand) -> None:
    """A client answers a question of the ticket by the link they have."""
    link = _valid_link(world, one.session)
    row = _row_of(one)

    def proposing(text: str) -> None:
        assert row is not None
        assert accounts.propose(one.session, link, [(row, text)])

    if row is not None:
        world.give(WordKind.CLIENT_ANSWER, one.bundle, proposing)


def _valid_link(world: HomeWorld, session: OpenSession) -> ClientLink:
    for link in session.store.client_links.of_session(KEY):
        if link.expires_at > world.clock.now():
            return link
    _, link = accounts.make_link(
        session, base="http://localhost", days=LINK_DAYS, by=ACTOR, made_for=CLIENT
    )
    return link


def _row_of(one: AtHand) -> SharedRow | None:
    """Return what a client is asked of a ticket; None: nothing any more."""
    for card in client_cards(one.session):
        for card_row in card.rows:
            for row in card_row.rows:
                ticket_ids = {ticket_id for ticket_id, _ in row.keys}
                if one.ticket.ticket_id in ticket_ids and row.is_waiting:
                    return row
    return None


def _request_changes(world: HomeWorld, one: AtHand) -> None:
    def requesting(text: str) -> None:
        decisions.request_changes(one.session, [one.ticket.number], reason=text, by=ACTOR)

    if one.bundle == SKIPPED:
        world.is_skipped = False  # a ticket is left out for one reason: this one from now on
    world.give(WordKind.CHANGE_REQUEST, one.bundle, requesting)


def _comment(world: HomeWorld, one: AtHand) -> None:
    def commenting(text: str) -> None:
        comments = one.session.store.comments
        comments.add(KEY, one.ticket.ticket_id, text=text, by=ACTOR, at=world.clock.now())

    world.give(WordKind.COMMENT, one.bundle, commenting)


def _note(world: HomeWorld, one: AtHand) -> None:
    def noting(text: str) -> None:
        revisions.edit_text(one.session, one.ticket.number, "notes", text, by=ACTOR)

    world.give(WordKind.NOTE, one.bundle, noting)


def _retitle(world: HomeWorld, one: AtHand) -> None:
    def retitling(text: str) -> None:
        title = f"{one.bundle} {text}"
        revisions.retitle(one.session, one.ticket.number, title, by=ACTOR)

    world.give(WordKind.TITLE, one.bundle, retitling)


def _edit_in_jira(world: HomeWorld, bundle: str) -> None:
    """A person writes a paragraph below the text of an issue."""
    with world.site() as site:
        for key, description in _issues_of(site, bundle):
            before = json.loads(description)

            def editing(text: str, key: str = key, before: Document = before) -> None:
                longer = {**before, "content": [*before["content"], *_paragraphs(text)]}
                body = {"fields": {"description": longer}}
                ask_site(site, "PUT", f"/rest/api/3/issue/{key}", body, account=SOMEBODY)

            world.give(WordKind.EDIT_IN_JIRA, bundle, editing)


def _comment_in_jira(world: HomeWorld, bundle: str) -> None:
    with world.site() as site:
        for key, _description in _issues_of(site, bundle):

            def commenting(text: str, key: str = key) -> None:
                path = f"/rest/api/3/issue/{key}/comment"
                ask_site(site, "POST", path, {"body": document(text)}, account=SOMEBODY)

            world.give(WordKind.COMMENT_IN_JIRA, bundle, commenting)


Document = Mapping[str, list[object]]


def _paragraphs(text: str) -> list[object]:
    return cast(Document, document(text))["content"]


def _issues_of(site: FaultySandbox, bundle: str) -> list[tuple[str, str]]:
    """Return key and description of the issue that a bundle has, if it has one."""
    asked = "SELECT key, description FROM issue WHERE summary LIKE ? ORDER BY id LIMIT 1"
    with site.state.reading() as rows:
        found = rows.execute(asked, (f"%{bundle}%",)).fetchall()
    return [(row["key"], row["description"]) for row in found]


# What people do, and the program for them


def _take_over(_world: HomeWorld, one: AtHand) -> None:
    """A reviewer takes over what the client answered."""
    answers.answer(one.session, taken_over=[one.place], by=ACTOR)


def _resolve(_world: HomeWorld, one: AtHand) -> None:
    decisions.resolve(one.session, [one.ticket.number], by=ACTOR)


def _upload_again(world: HomeWorld, _bundle: str) -> None:
    world.upload()


def _upload_changed(world: HomeWorld, bundle: str) -> None:
    world.help_texts[bundle] += " More."
    world.upload()


def _upload_renamed(world: HomeWorld, bundle: str) -> None:
    """A row gets another machine name."""
    world.machine_names[bundle] += "x"
    world.upload()


def _export(world: HomeWorld, _bundle: str) -> None:
    _send(world, update=None)


def _update(world: HomeWorld, _bundle: str) -> None:
    """Approve everything that changed, and update the issues, as `export --update --yes` does."""
    _send(world, update=UpdateChoice())


def _send(world: HomeWorld, *, update: UpdateChoice | None) -> None:
    """Validate, mark ready what nobody excluded, and export."""
    session = world.session()
    if session is None:
        return
    approvals.validate(session, run_id=None)
    session = session.reload()
    numbers = [ticket.number for ticket in session.tickets if ticket.exclusion is None]
    approvals.mark_validated_tickets(session, numbers=numbers, by=ACTOR)
    exporting.create_issues(
        session.reload(), run_id=RUN_ID, by=ACTOR, on_started=lambda _: None, pass_on=lambda _: None
    )
    if update is not None:
        report = exporting.update_issues(
            session.reload(), run_id=RUN_ID, choice=update, by=ACTOR, pass_on=lambda _: None
        )
        world.told += [f"{number}: {reason}" for number, reason in dict(report.left).items()]
    exporting.attach_files(session.reload(), run_id=RUN_ID, pass_on=lambda _: None)
    exporting.link_issues(session.reload(), run_id=RUN_ID, pass_on=lambda _: None)


def _undo(world: HomeWorld, _bundle: str) -> None:
    session = world.session()
    if session is not None:
        exporting.undo(session, by=ACTOR)


def _finish(world: HomeWorld, _bundle: str) -> None:
    """People move all issues on their board to done."""
    body = {"transition": {"id": DONE.id}}
    with world.site() as site:
        with site.state.reading() as rows:
            keys = [row["key"] for row in rows.execute("SELECT key FROM issue").fetchall()]
        for key in keys:
            ask_site(site, "POST", f"/rest/api/3/issue/{key}/transitions", body, account=SOMEBODY)


def _pass_nights(world: HomeWorld, bundle: str) -> None:
    """Let one night pass or many, with what runs then; Jira is compared once, as nobody works."""
    session = world.session()
    if session is not None and session.target is not None:
        exporting.compare_with_jira(session)
    run = cast(dg.OpExecutionContext, NightRun(world.instance))
    opened = cast(PipelineResource, OpenedPipeline(world.pipeline))
    for _look in range(1 if bundle == BUNDLES[0] else LOOKS):
        world.clock.ahead += DAYS_BETWEEN * DAY
        remove_expired(run, opened)


def _look(world: HomeWorld, _bundle: str) -> None:
    """Dagster's folders are deleted, as the documentation allows; then its sensor looks."""
    world.look_into_inbox()


@dataclass(frozen=True, slots=True)
class NightRun:
    """Stands for a run of Dagster, which would take longer than all acts of a life."""

    instance: dg.DagsterInstance
    log: logging.Logger = logger

    def add_output_metadata(self, metadata: Mapping[str, object]) -> None:
        self.log.debug("%s", metadata)


@dataclass(frozen=True, slots=True)
class OpenedPipeline:
    """Stands for the resource of such a run."""

    pipeline: Pipeline

    def opened(self) -> Pipeline:
        return self.pipeline


TICKET_ACTS: Mapping[HomeAct, Callable[[HomeWorld, AtHand], None]] = {
    HomeAct.ANSWER: _answer,
    HomeAct.CLIENT_ANSWERS: _propose,
    HomeAct.TAKE_OVER: _take_over,
    HomeAct.REQUEST_CHANGES: _request_changes,
    HomeAct.RESOLVE: _resolve,
    HomeAct.COMMENT: _comment,
    HomeAct.NOTE: _note,
    HomeAct.RETITLE: _retitle,
}
"""Acts that are possible while the ticket is there."""
ACTS: Mapping[HomeAct, Callable[[HomeWorld, str], None]] = {
    HomeAct.EDIT_IN_JIRA: _edit_in_jira,
    HomeAct.COMMENT_IN_JIRA: _comment_in_jira,
    HomeAct.UPLOAD_AGAIN: _upload_again,
    HomeAct.UPLOAD_CHANGED: _upload_changed,
    HomeAct.UPLOAD_RENAMED: _upload_renamed,
    HomeAct.EXPORT: _export,
    HomeAct.UPDATE: _update,
    HomeAct.UNDO: _undo,
    HomeAct.FINISH: _finish,
    HomeAct.RETENTION: _pass_nights,
    HomeAct.DAGSTER_DELETED: _look,
}
"""All others."""


def make_home(folder: Path, instance: dg.DagsterInstance) -> tuple[Word, ...]:
    """Make a home with a session from the inbox; all is exported but what people skipped."""
    folder.mkdir(parents=True)
    shutil.copy(projects.CHECKOUT / "dagster.yaml", folder)
    with open_home(folder, instance) as world:
        world.write_sheets(world.pipeline.settings.inbox_path / KEY)
        world.clock.ahead += DAY
        world.look_into_inbox()
        session = open_session(world.pipeline, KEY)
        generation.generate(session, run_id=None)
        session = session.reload()
        places = [f"{ticket.number}.1" for ticket in session.tickets]
        answers.ask(session, places, audience=Audience.CLIENT, by=ACTOR)
        skipped = world.find(SKIPPED)
        assert skipped is not None

        def skipping(text: str) -> None:
            decisions.skip(session, [skipped.ticket.number], reason=text, by=ACTOR)

        world.give(WordKind.SKIP, SKIPPED, skipping)
        _send(world, update=None)
        return tuple(world.words)


@contextmanager
def open_home(folder: Path, instance: dg.DagsterInstance) -> Iterator[HomeWorld]:
    """Open a home; of the settings of this machine none counts."""
    fields = Settings.model_fields.items()
    defaults = {name: known.get_default(call_default_factory=True) for name, known in fields}
    own = {
        "jira_pipeline_home": folder / ".jira_pipeline",
        "retention_days": RETENTION_DAYS,
        "upload_settle_seconds": 0.0,
    }
    settings = load_settings(folder).model_copy(update={**defaults, **own})
    clock = MovableClock()
    pipeline = open_pipeline(settings, clock=clock)
    with pipeline.store:
        yield HomeWorld(folder=folder, pipeline=pipeline, clock=clock, instance=instance)
