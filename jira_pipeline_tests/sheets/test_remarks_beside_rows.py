"""Remarks beside rows are quoted whatever their length, with the rows that they are about."""

from jira_pipeline_tests.sheets.made_readings import MANIFEST, Reading
from jira_pipeline_tests.tables import each

FILL = {MANIFEST: "owner_blank: fill"}
TYPES = "Name,Machine name,Type\nEvent,event,Content type\nArtist,artist,Content type\n"
FIELDS = (
    "Bundle,Field label,Machine name,Field type",
    "Event (Content type),Price,field_price,Plain text",
    "Event (Content type),Place,field_place,Plain text",
    "Artist (Content type),Picture,field_picture,Image",
    "Artist (Content type),Born,field_born,Date",
)


def quoted(*lines: str) -> dict[str, list[str]]:
    """Return the machine names of the fields with which each remark is quoted."""
    reading = Reading({**FILL, "Bundles.csv": TYPES, "Fields.csv": "\n".join(lines)})
    names = {row.source.line: row.machine_name for row in reading.entities if row.kind == "field"}
    found: dict[str, list[str]] = {}
    for (file, line), captions in sorted(reading.specification.captions.items()):
        for caption in captions if file == "Fields.csv" else ():
            found.setdefault(caption.label, []).append(names[line])
    return found


ALL = ["field_price", "field_place", "field_picture", "field_born"]
OF_ARTIST = ALL[2:]


@each(
    "remark",
    [
        *("Grey rows: second phase.", "Publishers only", "Card: title; dates", "ask Dana"),
        *("Rows in grey are for the second phase of the project.", "TBD"),
    ],
)
def test_a_remark_below_all_rows_is_quoted_with_all_of_them(remark: str) -> None:
    assert quoted(*FIELDS, ",,,", f"{remark},,,") == {remark: ALL}


def test_a_remark_above_a_block_is_quoted_with_that_block() -> None:
    lines = (*FIELDS[:3], ",,,", "Publishers only,,,", *FIELDS[3:])

    assert quoted(*lines) == {"Publishers only": OF_ARTIST}


@each(
    ("remark", "names"),
    [
        ("* Picture is mandatory for every artist", OF_ARTIST),
        ("Artists: see the list", OF_ARTIST),
        ("Born: only the year", ["field_born"]),
        ("-- ask Dana about prices --", ["field_price"]),
    ],
)
def test_a_remark_that_names_rows_is_quoted_with_those(remark: str, names: list[str]) -> None:
    assert quoted(*FIELDS, ",,,", f"{remark},,,") == {remark: names}


def test_a_title_that_names_what_its_rows_belong_to_is_no_remark() -> None:
    header, *rows = FIELDS
    bare = [row.replace("Artist (Content type)", "") for row in rows[2:]]

    lines = (header, *rows[:2], ",,,", "Artist (Content type),,,", *bare)

    assert quoted(*lines) == {}


@each("text", ["-", "–", "x", "*", "...", "***"])
def test_a_mark_between_rows_is_no_remark(text: str) -> None:
    assert quoted(*FIELDS, ",,,", f"{text},,,") == {}
