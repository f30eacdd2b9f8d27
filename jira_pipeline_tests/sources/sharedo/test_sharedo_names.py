"""What a value calls something is no reference to it; what names it by its system name is one."""

from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.sources.sharedo.sandbox.made_packages import made_environment
from jira_pipeline_tests.sources.sharedo.made_packages import (
    changed_payload,
    compare,
    packed,
    prose_of,
    session_of,
)


@pytest.mark.parametrize(
    "change",
    [
        lambda _payload: None,
        lambda payload: payload["ParticipantRole"].pop("SystemName"),
        lambda payload: payload.update(payload.pop("ParticipantRole")),
    ],
    ids=["as exported", "named by its selector alone", "without a section of its own"],
)
def test_no_ticket_misses_what_its_own_component_is_called(tmp_path: Path, change: Any) -> None:
    """“Not in the package: the participant role Claimant” was in the ticket of that role."""
    folder = packed(tmp_path / "own", made_environment(7), "participant-role:claimant")
    changed_payload(folder / "one.zip", "participant-role", change)

    [text] = prose_of(session_of(folder)).values()

    assert "Claimant" in text
    assert "Not in the package" not in text


def test_what_a_reference_is_called_is_no_second_reference(tmp_path: Path) -> None:
    folder = packed(tmp_path / "beside", made_environment(7), "list-view:my-open-cases")

    def change(payload: Any) -> None:
        payload["Definition"]["Role"] = {"SystemName": "warden", "Name": "Warden"}

    changed_payload(folder / "one.zip", "list-view", change)
    [text] = prose_of(session_of(folder)).values()

    assert "the participant role warden: its values name it" in text


def test_a_new_name_of_a_component_is_nothing_that_the_target_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "renamed"
    for name in ("dev.zip", "test.zip"):
        packed(folder, made_environment(7), "participant-role:claimant", name=name)
    changed_payload(
        folder / "dev.zip", "participant-role", lambda p: p["ParticipantRole"].update(Name="Party")
    )
    compare(folder, "development dev.zip", "test test.zip")

    [text] = prose_of(session_of(folder)).values()

    assert "Party" in text
    assert "Not in the packages" not in text
