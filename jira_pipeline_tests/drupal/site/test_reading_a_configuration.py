"""An export on disk: what is read, what is refused, what is counted."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from jira_pipeline.drupal.site.configuration import (
    ConfigurationLimits,
    is_zipped_configuration,
    read_configuration,
)
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.errors import SiteConfigurationRefusedError
from jira_pipeline.sheets.reading.sheet_kinds import rule_of
from jira_pipeline_tests.drupal.site.exports import changed, write_export
from jira_pipeline_tests.tables import each


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("config/sync/core.extension.yml", "its folder config/sync does"),
        ("sites/all/modules/boats/boats.info", "it is from Drupal 7"),
        ("README.md", "no readable configuration file"),
    ],
)
@pytest.mark.parametrize("is_zip", [True, False])
def test_what_is_no_export_says_what_it_is(
    tmp_path: Path, name: str, said: str, *, is_zip: bool
) -> None:
    path = tmp_path / "site" / name
    path.parent.mkdir(parents=True)
    path.write_text("module: {}\n")
    if is_zip and not name.endswith(".yml"):
        path = tmp_path / "site.zip"
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(name, "")
    else:
        path = tmp_path / "site"

    with pytest.raises(SiteConfigurationRefusedError, match=said):
        read_configuration(path)


def test_a_folder_that_is_not_there_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(SiteConfigurationRefusedError, match="no such folder or file exists"):
        read_configuration(tmp_path / "nowhere")


def test_files_that_no_sheet_describes_make_no_export(tmp_path: Path) -> None:
    (tmp_path / "tour.tour.berths.yml").write_text("label: Berths\n")

    with pytest.raises(SiteConfigurationRefusedError, match="no readable configuration file"):
        read_configuration(tmp_path)


@each(
    ("changes", "is_whole"),
    [
        ({}, True),
        ({"core.extension": "module: ["}, True),
        ({"core.extension": None}, False),
    ],
)
def test_an_export_with_its_list_of_modules_is_whole(
    tmp_path: Path, changes: Mapping[str, Any], *, is_whole: bool
) -> None:
    configuration = read_configuration(write_export(new_folder(tmp_path), changes))

    assert configuration.is_whole is is_whole


def test_objects_are_found_by_what_their_names_begin_with(tmp_path: Path) -> None:
    changes = {"node.type.buoy": "name: [", "node.type_of_boat.raft": {}, "user.role.mate": "-"}
    depends = {"config": ["node.type.yacht"]}
    configuration = read_configuration(
        write_export(tmp_path, {**changes, **changed("node.type.notice", dependencies=depends)})
    )

    assert [name for name, _ in configuration.below("node.type")] == ["berth", "notice"]
    assert [name for name, _ in configuration.unread_below("node.type")] == ["buoy", "yacht"]


@each(
    ("name", "has_part"),
    [
        ("field.field.node.yacht.field_mast", True),
        ("core.entity_form_display.node.yacht.default", True),
        ("core.entity_view_display.node.yacht.default", False),
        ("field.field.node.yacht_club.field_mast", False),
        ("field.field.media.yacht.field_mast", False),
    ],
)
@pytest.mark.parametrize("content", [{"field_type": "string", "label": "Mast"}, "label: ["])
def test_fields_and_forms_are_parts_of_a_bundle(
    tmp_path: Path, name: str, *, has_part: bool, content: object
) -> None:
    configuration = read_configuration(write_export(new_folder(tmp_path), {name: content}))

    assert configuration.has_part_of("node", "yacht") is has_part


NAMES_A_DISPLAY = {"label": "Dock", "parts": {"a": "views_block:crews-block_1"}}
NAMES_ONE_OTHERWISE = {"label": "Dock", "parts": {"a": "crews:block_1"}}


@each(
    ("name", "content", "displays"),
    [
        ("gangway.settings", NAMES_A_DISPLAY, ["crews-block_1"]),
        ("gangway.settings", NAMES_ONE_OTHERWISE, ["crews-block_1"]),
        ("gangway.settings", {"label": "Dock"}, None),
        ("user.role.mate", NAMES_A_DISPLAY, ["crews-block_1"]),
        # What is parsed names displays by settings of its own.
        ("user.role.mate", NAMES_ONE_OTHERWISE, None),
        # A translation places nothing.
        ("language/de/gangway.settings", NAMES_A_DISPLAY, None),
    ],
)
def test_an_object_names_the_displays_of_views_that_it_holds(
    tmp_path: Path, name: str, content: Mapping[str, object], displays: list[str] | None
) -> None:
    export = write_export(new_folder(tmp_path))
    path = export / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))

    expected = {} if displays is None else {name: displays}
    assert read_configuration(export).blocks_of_views == expected


def test_the_last_file_of_an_object_says_which_displays_it_names(tmp_path: Path) -> None:
    export = write_export(tmp_path / "sync", {"gangway.settings": NAMES_A_DISPLAY})
    split = tmp_path / "split"
    split.mkdir()
    (split / "gangway.settings.yml").write_text("label: Dock\n")

    assert read_configuration(export, splits=[split]).blocks_of_views == {}


def test_what_no_sheet_describes_is_counted_by_what_its_name_begins_with(tmp_path: Path) -> None:
    others = ("system.mail", "core.entity_view_display.rig.a.b", "core.entity_view_display.rig.c.d")
    export = write_export(tmp_path, {name: {} for name in others})
    (export / "language" / "de").mkdir(parents=True)
    (export / "language" / "de" / "node.type.berth.yml").write_text("name: Liegeplatz\n")

    configuration = read_configuration(export)

    assert configuration.not_understood == {
        "core.entity_view_display.rig": 2,
        "language/de": 1,
        "system.mail": 1,
        "tour.tour": 1,
    }
    assert configuration.objects["node.type.berth"]["name"] == "Berth"


def test_a_zip_holds_the_same_configuration_as_its_folder(tmp_path: Path) -> None:
    export = write_export(tmp_path / "sync", {".node.type.raft": {"name": "Raft"}})
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/sync/._node.type.berth.yml", b"\x00")
        archive.writestr("config/sync/README.md", "Ours.")
        for path in export.iterdir():
            archive.write(path, f"config/sync/{path.name}")
        for number in range(100):
            archive.writestr(f"config/other/node.type.n{number}.yml", "name: Other")

    assert "node.type.raft" not in str(read_configuration(export))
    assert read_configuration(tmp_path / "export.zip") == read_configuration(export)


def new_folder(folder: Path) -> Path:
    """Return a folder that no other case of a table has."""
    return folder / f"export_{len([*folder.iterdir()])}"


def _archived(export: Path, packing: str, below: str = "") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=f"w:{packing}") as archive:  # type: ignore[call-overload] # gz, bz2 or xz
        for path in sorted(export.rglob("*")):
            archive.add(path, f"{below}{path.relative_to(export)}", recursive=False)
    return stream.getvalue()


@pytest.mark.parametrize("below", ["", "./", "config/sync/"])
@pytest.mark.parametrize("packing", ["gz", ""])
def test_an_archive_holds_the_same_configuration_as_its_folder(
    tmp_path: Path, packing: str, below: str
) -> None:
    """The page of Drupal that exports all of it gives a `.tar.gz`, which was no readable zip file."""
    export = write_export(tmp_path / "sync")
    (export / "language" / "de").mkdir(parents=True)
    (export / "language" / "de" / "node.type.berth.yml").write_text("name: Liegeplatz\n")
    archived = _archived(export, packing, below)
    (tmp_path / "config.archive").write_bytes(archived)

    assert read_configuration(tmp_path / "config.archive") == read_configuration(export)
    assert is_zipped_configuration(io.BytesIO(archived))


def test_an_archive_with_a_link_or_of_too_much_or_torn_is_refused(tmp_path: Path) -> None:
    export = write_export(tmp_path / "sync")
    whole = _archived(export, "gz")
    (export / "block.yml").symlink_to("/etc/hostname")
    huge = gzip.compress(b"\0" * 60_000_000)
    faults = {"link": _archived(export, "gz"), "tar.gz": whole[:-200], "readable zip": huge[:900]}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("node.type.berth.yml")
        entry.size = 60_000_000
        archive.addfile(entry, io.BytesIO(b" " * entry.size))

    with_holes = bytearray(tarfile.TarInfo("node.type.berth.yml").tobuf() + b"\0" * 1024)
    size = b"%011o\0" % 2_000_000_000
    with_holes[156:157], with_holes[386:398], with_holes[483:495] = b"S", size, size
    with_holes[148:156] = b" " * 8
    with_holes[148:156] = b"%06o\0 " % sum(with_holes[:512])
    faults |= {"has holes": bytes(with_holes)}
    for said, content in {**faults, "unpacks to more": packed.getvalue()}.items():
        path = tmp_path / "config.tar.gz"
        path.write_bytes(content)
        with pytest.raises(SiteConfigurationRefusedError, match=said):
            read_configuration(path)
        assert not is_zipped_configuration(io.BytesIO(content))


def test_a_split_is_laid_over_the_configuration(tmp_path: Path) -> None:
    export = write_export(tmp_path / "sync")
    split = tmp_path / "split"
    split.mkdir()
    (split / "node.type.berth.yml").write_text("name: Mooring\n")

    configuration = read_configuration(export, splits=[split])

    assert configuration.objects["node.type.berth"] == {"name": "Mooring"}
    assert configuration.sha256 != read_configuration(export).sha256


def test_control_characters_are_taken_out_and_counted(tmp_path: Path) -> None:
    """YAML refuses C1 controls, which Drupal exports as editors pasted them."""
    export = write_export(tmp_path, {"node.type.berth": "name: 'Be\x93rth\x94'\n"})

    configuration = read_configuration(export)

    assert configuration.objects["node.type.berth"] == {"name": "Berth"}
    assert [f.code for f in configuration.findings] == ["control_characters_removed"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name: [", "line 2"),
        (b"\xff\xfe", "not UTF-8"),
        (b"- berth", "no named settings"),
        (b"type: berth", "“name” is missing"),
        (b"name: {a: b}", "“name” is not text"),
        (b"name: !php/object x", "php/object"),
        (b"name: &a Berth\ntype: *a", "alias"),
        (b"name: Berth\nx: " + b"[" * 5000 + b"]" * 5000, "nested more than 64"),
        (b"name: Berth\n" + b"- " * 5000, "line 2"),
        (b"name: Berth\nx:\n  " + b"- " * 5000 + b"a", "nested more than 64"),
        (b"name: Berth\nx: " + b"1" * 5000, "cannot be read"),
        (b"name: Berth\n---\nname: Two", "line 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    export = write_export(tmp_path, {"node.type.berth": content})

    configuration = read_configuration(export)

    assert reason in configuration.refused["node.type.berth"]
    assert "node.type.berth" not in configuration.objects
    assert [f.file for f in configuration.findings] == ["node.type.berth.yml"]


def test_what_objects_need_and_no_file_holds_is_named(tmp_path: Path) -> None:
    depends = {"config": ["node.type.berth", "node.type.yacht"], "enforced": {"config": ["a.b"]}}
    gone = {"field.storage.node.field_pier": None}
    export = write_export(tmp_path, {**changed("node.type.notice", dependencies=depends), **gone})

    configuration = read_configuration(export)

    assert configuration.lacking == {
        "a.b": "node.type.notice",
        "field.storage.node.field_pier": "field.field.node.berth.field_pier",
        "node.type.yacht": "node.type.notice",
    }
    assert {f.code for f in configuration.findings} == {"configuration_file_missing"}


@each(
    ("name", "named", "lacking"),
    [
        # Files that are not parsed depend on others, too; translations do not.
        ("tour.tour.mast", "image.style.mast", {"image.style.mast"}),
        ("language/de/tour.tour.mast", "image.style.mast", set()),
        # What a site keeps of a deleted bundle does not prove that it is there.
        ("language.content_settings.node.yacht", "node.type.yacht", set()),
        ("language.content_settings.node.berth", "image.style.mast", {"image.style.mast"}),
        ("core.base_field_override.node.yacht.title", "node.type.yacht", set()),
        ("core.entity_view_display.node.yacht.default", "node.type.yacht", set()),
        ("user.role.mate", "node.type.yacht", {"node.type.yacht"}),
        ("core.entity_form_display.node.yacht.default", "node.type.yacht", {"node.type.yacht"}),
        ("core.entity_form_display.node.yacht.default", "node.type.berth", {"node.type.yacht"}),
        ("field.storage.node.field_yacht", "node.type.berth", set()),
        # Accounts, and what no sheet has a word for, have no file for their bundles.
        ("core.entity_form_display.user.user.default", "node.type.berth", set()),
        ("core.entity_form_display.rig.rig.default", "node.type.berth", set()),
        (
            "core.entity_view_display.node.berth.mast",
            "node.type.berth",
            {"core.entity_view_mode.node.mast"},
        ),
        # Media Entity 1.x called the types otherwise.
        ("media_entity.bundle.vessel", "media.type.vessel", set()),
        ("media_entity.bundle.vessel", "node.type.vessel", {"node.type.vessel"}),
    ],
)
def test_what_a_file_needs_is_lacking_where_no_file_holds_it(
    tmp_path: Path, name: str, named: str, lacking: set[str]
) -> None:
    export = write_export(new_folder(tmp_path))
    path = export / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    known_by = "label: Mast\ntype: string\ncardinality: 1\n"
    path.write_text(f"{known_by}dependencies:\n  config:\n    - {named}\n")

    assert read_configuration(export).lacking.keys() == lacking


@each(
    ("name", "content", "reason"),
    [
        ("field.field.rig.rig.field_mast", "label: Mast", "its “field_type” is missing"),
        ("field.storage.rig.field_mast", "type: string", "its “cardinality” is missing"),
        ("field.field.user.user.field_mast", "label: Mast", "its “field_type” is missing"),
        ("comment.type.talk", "id: talk", "its “label” is missing"),
    ],
)
def test_of_every_entity_type_fields_have_what_they_are_known_by(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    configuration = read_configuration(write_export(new_folder(tmp_path), {name: content}))

    assert configuration.refused == {name: reason}


def test_words_mean_what_they_mean_to_drupal(tmp_path: Path) -> None:
    """YAML 1.1 would read a date, a number of minutes and a switch."""
    text = "name: 2026-01-01\ntype: yes\nratio: 16:9\nhelp: '*not* an alias'\n"
    export = write_export(tmp_path, {"node.type.berth": text})

    read = read_configuration(export).objects["node.type.berth"]

    assert read == {"name": "2026-01-01", "type": "yes", "ratio": "16:9", "help": "*not* an alias"}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ConfigurationLimits(files_max_count=3), "files; the limit is 3"),
        (ConfigurationLimits(total_max_bytes=100), "bytes; the limit is 100"),
    ],
)
def test_an_export_beyond_a_limit_is_refused(
    tmp_path: Path, limits: ConfigurationLimits, reason: str
) -> None:
    export = write_export(tmp_path)

    with pytest.raises(SiteConfigurationRefusedError, match=reason):
        read_configuration(export, limits=limits)


def test_a_link_that_leads_nowhere_is_refused_alone(tmp_path: Path) -> None:
    """A link that was copied without its file refused the whole export, in words of the system."""
    export = write_export(tmp_path, {"node.type.berth": None})
    (export / "node.type.berth.yml").symlink_to("nowhere.yml")

    assert read_configuration(export).refused == {"node.type.berth": "it cannot be opened"}


def test_a_file_beyond_its_limit_is_refused_alone(tmp_path: Path) -> None:
    export = write_export(tmp_path, changed("node.type.berth", description="x" * 2000))

    configuration = read_configuration(export, limits=ConfigurationLimits(file_max_bytes=2000))

    assert list(configuration.refused) == ["node.type.berth"]


@pytest.mark.parametrize("name", ["nowhere", "empty", "no.zip"])
def test_what_is_no_export_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "no.zip").write_bytes(b"PK no")

    with pytest.raises(SiteConfigurationRefusedError, match=name):
        read_configuration(tmp_path / name)


def test_what_is_read_of_it_has_the_columns_of_sheets(tmp_path: Path) -> None:
    unknown = {
        (entity.kind, column)
        for entity in site_entities(read_configuration(write_export(tmp_path))).entities
        for column in entity.cells
        if (rule := rule_of(entity.kind)) is None or column not in rule.columns
    }

    assert unknown == set()
