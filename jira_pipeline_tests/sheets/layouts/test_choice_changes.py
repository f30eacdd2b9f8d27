"""What choices take away from other worksheets than those that they are about."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jira_pipeline.sheets.layouts.choice_changes import ReadingChange, change_of
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_checks import check_layout, folder_grids

SHEETS = {
    "Places": "Called,Sort\nOrchard,Content type\nBench part,Paragraph type\n",
    "Told": "On,Told\nOrchard,Parts\nOrchard,Depth\n",
    "Marked": "Part,Orchard,Beside,Remark\nBench part,x,,of oak\n",
}


def meaning(worksheet: str, header: str, *, kind: str, column: str) -> Mapping[str, Any]:
    meant = [{"kind": kind, "column": column}]
    return {"do": "set_meaning", "worksheet": worksheet, "header": header, "meanings": meant}


COMPONENTS: Mapping[str, Any] = {
    "do": "set_shape",
    "worksheet": "Marked",
    "shape": "matrix",
    "rows": "components",
    "across": "types",
    "marks_in": "B:C",
    "called": "Parts",
}
SAID = (
    {"do": "set_shape", "worksheet": "Places", "shape": "types"},
    meaning("Places", "Called", kind="bundle", column="Name"),
    meaning("Places", "Sort", kind="bundle", column="Type"),
    {"do": "set_shape", "worksheet": "Told", "shape": "fields"},
    meaning("Told", "On", kind="field", column="Bundle"),
    meaning("Told", "Told", kind="field", column="Field label"),
    COMPONENTS,
)


def change_by(tmp_path: Path, choice: Mapping[str, Any]) -> ReadingChange:
    """Return what one more choice would take away."""
    for name, text in SHEETS.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    upload = folder_grids(tmp_path)
    layout = Layout(sheets=())
    for earlier in SAID:
        layout = with_choice(layout, upload.grids, choice_of(earlier))
    chosen = choice_of(choice)
    later = with_choice(layout, upload.grids, chosen)
    return change_of(
        check_layout(layout, upload),
        check_layout(later, upload),
        [chosen],
        upload.grids,
        proposed=Layout(sheets=()),
    )


def test_fields_of_another_worksheet_that_would_belong_to_nothing_are_asked_about(
    tmp_path: Path,
) -> None:
    """Fields of content types were those of paragraph types that do not exist, and nobody was asked."""
    as_paragraphs = {**COMPONENTS, "marks_in": "B:B", "bundle_type": "Paragraph type"}

    change = change_by(tmp_path, as_paragraphs)

    assert [loss.sentence for loss in change.losses] == [
        "1 field of “Told” belongs to what is listed now, and would belong to nothing."
    ]


def test_fewer_marks_of_a_matrix_alone_take_nothing_from_another_worksheet(tmp_path: Path) -> None:
    assert change_by(tmp_path, {**COMPONENTS, "marks_in": "B:B"}).losses == ()
