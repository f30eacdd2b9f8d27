"""`verify` says whether a site is built as its sheets say, and ends as pipelines need it."""

import re
import zipfile
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run

CONFIG = projects.EXAMPLE.with_name("uhrenmuseum.config.zip")

pytestmark = [pytest.mark.usefixtures("reviewed"), pytest.mark.small_site]


def test_what_is_otherwise_is_shown_and_written_and_ends_with_1(tmp_path: Path) -> None:
    markdown, junit = tmp_path / "site.md", tmp_path / "site.xml"
    allowed = ("--allow", "missing", "--allow", "differs", "--allow", "left_over")

    answer = run(
        *("verify", "museum", "--config", CONFIG, "--allow", "missing"),
        *("--markdown", markdown, "--junit", junit),
    )

    assert (answer.exit_code, run("verify", "museum", "--config", CONFIG, *allowed).exit_code) == (
        1,
        0,
    )
    assert "contradicts" in answer.words
    assert "field.storage.media.field_rights_until.yml:type" in markdown.read_text("utf-8")
    failures = re.findall(r'failure message="(.*?):', junit.read_text("utf-8"))
    assert set(failures) == {"differs", "left over"}


def test_what_changed_since_the_last_time_is_shown_and_nothing_is_kept_twice(
    tmp_path: Path,
) -> None:
    first = run("verify", "museum", "--config", CONFIG, "--json").json
    again = run("verify", "museum", "--config", CONFIG, "--json").json
    tmp_path.joinpath("media.type.image.yml").write_text("id: image\nlabel: Image\n", "utf-8")

    asked = run("verify", "museum", "--config", tmp_path)
    less = run("verify", "museum", "--config", tmp_path, "--anyway")

    assert (asked.exit_code, "core.extension.yml" in asked.words) == (3, True)
    assert first["verification_id"] == again["verification_id"]
    assert "rows have a different verdict" in less.words


def test_an_export_of_another_site_is_asked_about_before_anything_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(CONFIG) as packed:
        packed.extractall(tmp_path)
    other, moved = tmp_path / "other", tmp_path / "config"
    other.mkdir()
    for name, text in {
        "core.extension": "module: {node: 0}\n",
        "node.type.boat": "name: Boat\n",
        "system.site": "uuid: another\n",
    }.items():
        (other / f"{name}.yml").write_text(text)

    unmet = run("verify", "museum", "--config", other)
    run("verify", "museum", "--config", CONFIG)
    moved.joinpath("system.site.yml").write_text("uuid: another\n")
    elsewhere = run("verify", "museum", "--config", moved)

    assert (unmet.exit_code, elsewhere.exit_code) == (3, 3)
    assert "bundles in the sheets match" in unmet.words
    assert "another site than the last comparison" in elsewhere.words
    assert "met" not in unmet.out + elsewhere.out


def test_half_an_export_is_asked_about_and_ends_with_3(tmp_path: Path) -> None:
    """Of 625 rows 291 could not be compared, and a pipeline was green."""
    with zipfile.ZipFile(CONFIG) as packed:
        packed.extractall(tmp_path)
    for file in sorted(tmp_path.glob("config/field.storage.*"))[::2]:
        file.unlink()

    half = run("verify", "museum", "--config", tmp_path / "config")

    assert (half.exit_code, "files that others need" in half.words) == (3, True)


def test_a_row_that_moved_has_no_other_verdict(tmp_path: Path) -> None:
    """Every row below one that was added counted as changed."""
    run("verify", "museum", "--config", CONFIG)
    sheets = projects.copy_small_sheets(tmp_path / "museum")
    (bundles,) = sheets.glob("*_Bundles.csv")
    header, *rows = bundles.read_text("utf-8").splitlines(keepends=True)
    bundles.write_text("".join((header, "," * header.count(",") + "\n", *rows)), "utf-8")
    run("upload", sheets, "--session", "museum")

    moved = run("verify", "museum", "--config", CONFIG, "--json").json

    assert moved["changes"] == {"since": moved["changes"]["since"], "rows": [], "tickets": []}
