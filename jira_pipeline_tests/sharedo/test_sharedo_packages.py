"""Reading ShareDo packages: what is refused and in which words, what comes out of a real layout."""

import dataclasses
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from jira_pipeline.model.bounded_zip import ZipLimits
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.sharedo.errors import PackageRefusedError
from jira_pipeline.sharedo.packages import DependencyStrength, SharedoPackage, component_key
from jira_pipeline.sharedo.reading.packages import (
    DEFAULT_PACKAGE_LIMITS,
    PackageLimits,
    read_package,
    read_package_file,
)
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    build_package,
    sandbox_environments,
    written_json,
    zipped,
)
from jira_pipeline.tickets.grouping.component_rows import group_of_provider
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.tables import each

KEY = b"a key of this installation"
ENVIRONMENT = sandbox_environments()["development"]
ALL = [component.key for component in ENVIRONMENT.components]
TYPES = [key for key in ALL if key.startswith("sharedo-type:")]


def read(content: bytes, limits: PackageLimits = DEFAULT_PACKAGE_LIMITS) -> SharedoPackage:
    return read_package(content, file="export.zip", secret_key=KEY, limits=limits)


def manifest_of(*steps: object, **others: object) -> dict[str, object]:
    return {"Name": "Export", "SharedoVersion": {"Major": 1}, "ExportedSteps": [*steps]} | others


def step_of(storage: str = "a.json", **others: object) -> dict[str, object]:
    return {
        "Id": "step-1",
        "Description": "A type",
        "ExportProviderSystemName": "sharedo-type",
        "ExportProviderSelectorJson": '{"SystemName": "a"}',
        "StorageFilename": storage,
        "Dependencies": {"Recommended": [], "Mandatory": []},
    } | others


def package_of(manifest: object = None, data: bytes = b"{}", **parts: bytes) -> bytes:
    stated = manifest_of(step_of()) if manifest is None else manifest
    written = stated if isinstance(stated, bytes) else written_json(stated)
    return zipped({"manifest.json": written, "data/a.json": data, **parts})


def with_entry(change: Callable[[zipfile.ZipInfo], None], name: str = "data/b.json") -> bytes:
    packed = io.BytesIO(package_of())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        change(entry)
        archive.writestr(entry, b"{}")
    return packed.getvalue()


def as_link(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = 0o120777 << 16


def as_bzip2(entry: zipfile.ZipInfo) -> None:
    entry.compress_type = zipfile.ZIP_BZIP2


def as_it_is(entry: zipfile.ZipInfo) -> None:
    entry.compress_type = zipfile.ZIP_DEFLATED


def noise_of(count: int) -> bytes:
    return random.Random(1).randbytes(count).hex().encode()  # noqa: S311 - made content


def encrypted() -> bytes:
    content = bytearray(package_of())
    place = content.index(b"PK\x01\x02") + 8
    struct.pack_into("<H", content, place, 1)
    return bytes(content)


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return with_entry(as_it_is, "data/a.json")


def damaged() -> bytes:
    """Change the data of a stored entry, so that its checksum is wrong."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("manifest.json", written_json(manifest_of(step_of())))
    return packed.getvalue().replace(b"A type", b"B type")


def of_many_parts() -> bytes:
    return zipped({f"files/{number}": b"" for number in range(10_001)})


FAULTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "it is empty"),
    "too large": (lambda: bytes(50_000_001), "larger than 50,000,000 bytes, the limit"),
    "a sign-in page": (lambda: b"\r\n<html>Sign in</html>", "it is a web page, not a zip"),
    "the json form": (lambda: b'{"components": []}', "export it as zip"),
    "no zip": (lambda: b"PK but no more", "it is not a readable zip file"),
    "cut off": (lambda: build_package(ENVIRONMENT, TYPES)[:-300], "it is not a readable zip"),
    "bomb": (
        lambda: package_of(data=b" " * 30_000_000),
        "its part data/a.json is larger than 5,000,000 bytes",
    ),
    "too many parts": (of_many_parts, "it has 10,001 parts; at most 10,000 are read"),
    "traversal": (lambda: with_entry(as_it_is, "../a"), "its part '../a' has a path outside"),
    "drive": (lambda: with_entry(as_it_is, "C:/a"), "its part 'C:/a' has a path outside"),
    "encrypted": (encrypted, "its part manifest.json is encrypted"),
    "link": (lambda: with_entry(as_link), "its part data/b.json is a link"),
    "method": (lambda: with_entry(as_bzip2), "data/b.json uses an unsupported compression"),
    "two of a name": (twice, "it has two parts named data/a.json"),
    "checksum": (damaged, "its part manifest.json is damaged"),
    "no manifest": (lambda: zipped({"data/a.json": b"{}"}), "it has no manifest.json"),
    "packed again": (
        lambda: zipped({"export/manifest.json": b"{}", "export/data/a.json": b"{}"}),
        "it was unpacked and packed again: its manifest is export/manifest.json",
    ),
    "UTF-16": (lambda: package_of("{}".encode("utf-16")), "byte 1 is not UTF-8"),
    "not UTF-8": (lambda: package_of(b'{"Name": "\xff"}'), "byte 11 is not UTF-8"),
    "no JSON": (lambda: package_of(b"{'Name': 1}"), "line 1, column 2 is not valid JSON"),
    "no object": (lambda: package_of([]), "manifest.json is not a JSON object"),
    "no list of steps": (
        lambda: package_of({"Name": "x"}),
        "manifest.json, ExportedSteps: field required",
    ),
    "no steps": (lambda: package_of(manifest_of()), "manifest.json names no exported steps"),
    "selector": (
        lambda: package_of(manifest_of(step_of(ExportProviderSelectorJson="{a"))),
        "ExportedSteps.0.ExportProviderSelectorJson: input should be a valid dictionary",
    ),
    "empty selector": (
        lambda: package_of(manifest_of(step_of(ExportProviderSelectorJson="{}"))),
        "step step-1 does not say what it exported",
    ),
    "part missing": (
        lambda: package_of(manifest_of(step_of("gone.json"))),
        "names the part 'gone.json', which it does not have",
    ),
    "part outside": (
        lambda: package_of(manifest_of(step_of("../../etc/passwd"))),
        "names the part '../../etc/passwd', which it does not have",
    ),
    "data no object": (lambda: package_of(data=b"[]"), "data/a.json is not a JSON object"),
    "data too large": (
        lambda: package_of(data=b'{"A": "' + noise_of(2_600_000) + b'"}'),
        "data/a.json is larger than 5,000,000 bytes",
    ),
    "field twice": (lambda: package_of(data=b'{"A": 1, "A": 2}'), "the field 'A' twice"),
    "not a number": (lambda: package_of(data=b'{"A": NaN}'), "NaN is not a JSON number"),
    "too deep": (
        lambda: package_of(data=b'{"A":' + b"[" * 9_000 + b"]" * 9_000 + b"}"),
        "nested deeper than 100",
    ),
    "deep": (
        lambda: package_of(data=b'{"A":' + b"[" * 120 + b"]" * 120 + b"}"),
        "nested deeper than 100",
    ),
    "too many values": (
        lambda: package_of(data=b'{"A": [' + b",".join(b"%d" % n for n in range(500_000)) + b"]}"),
        "more values than the limit allows",
    ),
    "two forms": (
        lambda: package_of(
            manifest_of(step_of(), step_of("b.json", Id="step-2")), **{"data/b.json": b'{"A": 1}'}
        ),
        "it contains sharedo-type:a twice, with different content",
    ),
    "id twice": (
        lambda: package_of(manifest_of(step_of(), step_of())),
        "manifest.json gives two steps the same id",
    ),
}


@each(("make", "words"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_package_is_refused_in_words_of_its_own(
    make: Callable[[], bytes], words: str
) -> None:
    with pytest.raises(PackageRefusedError) as refused:
        read(make())

    assert words in refused.value.message
    assert refused.value.message.startswith("export.zip cannot be read as a ShareDo export package")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageRefusedError, match=r"gone\.zip .* it cannot be opened"):
        read_package_file(tmp_path / "gone.zip", secret_key=KEY)


def flipped(content: bytes, chance: random.Random) -> bytes:
    """Flip one bit."""
    broken = bytearray(content)
    broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


def test_flipped_bits_end_in_a_package_or_in_a_refusal() -> None:
    content, chance = build_package(ENVIRONMENT, TYPES[:1]), random.Random(16)  # noqa: S311 - made
    read_count = 0

    for _ in range(examples(500)):
        with suppress(PipelineError):
            read(flipped(content, chance))
            read_count += 1

    assert read_count < examples(500) / 2


def test_flipped_bits_inside_the_json_end_in_a_package_or_in_a_refusal() -> None:
    """A checksum hides most of the parser from the test above."""
    with zipfile.ZipFile(io.BytesIO(build_package(ENVIRONMENT, TYPES[:1]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(61)  # noqa: S311 - made faults

    for number in range(examples(500)):
        name = sorted(parts)[number % len(parts)]
        with suppress(PipelineError):
            read(zipped(parts | {name: flipped(parts[name], chance)}))


def test_limits_hold_before_anything_is_unpacked_whole() -> None:
    limits = dataclasses.replace(
        DEFAULT_PACKAGE_LIMITS, zip_limits=ZipLimits(unpacked_max_bytes=1_000, ratio_max=10_000)
    )

    with pytest.raises(PackageRefusedError, match="more than 1,000 bytes"):
        read(package_of(data=b" " * 10_000_000), limits)


def test_a_work_type_has_all_its_sections_with_the_json_inside_text_parsed() -> None:
    component = read(build_package(ENVIRONMENT, TYPES[:1])).components[0]

    assert len(component.payload) == 39
    aspects = component.payload["Aspects"]
    assert isinstance(aspects, list)
    assert isinstance(aspects[0], dict)
    assert isinstance(aspects[0]["Config"], dict)
    assert "\r" not in json.dumps(component.payload)


BRACKETS = ["[Draft] Letter", "[1]", '["a"]', "{reference}", "[", "{}x"]


@each(
    ("text", "expected"),
    [
        *((json.dumps(title), title) for title in BRACKETS),
        ("1.10", "1.10"),
        ("250000.0", 250000.0),
        ("1e5", "1e5"),
        ("-0", "-0"),
        ("1e400", "1e400"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("7", 7),
        (r'"x\u0000y\ud800z"', "x␀y\N{REPLACEMENT CHARACTER}z"),  # no store can hold it
    ],
)
def test_numbers_and_titles_in_brackets_are_as_written(text: str, expected: object) -> None:
    package = read(package_of(data=f'{{"A": {text}}}'.encode()))

    assert package.components[0].payload == {"A": expected}


def test_the_manifest_is_read_before_anything_in_it_is_masked() -> None:
    """A name that looked like random text was masked, and its part not found."""
    storage = "sharedo-form-LW_Frm_R1-489a502f-e522-5820-ae7b-dbff986c97f9.json"
    text = "Password=hunter2; lease form"
    manifest = manifest_of(step_of(storage, Description=text))
    content = zipped({"manifest.json": written_json(manifest), f"data/{storage}": b"{}"})

    (component,) = read(content).components

    assert component.part == f"data/{storage}"
    assert "hunter2" not in component.title


@each(
    ("description", "payload", "title"),
    [
        ("Workflow: Renew", {"SystemName": "a", "Name": "Renew a lease"}, "Renew a lease"),
        ("Work type: Renewal", {}, "Renewal"),
        ("Notice: first", {}, "Notice: first"),
        ("Type A", {"BaseSharedo": {"SystemName": "a", "Name": "Lease"}}, "Lease"),
        ("Type A", {"Parent": {"SystemName": "b", "Name": "Other"}}, "Type A"),
    ],
)
def test_a_component_goes_by_its_own_name(
    description: str, payload: dict[str, object], title: str
) -> None:
    manifest = manifest_of(step_of(Description=description))

    (component,) = read(package_of(manifest, written_json(payload))).components

    assert component.title == title


def test_a_file_belongs_to_the_component_that_names_it() -> None:
    files = {"files/notice.docx": b"one", "files/terms.pdf": b"three"}

    package = read(package_of(None, written_json({"StorageFile": "Notice.docx"}), **files))

    (file,) = package.components[0].files
    assert (file.name, file.size_bytes) == ("notice.docx", 3)
    assert [file.name for file in package.unnamed_files] == ["terms.pdf"]


def test_another_file_is_another_content() -> None:
    one, other = (
        read(package_of(None, b'{"StorageFile": "a.docx"}', **{"files/a.docx": content}))
        for content in (b"one", b"two")
    )

    assert one.components[0].content_hash != other.components[0].content_hash


def test_a_byte_order_mark_and_a_storage_name_with_its_folder_are_accepted() -> None:
    manifest = b"\xef\xbb\xbf" + written_json(manifest_of(step_of("data/a.json")))

    assert read(package_of(manifest)).components[0].part == "data/a.json"


def test_dependencies_are_stated_once_mandatory_before_recommended() -> None:
    stated = {
        "PackageStepId": None,
        "Dependency": {
            "SystemName": "option-set",
            "Reason": "Used by a field",
            "Description": "Severity",
            "Selector": {"SystemName": "severity"},
        },
    }
    itself = {"PackageStepId": "step-1", "Dependency": None}
    lists = {"Recommended": [stated, stated, itself], "Mandatory": [stated]}

    component = read(package_of(manifest_of(step_of(Dependencies=lists)))).components[0]

    (dependency,) = component.dependencies
    assert dependency.target_key == "option-set:severity"
    assert dependency.strength is DependencyStrength.MANDATORY
    assert dependency.reasons == ("Used by a field",)


def test_another_export_of_the_same_things_has_the_same_content_hash() -> None:
    first = read(build_package(ENVIRONMENT, TYPES))
    second = read(build_package(ENVIRONMENT, TYPES, export_id="export-2", created_by="other"))

    assert first.sha256 != second.sha256
    assert [c.content_hash for c in first.components] == [c.content_hash for c in second.components]


def test_a_secret_is_never_seen_and_no_part_of_the_content_hash() -> None:
    """Whoever reads a package later has another key to mask with."""
    payload = written_json({"Configuration": json.dumps({"password": "hunter2"})})

    components = [
        read_package(package_of(data=payload), file="a.zip", secret_key=key).components[0]
        for key in (KEY, b"another key")
    ]

    assert "hunter2" not in repr(components)
    assert components[0].payload != components[1].payload
    assert components[0].content_hash == components[1].content_hash


@each(
    ("provider", "group"),
    [
        ("sharedo-type", DisplayGroup.WORK_TYPES),
        ("Work-Type", DisplayGroup.WORK_TYPES),
        ("execution-engine", DisplayGroup.WORKFLOWS),
        ("form-builder", DisplayGroup.FORMS),
        ("optionset", DisplayGroup.OPTION_SETS),
        ("role-association", DisplayGroup.PERMISSIONS),
        ("document-template", DisplayGroup.TEMPLATES),
        ("approval", DisplayGroup.OTHER),
        ("never-heard-of", DisplayGroup.OTHER),
    ],
)
def test_components_are_routed_by_provider(provider: str, group: DisplayGroup) -> None:
    assert group_of_provider(provider) is group


def test_a_selector_of_several_fields_is_part_of_the_key() -> None:
    assert component_key("portal", {"SystemName": "a"}) == "portal:a"
    assert component_key("portal", {"Zone": "z", "SystemName": "a"}) == (
        'portal:{"SystemName":"a","Zone":"z"}'
    )
