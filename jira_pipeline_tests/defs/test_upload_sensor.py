"""What the sensor does with the folders of the inbox, one tick at a time."""

import gc
import json
import logging
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from sqlalchemy import delete

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.intake.inbox_look import look_into_inbox
from jira_pipeline.defs.sessions.upload_sensor import upload_sensor
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.audit_actions import UPLOADING
from jira_pipeline.model.errors import GateRule, StoreBusyError
from jira_pipeline.model.session_keys import session_key_from
from jira_pipeline.sessions.upload import upload
from jira_pipeline.sheets.inbox import list_inbox
from jira_pipeline.store import tables
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.defs.looks import evaluated, requests_of, run_keys_of
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served
from jira_pipeline_tests.sharedo.made_packages import ONE_OF_EACH, packed
from jira_pipeline_tests.sheets.made_workbooks import changed_part, workbook_of_folder
from jira_pipeline_tests.tables import each


class Inbox:
    """The inbox of a project, looked at by the sensor with its cursor carried on."""

    def __init__(self, project: Path, instance: dg.DagsterInstance) -> None:
        self.path = project / ".jira_pipeline" / "inbox"
        self.instance = instance
        self._cursor: str | None = None

    def put(self, name: str, *, is_auto_approved: bool = False) -> Path:
        return projects.copy_small_sheets(self.path / name, is_auto_approved=is_auto_approved)

    def tick(self) -> dg.SensorResult:
        """Evaluate the sensor once and keep its cursor."""
        result = evaluated(self.instance, upload_sensor, cursor=self._cursor)
        assert isinstance(result, dg.SensorResult)
        self._cursor = result.cursor
        return result


@pytest.fixture
def inbox(project: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    """An empty inbox whose folders need no rest."""
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "0")
    return Inbox(project, instance)


@pytest.mark.parametrize(
    ("approves", "job"), [(False, "generate_tickets"), (True, "csv_to_jira")], ids=["", "approved"]
)
def test_a_settled_folder_becomes_a_session_a_partition_and_a_run(
    inbox: Inbox, pipeline: Pipeline, instance: dg.DagsterInstance, *, approves: bool, job: str
) -> None:
    inbox.put("museum", is_auto_approved=approves)

    result = inbox.tick()

    assert requests_of(result) == [("museum", job)]
    assert instance.get_dynamic_partitions("upload_sessions") == ["museum"]
    assert pipeline.store.sessions.get("museum").site_name == "Uhrenmuseum Möwenbrück"


def test_a_look_that_takes_long_leaves_the_rest_to_the_next_one(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    """Of many folders, no run began before the last was uploaded."""
    for name in ("bells", "clocks", "hands"):
        inbox.put(name)
    slow = replace(pipeline, clock=MovableClock(step=timedelta(seconds=8)))
    registered = []

    for _ in range(4):
        look = look_into_inbox(slow, log=logging.getLogger(__name__))
        registered.append([session.session_key for session in look.registered])

    assert registered == [["bells"], ["clocks"], ["hands"], []]


def test_a_folder_that_is_still_being_copied_waits(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the copy keeps the old times of its files."""
    folder = inbox.put("museum")
    for path in (*folder.iterdir(), folder):
        os.utime(path, (1_000_000_000, 1_000_000_000))

    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "3600")
    early = inbox.tick()
    monkeypatch.setenv("UPLOAD_SETTLE_SECONDS", "0")
    late = inbox.tick()

    assert requests_of(early) == []
    assert requests_of(late) == [("museum", "generate_tickets")]


def test_content_has_its_run_key_whatever_its_time_and_another_one_when_it_comes_back(
    inbox: Inbox,
) -> None:
    """Dagster starts nothing for a run key it knows.

    The tickets stayed those of the sheets between, and the findings said a run follows.
    """
    manifest = inbox.put("museum") / "session.yaml"
    text = manifest.read_text(encoding="utf-8")
    [first] = run_keys_of(inbox.tick())
    manifest.touch()
    [touched] = run_keys_of(inbox.tick())
    keys = {first}

    for content in (text.replace("Möwenbrück", "Möwenbrueck"), text):  # of the same size
        manifest.write_text(content, encoding="utf-8")
        result = inbox.tick()
        assert requests_of(result) == [("museum", "generate_tickets")]
        keys |= {*run_keys_of(result)}

    assert touched == first
    assert len(keys) == 3


@each(
    ("name", "key"),
    [
        ("My Site (v2)", "my-site-v2"),
        ("Käsemarkt", "kasemarkt"),
        ("x" * 80, session_key_from("x" * 80)),
    ],
    ids=["spaces", "an umlaut", "too long"],
)
def test_a_folder_whose_name_is_no_key_becomes_the_session_of_its_slug(
    inbox: Inbox, pipeline: Pipeline, name: str, key: str
) -> None:
    """Such a folder was never uploaded, and nothing but a log said so."""
    inbox.put(name)

    result = inbox.tick()

    assert requests_of(result) == [(key, "generate_tickets")]
    assert pipeline.store.sessions.get(key).session_key == key
    assert requests_of(inbox.tick()) == []


def test_folders_that_would_become_one_session_are_refused_where_people_look(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    inbox.put("My Site")
    inbox.put("my-site")
    inbox.put("museum")

    result = inbox.tick()

    errors = pipeline.store.errors.list_all("my-site")
    assert requests_of(result) == [("museum", "generate_tickets")]
    [(code, message)] = {(e.code, e.message) for e in errors}
    assert code == "session_key_refused"
    assert message.startswith("inbox/My Site, inbox/my-site would all become session my-site")
    assert requests_of(inbox.tick()) == []
    assert pipeline.store.errors.list_all("my-site") == errors


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc")
def test_a_sensor_closes_the_store_that_it_opens(inbox: Inbox, project: Path) -> None:
    """Each tick left its connections open; a PostgreSQL server has a hundred."""
    store_path = project / ".jira_pipeline" / "store.sqlite"

    def is_open() -> bool:
        files = Path("/proc/self/fd").iterdir()
        return any(Path(os.path.realpath(one)) == store_path.resolve() for one in files)

    gc.disable()
    try:
        inbox.tick()
        left_open = is_open()
    finally:
        gc.enable()

    assert store_path.is_file()
    assert not left_open


def test_an_inbox_that_cannot_be_listed_is_not_an_empty_one(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system refuses: a network folder is away, or its rights were taken."""
    inbox.put("museum")
    inbox.tick()

    def refuse(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    result = evaluated(inbox.instance, upload_sensor)

    assert isinstance(result, dg.SkipReason)
    assert re.search("cannot be listed.*access is denied", result.skip_message or "")


@pytest.mark.parametrize(
    ("item", "requested"),
    [
        ("workbook in UTF-7", ["bad", "museum"]),
        ("manifest with a tag", ["museum"]),
        ("name not UTF-8", ["museum"]),
    ],
)
def test_one_bad_item_does_not_stop_the_inbox(
    inbox: Inbox, item: str, requested: list[str]
) -> None:
    """Each of these raised: no cursor was saved, and nothing beside it ever got a run."""
    inbox.put("museum")
    match item:
        case "workbook in UTF-7":
            content, part = workbook_of_folder(projects.EXAMPLE), "xl/sharedStrings.xml"
            spoilt = changed_part(content, part, lambda text: text.replace("UTF-8", "utf-7", 1))
            (inbox.path / "bad.xlsx").write_bytes(spoilt)
        case "manifest with a tag":
            (inbox.put("bad") / "session.yaml").write_text("site_name: !!timestamp abc\n", "utf-8")
        case _:
            inbox.put(os.fsdecode(b"bad\xe9"))

    result = inbox.tick()

    assert [key for key, _ in requests_of(result)] == requested
    assert requests_of(inbox.tick()) == []
    (findings,) = inbox.path.glob("bad*.findings.txt")
    assert findings.read_text("utf-8").startswith("inbox/bad")


def test_what_nobody_foresaw_is_the_refusal_of_its_item(
    inbox: Inbox, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.put("museum")
    inbox.put("zoo")
    (inbox.path / "museum" / "session.yaml").write_text("site_name: secret\n", encoding="utf-8")
    load = yaml.load

    def load_or_break(content: bytes, **options: type) -> object:
        if b"secret" in content:
            raise KeyError(content)
        return load(content, **options)

    monkeypatch.setattr(yaml, "load", load_or_break)
    result = inbox.tick()

    (error,) = pipeline.store.errors.list_all("museum")
    assert requests_of(result) == [("zoo", "generate_tickets")]
    assert (error.code, "KeyError at " in error.message) == ("unexpected", True)
    assert "secret" not in error.message
    assert requests_of(inbox.tick()) == []
    assert len(pipeline.store.errors.list_all("museum")) == 1


def test_a_folder_that_cannot_be_read_is_reported_and_the_others_go_on(
    inbox: Inbox, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole inbox counted as one that cannot be listed."""
    inbox.put("museum")
    inbox.put("zoo")
    iterdir = Path.iterdir

    def refuse_museum(path: Path) -> Iterator[Path]:
        if path.name == "museum":
            raise PermissionError(13, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refuse_museum)
    result = inbox.tick()

    (error,) = pipeline.store.errors.list_all("museum")
    assert requests_of(result) == [("zoo", "generate_tickets")]
    assert "inbox/museum: it cannot be read: access is denied." in error.message


def test_what_is_temporary_is_tried_again_without_a_change(
    inbox: Inbox, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that met a busy store was left alone until somebody touched it."""
    inbox.put("museum")
    read_bytes = Path.read_bytes

    def busy(path: Path) -> bytes:
        raise StoreBusyError(f"{path.name} is locked.")

    monkeypatch.setattr(Path, "read_bytes", busy)
    early = inbox.tick()
    monkeypatch.setattr(Path, "read_bytes", read_bytes)

    assert requests_of(early) == []
    assert pipeline.store.errors.list_all("museum") == ()
    assert requests_of(inbox.tick()) == [("museum", "generate_tickets")]


def test_what_became_of_a_folder_is_written_beside_it(inbox: Inbox, pipeline: Pipeline) -> None:
    inbox.put("museum")
    projects.blank_view_ids(inbox.put("zoo"))
    (inbox.put("bells") / "session.yaml").write_text("site_nam: Bells\n", encoding="utf-8")

    inbox.tick()

    accepted, with_errors, malformed = (
        (inbox.path / f"{name}.findings.txt").read_text("utf-8")
        for name in ("museum", "zoo", "bells")
    )
    (error,) = pipeline.store.errors.list_all("bells")
    assert "inbox/museum was accepted as session museum." in accepted
    assert "5 sheets, 60 rows. Findings: error 0, " in accepted
    assert "Next: job generate_tickets continues with it." in accepted
    assert "inbox/zoo was registered as session zoo, and refused for its errors" in with_errors
    assert with_errors.count("\nerror: Uhrenmuseum_CustomViewsDisplays.csv, line ") == 5
    assert f"inbox/bells was not uploaded: {error.message}" in malformed
    assert f"Next: {action_text(error.recovery_actions[0])}" in malformed


def test_what_became_of_a_folder_with_the_longest_name_is_written_beside_it(inbox: Inbox) -> None:
    """There was no room for the ending of the file, and nothing but a log said so."""
    inbox.put("ä" * 127)

    inbox.tick()

    (findings,) = inbox.path.glob("ä*.findings.txt")
    assert findings.read_text("utf-8").startswith(f"inbox/{'ä' * 127} was accepted")


def test_what_is_written_beside_a_folder_is_no_item_and_no_change(inbox: Inbox) -> None:
    inbox.put("museum")
    first = inbox.tick()

    again = inbox.tick()

    assert requests_of(first) == [("museum", "generate_tickets")]
    assert requests_of(again) == []
    assert again.cursor == "[]"
    assert sorted(path.name for path in inbox.path.iterdir()) == ["museum", "museum.findings.txt"]


def test_a_link_in_place_of_what_is_written_is_replaced(inbox: Inbox, tmp_path: Path) -> None:
    """Whoever may write to a shared inbox must not choose which file the daemon overwrites."""
    inbox.put("museum")
    other = tmp_path / "other.txt"
    other.write_text("kept", encoding="utf-8")
    for name in ("museum.findings.txt", ".museum.findings.txt"):
        (inbox.path / name).symlink_to(other)

    inbox.tick()

    assert other.read_text("utf-8") == "kept"
    assert not (inbox.path / "museum.findings.txt").is_symlink()


def test_corrected_sheets_put_into_a_refused_folder_are_accepted(inbox: Inbox) -> None:
    """Folders stay where they are: a corrected sheet meets the others."""
    folder = inbox.put("museum")
    sheet = folder / "Uhrenmuseum_CustomViewsDisplays.csv"
    sound = sheet.read_bytes()
    projects.blank_view_ids(folder)
    inbox.tick()
    sheet.write_bytes(sound)

    result = inbox.tick()

    assert requests_of(result) == [("museum", "generate_tickets")]
    assert "was accepted" in (inbox.path / "museum.findings.txt").read_text("utf-8")


@pytest.fixture
def jira_address(tmp_path: Path) -> Iterator[str]:
    with JiraSandbox(tmp_path / "site.sqlite", clock=lambda: datetime.now(UTC)) as site:  # noqa: TID251 - a site has a clock
        site.ensure_project("UHR")
        with served(site) as address:
            site.set_base_url(address)
            yield address


def test_the_project_of_a_folder_is_checked_where_a_jira_is_configured(
    inbox: Inbox, jira_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages, API and `upload` said that there is no such project; the inbox said nothing."""
    account = {"EMAIL": "owner@sandbox.example", "API_TOKEN": "a-token"}
    for name, value in {"BASE_URL": jira_address, **account}.items():
        monkeypatch.setenv(f"JIRA_{name}", value)
    inbox.put("right")
    projects.replace_in(inbox.put("wrong") / "session.yaml", "UHR", "UHRR")

    inbox.tick()

    beside = {key: inbox.path / f"{key}.findings.txt" for key in ("right", "wrong")}
    right, wrong = (path.read_text(encoding="utf-8") for path in beside.values())
    assert "No export yet" not in right
    assert "No export yet: There is no project UHRR" in wrong


def test_a_cursor_that_people_set_is_as_none(inbox: Inbox) -> None:
    """Each look would fail on it, until somebody deletes it."""
    for cursor in ("garbage{", "[1]"):
        result = evaluated(inbox.instance, upload_sensor, cursor=cursor)
        assert isinstance(result, dg.SensorResult)
        assert result.cursor == "[]"


def upload_newer(pipeline: Pipeline, folder: Path, key: str = "museum") -> str:
    """Upload corrected sheets of a session by hand; return the hash of its content."""
    shutil.copytree(folder, folder.parent.parent / "corrected", dirs_exist_ok=True)
    newer = folder.parent.parent / "corrected"
    projects.replace_in(newer / "Uhrenmuseum_Fields.csv", ",Chime,", ",Bells,")
    outcome = upload(pipeline, newer, session_key=key, auto_approve=False, actor="kim")
    return outcome.session.content_sha256


def without_cursor(inbox: Inbox) -> Inbox:
    """Dagster's folders were deleted, as docs/operations.md allows."""
    return Inbox(inbox.path.parent.parent, inbox.instance)


def test_older_sheets_in_the_inbox_do_not_replace_newer_ones_once_dagster_forgot_them(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    """The cursor was the only memory: tickets were written anew from sheets of months ago."""
    folder = inbox.put("museum")
    inbox.tick()
    newer = upload_newer(pipeline, folder)

    result = without_cursor(inbox).tick()

    assert requests_of(result) == []
    assert pipeline.store.sessions.get("museum").content_sha256 == newer


@pytest.mark.parametrize("is_remembered", [True, False], ids=["home moved", "inbox restored"])
def test_a_folder_that_nobody_changed_is_refused_where_newer_sheets_took_its_place(
    inbox: Inbox, pipeline: Pipeline, *, is_remembered: bool
) -> None:
    """A folder that is moved with its home looks as if it had just been copied."""
    folder = inbox.put("museum")
    inbox.tick()
    newer = upload_newer(pipeline, folder)
    moved = shutil.copytree(folder, folder.parent.parent / "moved")
    shutil.rmtree(folder)
    moved.rename(folder)
    if not is_remembered:
        with pipeline.store.database.writing() as connection:
            connection.execute(delete(tables.handled_folders))

    first = without_cursor(inbox).tick()
    again = without_cursor(inbox).tick()

    (error,) = pipeline.store.errors.list_all("museum")
    findings = (inbox.path / "museum.findings.txt").read_text("utf-8")
    assert (requests_of(first), requests_of(again)) == ([], [])
    assert pipeline.store.sessions.get("museum").content_sha256 == newer
    assert error.code == GateRule.EARLIER_SHEETS.value
    assert "inbox/museum was not uploaded: session museum got these sheets at" in findings
    assert f"`jira-pipeline upload {folder} --session museum`" in findings


def test_earlier_sheets_come_back_where_somebody_changed_the_folder_to_them(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    sheet = inbox.put("museum") / "Uhrenmuseum_Fields.csv"
    earlier = sheet.read_bytes()
    inbox.tick()
    first = pipeline.store.sessions.get("museum").content_sha256
    projects.replace_in(sheet, ",Chime,", ",Bells,")
    inbox.tick()
    sheet.write_bytes(earlier)

    result = inbox.tick()

    assert requests_of(result) == [("museum", "generate_tickets")]
    assert pipeline.store.sessions.get("museum").content_sha256 == first


def test_a_folder_taken_out_and_put_back_with_earlier_sheets_is_changed(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    folder = inbox.put("museum")
    inbox.tick()
    first = pipeline.store.sessions.get("museum").content_sha256
    projects.replace_in(folder / "Uhrenmuseum_Fields.csv", ",Chime,", ",Bells,")
    inbox.tick()
    shutil.rmtree(folder)
    inbox.tick()
    inbox.put("museum")

    result = inbox.tick()

    assert requests_of(result) == [("museum", "generate_tickets")]
    assert pipeline.store.sessions.get("museum").content_sha256 == first


def test_a_new_folder_is_taken_whatever_a_removed_session_of_that_name_had(
    inbox: Inbox, pipeline: Pipeline, sheets: Path
) -> None:
    upload(pipeline, sheets, session_key="museum", auto_approve=False, actor="kim")
    pipeline.store.sessions.remove("museum", at=pipeline.clock.now(), by="kim")
    inbox.put("museum")

    assert requests_of(inbox.tick()) == [("museum", "generate_tickets")]


def test_a_removed_session_does_not_come_back_with_a_moved_home(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    folder = inbox.put("museum")
    inbox.tick()
    pipeline.store.sessions.remove("museum", at=pipeline.clock.now(), by="kim")
    (folder / "session.yaml").touch()

    result = without_cursor(inbox).tick()

    assert requests_of(result) == []
    assert pipeline.store.sessions.find("museum") is None
    assert "the session was removed" in (inbox.path / "museum.findings.txt").read_text("utf-8")


@pytest.mark.parametrize("kind", ["workbook", "package"])
def test_a_workbook_and_a_package_are_remembered_as_a_folder_is(
    inbox: Inbox, pipeline: Pipeline, tmp_path: Path, kind: str
) -> None:
    if kind == "workbook":
        (inbox.path / "museum.xlsx").write_bytes(workbook_of_folder(projects.EXAMPLE))
    else:
        packed(inbox.path, ONE_OF_EACH, name="museum.zip")
    inbox.tick()
    first = pipeline.store.sessions.get("museum").content_sha256
    projects.copy_small_sheets(tmp_path / "newer")
    newer = upload(
        pipeline,
        tmp_path / "newer",
        session_key="museum",
        auto_approve=False,
        replaces_all=True,
        actor="kim",
    ).session.content_sha256
    (came,) = (path for path in inbox.path.iterdir() if not path.name.endswith(".txt"))
    came.touch()

    result = without_cursor(inbox).tick()

    assert first != newer
    assert requests_of(result) == []
    assert pipeline.store.sessions.get("museum").content_sha256 == newer


def test_folders_in_the_cursor_of_an_older_version_are_taken_over_at_the_first_look(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    folder = inbox.put("museum")
    upload(pipeline, folder, session_key="museum", auto_approve=False, actor="upload_sensor")
    (looked,) = list_inbox(inbox.path)
    newer = upload_newer(pipeline, folder)
    cursor = json.dumps({"museum": looked.signature, "gone": "x"})

    taken_over = evaluated(inbox.instance, upload_sensor, cursor=cursor)
    later = inbox.tick()

    assert isinstance(taken_over, dg.SensorResult)
    assert taken_over.cursor == "[]"
    assert (requests_of(taken_over), requests_of(later)) == ([], [])
    assert pipeline.store.sessions.get("museum").content_sha256 == newer
    assert {*pipeline.store.inbox.handled()} == {"museum"}


def test_a_run_is_asked_for_until_dagster_has_it(inbox: Inbox) -> None:
    """The daemon was killed between registering a session and beginning its run."""
    inbox.put("museum")
    (lost,) = run_keys_of(inbox.tick())

    (again,) = run_keys_of(without_cursor(inbox).tick())
    inbox.tick()

    assert again == lost
    assert requests_of(without_cursor(inbox).tick()) == []


def test_a_look_that_is_killed_before_it_told_people_is_taken_up_again(
    inbox: Inbox, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.put("museum")

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("jira_pipeline.sessions.upload.write_beside", die)
        with pytest.raises(Killed):
            inbox.tick()

    result = inbox.tick()

    assert requests_of(result) == [("museum", "generate_tickets")]
    assert (inbox.path / "museum.findings.txt").is_file()
    assert len(pipeline.store.audit.entries("museum", actions=UPLOADING)) == 1


def test_the_file_beside_a_folder_names_the_settings_that_it_takes_away(
    inbox: Inbox, pipeline: Pipeline
) -> None:
    """`upload` named them; the inbox took them in silence."""
    manifest = inbox.put("museum") / "session.yaml"
    text = manifest.read_text(encoding="utf-8") if manifest.exists() else ""
    manifest.write_text(f"{text}\nagency: Studio Nord\n", encoding="utf-8")
    inbox.tick()
    manifest.write_text(f"{text}\n", encoding="utf-8")

    inbox.tick()

    beside = (inbox.path / "museum.findings.txt").read_text("utf-8")
    assert pipeline.store.sessions.get("museum").manifest.agency is None
    assert "The setting agency of this session was “Studio Nord”" in beside
    assert "upload the folder again" in beside
