"""The manifest: what it may say, and that nothing it says can do harm."""

import itertools
import os
import sys
from pathlib import Path

import pytest

from jira_pipeline.model.errors import ErrorCategory, ManifestError
from jira_pipeline.model.sessions import LOGO_MAX_BYTES, IssueDefaults, SessionManifest
from jira_pipeline.sheets.manifest import (
    MANIFEST_MAX_BYTES,
    find_manifest,
    parse_manifest,
    read_manifest,
)
from jira_pipeline_tests.tables import each

EVERYTHING = """
site_name: "  Uhrenmuseum Möwenbrück "
site_description: |
  Clocks.
  And more clocks.
jira_project_key: CLOCK_2
parent: CLOCK_2-1
writer: template
auto_approve: true
include_waiting: yes
removals: no
people: {AB: ab@example.org, ü: ue@example.org}
columns: {References: Ref. bundle, Fields: {Was: Field label}}
defaults:
  assignee: Ada
  sprint: Sprint 1
  priority: High
  labels: [drupal, content]
  fields: {Budget: 7, Go live: 2026-12-31, Fix versions: [1.10, 2.0]}
"""


def refusal_of(text: str) -> str:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(text.encode(), file_name="session.yaml")
    assert caught.value.category is ErrorCategory.USER_FIXABLE
    assert caught.value.message.startswith("session.yaml: ")
    caught.value.message.encode("utf-8")
    return caught.value.message.removeprefix("session.yaml: ")


def test_every_key_is_read() -> None:
    manifest = parse_manifest(EVERYTHING.encode(), file_name="session.yaml")

    assert manifest == SessionManifest(
        site_name="Uhrenmuseum Möwenbrück",
        site_description="Clocks.\nAnd more clocks.",
        jira_project_key="CLOCK_2",
        parent="CLOCK_2-1",
        writer="template",
        auto_approve=True,
        include_waiting=True,
        removals=False,
        people={"AB": "ab@example.org", "ü": "ue@example.org"},
        columns={"References": "Ref. bundle", "Fields": {"Was": "Field label"}},
        defaults=IssueDefaults(
            assignee="Ada",
            sprint="Sprint 1",
            priority="High",
            labels=("drupal", "content"),
            fields={"Budget": ("7",), "Go live": ("2026-12-31",), "Fix versions": ("1.10", "2.0")},
        ),
    )


@each("text", ["", "# nothing yet", "---", "{}", "\ufeff{}"])
def test_an_empty_manifest_says_what_none_says(text: str) -> None:
    assert parse_manifest(text.encode(), file_name="session.yaml") == SessionManifest()


def test_a_folder_without_a_manifest_has_every_default(tmp_path: Path) -> None:
    assert find_manifest(tmp_path) is None
    assert read_manifest(tmp_path) == SessionManifest()


@pytest.mark.parametrize("name", ["session.yaml", "session.yml"])
def test_a_manifest_is_found_by_either_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("site_name: Museum", encoding="utf-8")

    assert read_manifest(tmp_path).site_name == "Museum"


@each(
    ("text", "key"),
    [
        ("site_name: ''", "site_name"),
        ("site_name: 2026", "site_name"),
        ("site_name: 2026-01-01", "site_name"),
        (f"site_name: {'a' * 201}", "site_name"),
        ('site_name: "a\\nb"', "site_name"),
        ('site_name: "\\ud800"', "site_name"),
        ("site_description: ~", "site_description"),
        (f"site_description: {'a' * 2_001}", "site_description"),
        ("jira_project_key: C", "jira_project_key"),
        ("logo: ../logo.png", "logo"),
        ("filled_in_by: nobody", "filled_in_by"),
        ("jira_project_key: TOOLONGAKEY", "jira_project_key"),
        ("parent: 12", "parent"),
        ("writer: two words", "writer"),
        ("auto_approve: perhaps", "auto_approve"),
        ("auto_approve: 2", "auto_approve"),
        ("include_waiting: []", "include_waiting"),
        ("removals: .nan", "removals"),
        ("people: [ab]", "people"),
        ("people: {ab: 1}", "people.ab"),
        ("people: {1: ab}", "people.1"),
        ("columns: [Status]", "columns"),
        ("columns: {Status: 1}", "columns.Status"),
        ("columns: {Status: ''}", "columns.Status"),
        ("columns: {Fields: {Was: {x: y}}}", "columns.Fields"),
        ("columns: {'': X}", "columns."),
        ('columns: {"a\\nb": X}', "columns.a"),
        (f"columns: {{{'a' * 201}: X}}", "columns.aaa"),
        (f"columns: {{{', '.join(f'a{n}: X' for n in range(201))}}}", "columns"),
        ('people: {"\\ud800": x}', "people"),
        ("defaults: []", "defaults"),
        ("defaults: {assignee: 1}", "defaults.assignee"),
        ("defaults: {labels: drupal}", "defaults.labels"),
        ("defaults: {labels: [1]}", "defaults.labels.0"),
        ("defaults: {labels: [a, 'two words']}", "defaults.labels.1"),
        (f"defaults: {{labels: [{'a' * 256}]}}", "defaults.labels.0"),
        (f"defaults: {{labels: [{', '.join('abc' for _ in range(51))}]}}", "defaults.labels"),
        ("defaults: {colour: red}", "defaults.colour"),
        ("colour: red", "colour"),
        ("1: a", "1"),
    ],
)
def test_a_value_that_cannot_be_used_is_reported_with_its_key(text: str, key: str) -> None:
    assert f"`{key}" in refusal_of(text)


@each(
    "text",
    [
        "site_name: [",
        "site_name: Museum\n  auto_approve: true",
        "\tsite_name: Museum",
        "site_name: \x81",
        "--- {}\n--- {}",
        "? [a]\n: b",
        "site_name: !!python/object/apply:os.getcwd []",
        "site_name: !!timestamp abc",
        "!!timestamp abc: Museum",
        "site_name: 2026-99-99",
        f"site_name: {'9' * 5_000}",
        "[" * 20_000,
    ],
    ids=lambda text: text[:20],
)
def test_what_is_not_plain_yaml_is_refused(text: str) -> None:
    refusal = refusal_of(text)

    assert refusal.startswith("not YAML: ")
    assert len(refusal) < 400


def test_a_tag_that_leaves_a_text_a_text_is_taken() -> None:
    assert parse_manifest(b"site_name: !!str 2026", file_name="session.yaml").site_name == "2026"


def test_another_encoding_than_utf_8_is_reported() -> None:
    with pytest.raises(ManifestError, match="not YAML: unacceptable character #x00e4"):
        parse_manifest("site_name: Käse".encode("cp1252"), file_name="session.yaml")


@each("text", ["hello", "- a", "12", "'site_name: Museum'"])
def test_a_manifest_is_keys_and_values(text: str) -> None:
    assert refusal_of(text) == "it must be a list of `key: value` lines"


@each(
    "text",
    [
        "site_name: Clocks\nsite_name: Watches",
        "site_name: Clocks\n'site_name': Watches",
        "auto_approve: false\nsite_name: Clocks\nauto_approve: true",
        "people: {ab: a@example.org, ab: b@example.org}",
        "defaults:\n  sprint: One\n  sprint: Two",
    ],
)
def test_a_key_that_is_there_twice_is_refused(text: str) -> None:
    """The last one won silently: `auto_approve` further down exported without a review."""
    refusal = refusal_of(text)

    assert "appears twice" in refusal
    assert "line " in refusal


def billion_laughs_of_lists(depth: int) -> str:
    """Lists of lists by alias: nine times as many with each line."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, depth)]
    return "\n".join(lines)


def billion_laughs_of_merges(depth: int) -> str:
    """Mappings merged by alias: nine times as many keys with each line, when composed."""
    lines = ["a0: &a0 {x: x}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, depth)]
    return "\n".join(lines)


@each(
    "text",
    [
        billion_laughs_of_lists(100),
        billion_laughs_of_merges(100),
        "people: &p {a: *p}",
        "site_name: *gone",
    ],
    ids=["lists", "merges", "itself", "nothing"],
)
def test_aliases_are_refused_before_they_grow(text: str) -> None:
    """Merges by alias took time without end: 9 to the 100th entries from 5 kB."""
    assert "aliases are not taken" in refusal_of(text)


@each(
    ("text", "reason", "calls_max"),
    [
        ("[" * 20_000, "more than 10 brackets are open", 10_000),
        ("[a, " * 15_000, "more than 10 brackets are open", 10_000),
        ("{a: " * 15_000, "more than 10 brackets are open", 10_000),
        ("- " * 20_000, "nested more than 10 deep", 10_000),
        ("".join(" " * n + "a:\n" for n in range(300)), "nested more than 10 deep", 10_000),
        (f"defaults: {{labels: [{'a,' * 30_000}]}}", "more than 10,000 keys and values", 4_000_000),
        ("#" * 64_001, "64001 bytes, the limit is 64000", 10_000),
    ],
    ids=["brackets", "lists", "mappings", "dashes", "indents", "items", "bytes"],
)
def test_a_manifest_too_large_or_deep_is_refused_before_it_is_built(
    text: str, reason: str, calls_max: int
) -> None:
    """Twenty thousand brackets took seconds, which a sensor spent on every look at the inbox.

    Without the limits, PyYAML calls 115,000 functions and more for each of the nested ones.
    """
    calls = itertools.count()
    profiled = sys.getprofile()
    sys.setprofile(lambda *_: next(calls))
    try:
        refusal = refusal_of(text)
    finally:
        sys.setprofile(profiled)

    assert reason in refusal
    assert next(calls) < calls_max


def test_a_thousand_people_are_not_too_many() -> None:
    people = "\n".join(f"  p{n}: p{n}@example.org" for n in range(1_000))

    manifest = parse_manifest(f"people:\n{people}".encode(), file_name="session.yaml")

    assert len(manifest.people) == 1_000


def test_very_many_faults_are_cut_with_their_number() -> None:
    refusal = refusal_of("\n".join(f"key_{number}: x" for number in range(3_000)))

    assert "`key_9`" in refusal
    assert "`key_10`" not in refusal
    assert refusal.endswith("; and 2990 more")


def test_a_very_long_key_is_cut() -> None:
    assert len(refusal_of(f"? {'k' * 50_000}\n: x")) < 400


def test_a_manifest_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    text = "site_name: Museum\n#"
    (tmp_path / "session.yaml").write_text(text.ljust(MANIFEST_MAX_BYTES, "x"), encoding="utf-8")

    assert read_manifest(tmp_path).site_name == "Museum"


@pytest.mark.parametrize("find", [find_manifest, read_manifest])
def test_a_larger_manifest_is_refused_unread(tmp_path: Path, find: object) -> None:
    """A sparse file of a terabyte: reading or copying it would fill memory or disk."""
    assert callable(find)
    with (tmp_path / "session.yaml").open("wb") as stream:
        os.truncate(stream.fileno(), 10**12)

    with pytest.raises(ManifestError, match="1000000000000 bytes, the limit is 64000"):
        find(tmp_path)


def test_two_manifests_are_refused_whatever_they_say(tmp_path: Path) -> None:
    for name in ("session.yaml", "session.yml"):
        (tmp_path / name).write_text("site_name: Museum", encoding="utf-8")

    with pytest.raises(ManifestError, match=r"session\.yaml and session\.yml: keep only one"):
        find_manifest(tmp_path)


def test_a_link_to_a_manifest_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("auto_approve: true", encoding="utf-8")
    folder = tmp_path / "sheets"
    folder.mkdir()
    (folder / "session.yaml").symlink_to(outside)

    with pytest.raises(ManifestError, match="not a regular file"):
        find_manifest(folder)


def test_a_link_to_nowhere_is_not_an_absent_manifest(tmp_path: Path) -> None:
    """It was read as "no manifest": all settings of the session silently had their defaults."""
    (tmp_path / "session.yaml").symlink_to(tmp_path / "gone.yaml")

    with pytest.raises(ManifestError, match="not a regular file"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_no_manifest(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "session.yml")

    with pytest.raises(ManifestError, match="not a regular file"):
        find_manifest(tmp_path)


PICTURE = b"\x89PNG\r\n\x1a\n"


def logo_refusal(folder: Path, content: bytes | None) -> str:
    """Write a logo beside a manifest that names it, None: a link to one; return why it is refused."""
    (folder / "session.yaml").write_text("logo: logo.png", encoding="utf-8")
    (folder / "elsewhere.png").write_bytes(PICTURE)
    (folder / "logo.png").unlink(missing_ok=True)
    if content is None:
        (folder / "logo.png").symlink_to(folder / "elsewhere.png")
    else:
        (folder / "logo.png").write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        read_manifest(folder)
    return caught.value.message


@each("content", [PICTURE, b"\xff\xd8\xff\xe0", PICTURE.ljust(LOGO_MAX_BYTES, b"x")])
def test_a_logo_is_a_picture_whatever_it_is_called(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "session.yaml").write_text("logo: logo.png", encoding="utf-8")
    (tmp_path / "logo.png").write_bytes(content)

    assert read_manifest(tmp_path).logo == "logo.png"


@each(
    ("content", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither a PNG nor a JPEG"),
        (PICTURE.ljust(LOGO_MAX_BYTES + 1, b"x"), "more than 200,000 bytes"),
        (None, "no file beside the sheets"),
    ],
)
def test_another_file_is_no_logo(tmp_path: Path, content: bytes | None, reason: str) -> None:
    assert reason in logo_refusal(tmp_path, content)
