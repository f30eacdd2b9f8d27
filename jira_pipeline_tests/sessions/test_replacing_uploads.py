"""Keys of sessions, and sheets of another site in a folder of the same name: asked, never taken."""

import shutil
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.cli.audit import readable_details
from jira_pipeline.cli.status import status_table
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.session_keys import checked_session_key, session_key_from
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import incoming, upload
from jira_pipeline.sessions.status import status
from jira_pipeline.sheets.inbox import list_inbox
from jira_pipeline.sheets.upload_reading import site_name_of
from jira_pipeline_tests import projects

OTHER_SITE = projects.CHECKOUT / "examples" / "lanterne"
NAMES = (
    *("図書館", "国立時計博物館", "Музей часов", "Über uns", "Uber uns!", "Ünïversität"),
    *("Łódź", "№ 5", "📚 Library", "📖 Library", "Μουσείο", "Μουσεία", "مكتبة"),
    *("Straße 3", "a" * 80, "a" * 79 + "b", "---", "١٢٣", "Site 1", "site-1 "),
)


@pytest.fixture
def uploaded(pipeline: Pipeline, sheets: Path) -> Pipeline:
    upload.upload(pipeline, sheets, session_key="museum", auto_approve=False, actor="ab")
    return pipeline


def test_keys_fold_accents_and_tell_names_apart_that_lose_letters() -> None:
    keys = {name: session_key_from(name) for name in NAMES}

    assert all(checked_session_key(key) == key for key in keys.values())
    assert keys["Über uns"] == keys["Uber uns!"] == "uber-uns"
    assert keys["Ünïversität"] == "universitat"
    assert (keys["Straße 3"], keys["Łódź"], keys["№ 5"]) == ("strasse-3", "lodz", "no-5")
    assert keys["Site 1"] == keys["site-1 "] == "site-1"
    assert len(set(keys.values())) == len(NAMES) - 2
    assert session_key_from("Музей часов") == session_key_from("музей Часов")
    assert session_key_from("Ресторан 7").startswith("7-")


def test_sheets_of_another_site_replace_a_session_only_where_somebody_says_so(
    uploaded: Pipeline,
) -> None:
    """They replaced it in silence, in the inbox too."""
    before = uploaded.store.sessions.get("museum")
    files = [(path.name, BytesIO(path.read_bytes())) for path in sorted(OTHER_SITE.iterdir())]
    sent = incoming.receive(uploaded, files, by="kim").upload_id
    uploaded.settings.inbox_path.mkdir(parents=True, exist_ok=True)
    folder = shutil.copytree(OTHER_SITE, uploaded.settings.inbox_path / "museum")
    (in_inbox,) = list_inbox(uploaded.settings.inbox_path)
    took: Any = {"session_key": "museum", "auto_approve": True, "as_new": False, "by": "kim"}
    ways = {
        "folder": lambda: upload.upload(
            uploaded, folder, session_key="museum", auto_approve=True, actor="ab"
        ),
        "page": lambda: incoming.take(uploaded, sent, **took),
        "inbox": lambda: upload.upload_inbox_folder(uploaded, folder),
    }

    refused = {}
    for way, ask in ways.items():
        with pytest.raises(GateError) as caught:
            ask()
        refused[way] = (caught.value.rule, "not one is about the same" in caught.value.message)
    preview = incoming.preview(uploaded, sent, session_key="museum")

    assert set(refused.values()) == {(GateRule.OTHER_SPECIFICATION, True)}
    assert uploaded.store.sessions.get("museum") == before
    assert in_inbox.session_key == "museum"
    assert preview.replaces_all
    outcome = incoming.take(uploaded, sent, **took, replaces_all=True)
    assert outcome.is_replaced


def test_a_first_upload_and_corrected_sheets_ask_nothing(uploaded: Pipeline, sheets: Path) -> None:
    projects.rename_a_field(sheets)

    first = upload.upload(
        uploaded, OTHER_SITE, session_key="harbour", auto_approve=False, actor="a"
    )
    corrected = upload.upload(
        uploaded, sheets, session_key="museum", auto_approve=False, actor="ab"
    )

    assert (first.is_replaced, corrected.is_replaced) == (False, True)


def test_a_site_is_called_as_its_folder_where_the_key_lost_the_name(
    pipeline: Pipeline, sheets: Path
) -> None:
    (sheets / "session.yaml").unlink()
    named = sheets.rename(sheets.with_name("Музей часов"))

    outcome = upload.upload(pipeline, named, session_key=None, auto_approve=False, actor="ab")

    assert outcome.session.site_name == "Музей часов"
    assert outcome.session.session_key.startswith("session-")


def test_other_things_under_the_same_titles_are_of_another_site(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """Tickets about several things are called alike on any site: their rows tell sites apart."""
    tables = {
        "roles.csv": ("Name,Machine name,X\n", "Driver,driver,a\n", "Cook,cook,a\n"),
        "bundles.csv": (
            "Name,Machine name,X,Type,URL alias pattern\n",
            "Depot,depot,a,Content type,\nStop,stop,a,Content type,\n",
            "Chef,chef,a,Content type,\nRecipe,recipe,a,Content type,\n",
        ),
    }
    for name, (header, *sites) in tables.items():
        took: Any = {"session_key": Path(name).stem, "auto_approve": False, "actor": "ab"}
        folders = [tmp_path / name / str(number) for number in range(len(sites))]
        for folder, rows in zip(folders, sites, strict=True):
            folder.mkdir(parents=True)
            (folder / name).write_text(header + rows, encoding="utf-8")

        upload.upload(pipeline, folders[0], **took)
        with pytest.raises(GateError) as refused:
            upload.upload(pipeline, folders[1], **took)
        (folders[0] / name).write_text("".join(tables[name]), encoding="utf-8")
        upload.upload(pipeline, folders[0], **took)

        assert refused.value.rule is GateRule.OTHER_SPECIFICATION


def test_a_site_is_called_as_its_files_begin(tmp_path: Path) -> None:
    """A session was "uwec" for ever unless somebody found its settings."""
    names: Mapping[str, Sequence[str]] = {
        "UWEC": ("UWEC_Fields.csv", "UWEC_Bundles.csv"),
        "City Zoo": ("City Zoo - Custom Views.csv", "City Zoo - Fields.csv"),
        "Clock Museum": ("Clock Museum technical specification v2.xlsx",),
        "none": ("Fields.csv", "Bundles.csv"),
        "one sheet": ("Fields.csv",),
        "only ours": ("Drupal spec.xlsx",),
    }
    for folder, files in names.items():
        (tmp_path / folder).mkdir()
        for name in files:
            (tmp_path / folder / name).touch()

    found = {name: site_name_of(tmp_path / name, is_named_so=False) for name in names}

    assert found == {name: name if name[0].isupper() else None for name in names}


def test_an_upload_names_the_settings_that_it_takes_away(pipeline: Pipeline, sheets: Path) -> None:
    """What a reviewer had set on the page went with the next folder, in silence."""
    path = sheets / "session.yaml"
    text = path.read_text(encoding="utf-8")
    upload.upload(pipeline, sheets, session_key="museum", auto_approve=False, actor="ab")
    set_on_page = text.replace("priority: Medium", "priority: High") + "agency: Studio Nord\n"
    path.write_text(set_on_page, encoding="utf-8")
    later = upload.upload(pipeline, sheets, session_key="museum", auto_approve=False, actor="ab")
    path.write_text(text, encoding="utf-8")

    outcome = upload.upload(pipeline, sheets, session_key="museum", auto_approve=False, actor="ab")

    settled = upload.uploaded(pipeline, outcome).replaced_settings
    assert (
        upload.uploaded(pipeline, later)
        .replaced_settings[0]
        .startswith("The setting defaults.priority of this session was “Medium”; now it is “High”.")
    )
    assert [one.partition(". ")[0] for one in settled] == [
        "The setting agency of this session was “Studio Nord”; now it is not set",
        "The setting defaults.priority of this session was “High”; now it is “Medium”",
    ]
    assert all("upload the folder again" in one for one in settled)


def test_settings_that_an_upload_took_away_are_named_until_somebody_changes_settings(
    uploaded: Pipeline, sheets: Path
) -> None:
    """They were named once, in the terminal of who uploaded, and then nowhere."""

    def set_on_page(**settings: object) -> None:
        kept = incoming.receive_with_settings(open_session(uploaded, "museum"), settings, by="kim")
        incoming.take(
            uploaded,
            kept.upload_id,
            session_key="museum",
            auto_approve=False,
            as_new=False,
            is_of_settings=True,
            by="kim",
        )

    def named() -> list[str]:
        found = status(open_session(uploaded, "museum"))
        assert json_object(found)["replaced_settings"] == list(found.replaced_settings)
        shown = " ".join(str(cell) for cell in status_table(found).columns[1].cells)
        assert all(one in shown for one in found.replaced_settings)
        return [one.partition(". ")[0] for one in found.replaced_settings]

    set_on_page(agency="Studio Nord")
    set_by_people = named()
    uploaded.settings.inbox_path.mkdir(parents=True, exist_ok=True)
    of_inbox = shutil.copytree(sheets, uploaded.settings.inbox_path / "museum")
    upload.upload_inbox_folder(uploaded, of_inbox)
    taken = named()
    projects.rename_a_field(sheets)
    upload.upload(uploaded, sheets, session_key="museum", auto_approve=False, actor="ab")
    taken_before = named()
    details = [entry.details for entry in uploaded.store.audit.entries("museum")]
    set_on_page(agency="Studio Ost")

    agency = {"agency": {"from": "Studio Nord", "to": ""}}
    assert taken == ["The setting agency of this session was “Studio Nord”; now it is not set"]
    assert (set_by_people, taken_before, named()) == ([], taken, [])
    assert [one["replaced_settings"] for one in details if "replaced_settings" in one] == [agency]
    (said,) = (readable_details(one, tickets={}) for one in details if "replaced_settings" in one)
    assert "setting agency: Studio Nord → –" in said
