"""Everything that may take from people what they gave: each carried out by the commands people use.

Belongs here: the acts, each on a copy of a home in which everything was given. Does not: what is lost by
them (`judging`).
"""

import json
import shlex
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence, Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.jira.sandbox.sandbox_site import DONE
from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.test_backups import new_home
from jira_pipeline_tests.kept import gifts
from jira_pipeline_tests.kept.homes import (
    SESSION,
    CommandRefusedError,
    KeptHome,
    age,
    copy_home,
)
from jira_pipeline_tests.writing.scripted_models import Say, always, scripted_server

OF_86D9D321 = Path(__file__).with_name("home_of_86d9d321.zip")
"""What the program of 86d9d321 left of a site to which everything was given."""
PACKED_AT = datetime(2026, 11, 29, 21, tzinfo=UTC)
LONG_DAYS = 200
"""Longer than anything is kept by default."""
NOTICE_DAYS = 8
"""Longer than a removal is announced before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """What an act works on."""

    home: KeptHome
    folder: Path
    environment: pytest.MonkeyPatch
    said: list[str] = field(default_factory=list)
    """What an upload told whoever made it."""


Act = Callable[[Acting], KeptHome]
"""It returns the home to look at, which may be another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """One thing that may take away, with what people do next."""

    name: str
    on_page: str = ""
    """What happens, as the page of the document says it."""
    acts: Sequence[Act]
    """After each, people look."""
    begin: Callable[[KeptHome, Path, pytest.MonkeyPatch], KeptHome] = copy_home
    """Makes the home it is done to, by default a copy of the one that is given."""
    leaves_jira: bool = True
    """Words that Jira had are to be there afterwards; undo takes the issues themselves away."""
    is_of_older_home: bool = False
    """Its home is not the one to which everything was given just now."""
    closes: bool = False
    """What is open is closed by people first, and not judged."""


def nothing(acting: Acting) -> KeptHome:
    """Do nothing: what was given is looked at as it is."""
    return acting.home


def undo(acting: Acting) -> KeptHome:
    acting.home.run("undo", SESSION, "--yes")
    return acting.home


def tidy_up(acting: Acting) -> KeptHome:
    """Let the nightly job run, a month and more after everything happened."""
    age(acting.home, days=LONG_DAYS)
    _nightly(acting.home)
    return acting.home


def tidy_up_after_a_week(acting: Acting) -> KeptHome:
    """Let the nightly job run where the installation wants old sessions removed, and a week later."""
    acting.environment.setenv("RETENTION_DAYS", "7")
    age(acting.home, days=LONG_DAYS)
    _nightly(acting.home)
    age(acting.home, days=NOTICE_DAYS)
    _nightly(acting.home)
    return acting.home


def _nightly(home: KeptHome) -> None:
    job = build_definitions(project_path=home.project).resolve_job_def("remove_expired_sessions")
    with dg.DagsterInstance.ephemeral() as instance:
        job.execute_in_process(instance=instance)


def write_again(acting: Acting, *more: str) -> KeptHome:
    acting.home.run("generate", SESSION, *more)
    return acting.home


def upload_again(acting: Acting) -> KeptHome:
    """Upload the sheets of the home as they are, and write the tickets."""
    taken = acting.home.json("upload", acting.home.sheets, "--session", SESSION)
    acting.said.extend(taken["replaced_settings"])
    return write_again(acting)


def approve_and_update(acting: Acting) -> KeptHome:
    """Do what the program proposes: agree to what is gone, approve what changed, update Jira."""
    if acting.home.json("status", SESSION)["withdrawals_proposed"]:
        acting.home.run("tickets", "withdraw", SESSION, "--all")
    acting.home.run("tickets", "ready", SESSION, "--all")
    acting.home.run("export", SESSION, "--update", "--yes")
    return acting.home


def write_by_model(acting: Acting) -> KeptHome:
    """Have all tickets written by a model that says something of its own."""
    with scripted_server(always(Say())) as server:
        acting.environment.setenv("WRITER_BASE_URL", server.base_url("compatible"))
        return write_again(acting, "--writer", "qwen3:14b")


def restore(acting: Acting) -> KeptHome:
    """Back the home up, and restore it in a new one."""
    backup = acting.folder / "backup"
    acting.home.run("store", "backup", backup)
    again = new_home(acting.folder / "again", acting.environment, like=acting.home.project)
    restored = KeptHome(project=again, sheets=acting.home.sheets)
    restored.run("store", "restore", backup)
    return restored


def upload_changed(change: Callable[[Path], None]) -> Act:
    def act(acting: Acting) -> KeptHome:
        change(acting.home.sheets)
        return upload_again(acting)

    return act


def unpack_older(_given: KeptHome, folder: Path, environment: pytest.MonkeyPatch) -> KeptHome:
    """Unpack the home that an older program left, in which everything was given by its own means."""
    with ZipFile(OF_86D9D321) as archive:
        archive.extractall(folder)
    shutil.copy(projects.CHECKOUT / "dagster.yaml", folder / "project")
    environment.setenv("DAGSTER_HOME", str(folder / "project"))
    older = KeptHome(project=folder / "project", sheets=folder / "sheets")
    # A client's link has an end: what was left is as old as if it had been left just now.
    age(older, days=-(SystemClock().now() - PACKED_AT).days)
    return older


_LEFT_OUT = {"incoming", "leases", "pages", "empty", "text.md"}


def pack(home: KeptHome, path: Path) -> None:
    """Pack what of a home is to be frozen: its store, its sandbox, its sheets."""
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(home.sheets.parent.rglob("*")):
            name = file.relative_to(home.sheets.parent)
            is_kept = name.parts[0] != "project" or name.parts[1:2] == (".jira_pipeline",)
            if file.is_file() and is_kept and not _LEFT_OUT & {*name.parts}:
                archive.write(file, name)


def close_all(acting: Acting) -> KeptHome:
    """Do everything that is left to do: nothing is open, in Jira or here."""
    home = acting.home
    home.run("tickets", "resolve", SESSION, "--all")
    for gift in (gifts.PROPOSAL, gifts.CALL):
        home.run(
            "questions", SESSION, "--answer", home.place_of(home.ids[gift.ticket], gift.row), "."
        )
    home.run("client-link", SESSION, "--revoke")
    approve_and_update(acting)
    home.run("export", SESSION, "--yes")
    for fix in home.json("fixes", SESSION):
        home.run("fixes", SESSION, "--done", fix["fix_id"])
    with closing(sqlite3.connect(home.sandbox)) as board, board:
        board.execute("UPDATE issue SET status_id = ?", (DONE.id,))
    home.run("settle", SESSION)
    return home


def remove_and_return(acting: Acting) -> KeptHome:
    """Close everything, let the session go, and upload the same sheets again."""
    close_all(acting)
    tidy_up_after_a_week(acting)
    if acting.home.json("sessions"):
        raise CommandRefusedError("The session did not go, though nothing is open.")
    return upload_again(acting)


Rows = list[dict[str, str]]
_NEW_NAMES = {
    "Notice": "Announcement",
    "Opening Hours": "Business Hours",
    "Chime Recording": "Sound Recording",
    "Clockmakers": "Makers",
    "Exhibitions": "Shows",
}
"""Of bundles and a view, wherever a sheet names one."""
_RENAMED = {*_NEW_NAMES.values()}
_LABELS_KEPT = {*_NEW_NAMES, "Clock", "Clocks"}
"""Of bundles and views that get another machine name alone."""
_NAMING_COLUMNS = {"Name", "Bundle", "Ref. bundle", "View", "View name"}
_MACHINE_NAMES = {
    "Bundles": "Machine name",
    "Fields": "Bundle machine name",
    "CustomViews": "Machine name",
    "CustomViewsDisplays": "View ID",
}
"""By the sheet, the column with machine names of bundles and views."""


def _each_sheet(folder: Path, change: Callable[[str, Rows], Rows]) -> None:
    for path in sorted(folder.glob("*.csv")):
        rows = projects.rows_in(path)
        projects.write_rows(path, change(path.stem.removeprefix("Uhrenmuseum_"), rows))


_RENAMED_SHEETS = {"Fields", "UserRoles", "CustomViewsDisplays"}


def rename(folder: Path) -> None:
    """Give fields, roles and displays other machine names, bundles and a view other labels, everywhere."""

    def change(sheet: str, rows: Rows) -> Rows:
        for row in rows:
            if sheet in _RENAMED_SHEETS and row["Machine name"] not in {"", "-"}:
                row["Machine name"] += "_renamed"
            for column, cell in row.items():
                name, _, kind = cell.partition(" (")
                if name in _NEW_NAMES and column in _NAMING_COLUMNS:
                    row[column] = " (".join(filter(None, (_NEW_NAMES[name], kind)))
        return rows

    _each_sheet(folder, change)


def rename_tickets(folder: Path) -> None:
    """Give what tickets are made of other labels and machine names: all of it is new by its names."""
    rename(folder)
    _rename_machine_names(folder, labels=_RENAMED)


def rename_machine_names(folder: Path) -> None:
    """Give bundles and views other machine names: only their labels tell who they were."""
    _rename_machine_names(folder, labels=_LABELS_KEPT)


def _rename_machine_names(folder: Path, *, labels: AbstractSet[str]) -> None:
    """Give the bundles and views of these labels other machine names, wherever a sheet has them."""

    def change(sheet: str, rows: Rows) -> Rows:
        column = _MACHINE_NAMES.get(sheet)
        if column is None:
            return rows
        for row in rows:
            named = [row.get(name, "").partition(" (")[0] for name in _NAMING_COLUMNS]
            if row[column] and not labels.isdisjoint(named):
                row[column] += "_renamed"
        return rows

    _each_sheet(folder, change)


def take_words_over(acting: Acting) -> KeptHome:
    """Say of each ticket that is gone with words which one it is now, by the command that is shown.

    What was given to the ticket that is gone is to be there from now on.
    """
    upload_changed(rename_machine_names)(acting)
    home = acting.home
    ids = dict(home.ids)
    for gone in home.json("status", SESSION)["words_without_rows"]:
        _, *command = shlex.split(gone["take_over"])
        _, _, _, number, *_ = command
        if not number.isdecimal():  # it is called otherwise nowhere
            continue
        listed = home.tickets().items()
        id_now = next(id_ for id_, ticket in listed if ticket["number"] == int(number))
        home.run(*command)
        ids |= {title: id_now for title, id_ in ids.items() if id_ == gone["ticket_id"]}
    home.ids_path.write_text(json.dumps(ids), encoding="utf-8")
    return home


def give_words_back(acting: Acting) -> KeptHome:
    """Take over as above, give it all back, and upload the sheets of before: nothing happened."""
    sheets_before = acting.folder / "sheets_before"
    shutil.copytree(acting.home.sheets, sheets_before)
    upload_changed(rename_machine_names)(acting)
    home = acting.home
    for gone in home.json("status", SESSION)["words_without_rows"]:
        _, *command = shlex.split(gone["take_over"])
        _, _, _, number, *_ = command
        if number.isdecimal():
            home.run(*command)
            home.run("tickets", "give-words", SESSION, number, "--to", gone["number"])
    shutil.copytree(sheets_before, home.sheets, dirs_exist_ok=True)
    return upload_again(acting)


def leave_shared_ticket(folder: Path) -> None:
    """Give a vocabulary its first field: it has a ticket of its own from now on."""

    def change(sheet: str, rows: Rows) -> Rows:
        if sheet != "Fields":
            return rows
        like = next(row for row in rows if row["Machine name"] == "field_active_from")
        field = {**like, "Bundle": "Epochs (Vocabulary)", "Bundle machine name": "epochs"}
        return [*rows, field]

    _each_sheet(folder, change)


def move(folder: Path) -> None:
    """Turn the order of all rows round, and put fields that are asked about into another bundle."""
    moved = {"field_winding_day", "field_provenance_status", "field_lender", "field_attribution"}
    moved |= {"field_visitor_stories"}

    def change(sheet: str, rows: Rows) -> Rows:
        for row in rows if sheet == "Fields" else ():
            if row["Machine name"] in moved:
                row["Bundle"] = "Exhibition (Content type)"
                row["Bundle machine name"] = "exhibition"
        return rows[::-1]

    _each_sheet(folder, change)


def split(folder: Path) -> None:
    """Make two rows of each that is asked about, neither with the name of before."""
    asked = {"field_winding_day", "field_provenance_status", "field_lender", "field_attribution"}
    asked |= {"field_visitor_stories", "editor", "curator", "registrar"}

    def change(_sheet: str, rows: Rows) -> Rows:
        return [part for row in rows for part in _parts_of(row, asked)]

    _each_sheet(folder, change)


def _parts_of(row: Mapping[str, str], asked: set[str]) -> Rows:
    if row.get("Machine name") not in asked:
        return [dict(row)]
    label = "Field label" if "Field label" in row else "Name"
    return [
        {**row, "Machine name": f"{row['Machine name']}_{end}", label: f"{row.get(label)} {end}"}
        for end in ("summer", "winter")
    ]


TAKERS = (
    Taker(name="when it is given", acts=(nothing,)),
    Taker(
        name="retention",
        on_page="The nightly job runs, and `RETENTION_DAYS` is not set.",
        acts=(tidy_up,),
    ),
    Taker(
        name="retention, set",
        on_page="The nightly job runs with `RETENTION_DAYS`, and something in the session is open.",
        acts=(tidy_up_after_a_week,),
    ),
    Taker(name="undo", on_page="An export is undone.", acts=(undo,), leaves_jira=False),
    Taker(
        name="rows renamed",
        on_page="Newer sheets give rows other machine names.",
        acts=(upload_changed(rename), approve_and_update),
    ),
    Taker(
        name="tickets renamed",
        on_page="Newer sheets give bundles and views other machine names and other labels.",
        acts=(upload_changed(rename_tickets), approve_and_update),
    ),
    Taker(
        name="renamed, taken over",
        on_page="Bundles and views get other machine names, and somebody uses `tickets take-words`.",
        acts=(take_words_over, approve_and_update),
    ),
    Taker(
        name="taken over, given back",
        on_page="That is given back with `tickets give-words`, and the earlier sheets are uploaded again.",
        acts=(give_words_back, approve_and_update),
    ),
    Taker(
        name="rows leave a ticket",
        on_page="Newer sheets give rows of a shared ticket a ticket of their own.",
        acts=(upload_changed(leave_shared_ticket), approve_and_update),
    ),
    Taker(
        name="rows moved",
        on_page="Newer sheets move rows to another bundle.",
        acts=(upload_changed(move), approve_and_update),
    ),
    Taker(
        name="rows split",
        on_page="Newer sheets make two rows of one, both with other names.",
        acts=(upload_changed(split), approve_and_update),
    ),
    Taker(
        name="another writer",
        on_page="A model writes the tickets in place of the template.",
        acts=(write_by_model, approve_and_update),
    ),
    Taker(
        name="upgrade",
        on_page="The data folder of an older version is opened.",
        begin=unpack_older,
        is_of_older_home=True,
        acts=(nothing, approve_and_update),
    ),
    Taker(
        name="removal and return",
        on_page="A session is removed, and the same sheets are uploaded again.",
        acts=(remove_and_return, approve_and_update),
        closes=True,
    ),
    Taker(
        name="restore",
        on_page="A backup is restored in a new data folder.",
        acts=(restore, approve_and_update),
    ),
)
