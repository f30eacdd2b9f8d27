"""Which folders of the inbox have arrived whole: looking and deciding, without any sensor."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.model.sessions import HandledFolder
from jira_pipeline.sheets.inbox import InboxFolder, folders_to_upload, list_inbox
from jira_pipeline_tests.tables import each

FOLDER = InboxFolder(
    name="museum", session_key="museum", signature="one", newest_change_seconds=100.0
)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An inbox with one folder of one sheet."""
    folder = tmp_path / "inbox" / "museum"
    folder.mkdir(parents=True)
    (folder / "Bundles.csv").write_text("Name,Type\n", encoding="utf-8")
    return tmp_path / "inbox"


def look(inbox: Path) -> InboxFolder:
    """The only folder of the inbox."""
    (folder,) = list_inbox(inbox)
    return folder


def test_folders_are_listed_by_name_and_nothing_else(inbox: Path) -> None:
    for name in ("zoo", ".hidden", "archive"):
        (inbox / name).mkdir()
    (inbox / "Bundles.csv").touch()

    assert [folder.name for folder in list_inbox(inbox)] == ["archive", "museum", "zoo"]


@pytest.mark.parametrize("change", ["content", "rename", "more", "less", "older"])
def test_any_change_is_another_signature(inbox: Path, change: str) -> None:
    before = look(inbox).signature
    sheet = inbox / "museum" / "Bundles.csv"
    if change == "content":
        sheet.write_text("Name,Typ\n\n", encoding="utf-8")
    elif change == "rename":
        sheet.rename(sheet.with_name("Fields.csv"))
    elif change == "more":
        (inbox / "museum" / "session.yaml").touch()
    elif change == "less":
        sheet.unlink()
    else:
        os.utime(sheet, (0, 0))

    assert look(inbox).signature != before


@pytest.mark.parametrize("stamp", [0, 4_000_000_000], ids=["1970", "2096"])
def test_the_time_a_copy_keeps_is_not_when_it_arrived(inbox: Path, stamp: int) -> None:
    """`cp -p` and archives keep times; other clocks are ahead."""
    os.utime(inbox / "museum" / "Bundles.csv", (stamp, stamp))

    arrived = look(inbox).newest_change_seconds

    assert arrived == pytest.approx((inbox / "museum" / "Bundles.csv").lstat().st_ctime)


def test_an_empty_folder_has_arrived_too(inbox: Path) -> None:
    (inbox / "museum" / "Bundles.csv").unlink()

    assert look(inbox).newest_change_seconds > 0


def test_a_link_to_nowhere_is_looked_at_as_a_link(inbox: Path) -> None:
    (inbox / "museum" / "Fields.csv").symlink_to(inbox / "gone")

    assert look(inbox).name == "museum"


def test_an_inbox_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        list_inbox(tmp_path / "gone")


@each(
    ("handled", "now_seconds", "is_chosen"),
    [
        ({}, 105.0, True),
        ({}, 104.9, False),
        ({}, 99.0, False),
        ({"museum": "one"}, 200.0, False),
        ({"museum": "other"}, 200.0, True),
        ({"zoo": "one"}, 200.0, True),
    ],
    ids=["rests", "just changed", "clock went back", "handled", "changed since", "another"],
)
def test_a_folder_is_chosen_when_it_rests_and_is_new(
    handled: dict[str, str], now_seconds: float, *, is_chosen: bool
) -> None:
    remembered = {
        name: HandledFolder(
            name=name,
            session_key=name,
            signature=signature,
            content_sha256=None,
            handled_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        for name, signature in handled.items()
    }

    chosen = folders_to_upload(
        [FOLDER], handled=remembered, now_seconds=now_seconds, settle_seconds=5.0
    )

    assert (chosen == (FOLDER,)) is is_chosen
