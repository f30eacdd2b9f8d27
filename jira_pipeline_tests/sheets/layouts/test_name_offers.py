"""Names that nothing lists: of what rows belong to, and of what they refer to."""

from collections.abc import Mapping
from typing import Any

from jira_pipeline.sheets.layouts.name_offers import name_offers
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.several_owners import several_offers
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import cells_of, chosen, reading

KINDS = grid_of(
    """
Name   | Machine name | Type
Barn   | barn         | Content type
Plough | plough       | Paragraph type
Cart   | cart         | Paragraph type
Cart   | cart         | Media type
Crop   | crop         | Vocabulary
""",
    "Kinds",
)
FIELDS = grid_of(
    """
Bundle | Field label | Field type                 | Refers to
c.barn | Tools       | Entity reference revisions | q.plough, q.cart
c.barn | Grown       | Taxonomy term reference    | v.crop
c.barn | Owner       | User reference             | User
q.cart | Wheels      | Number (integer)           |
""",
    "Fields",
)
GRIDS = [KINDS, FIELDS]
SHAPES = (
    {"do": "set_shape", "worksheet": "Kinds", "shape": "types"},
    {"do": "set_shape", "worksheet": "Fields", "shape": "fields"},
)
REFERS = {
    "do": "set_meaning",
    "worksheet": "Fields",
    "header": "Refers to",
    "meanings": [{"kind": "field", "column": "Ref. bundle"}],
}


def called(short: str, name: str) -> Mapping[str, Any]:
    return {"do": "set_name", "kind": "bundle", "name": short, "means": name}


NAMES = (called("c.barn", "Barn"), called("q.plough", "Plough"), called("v.crop", "Crop"))


def test_names_of_what_fields_refer_to_are_asked_about_with_what_is_behind_their_prefix() -> None:
    """Only names of owners were: targets stayed unknown, and each became a question of a ticket."""
    offers = name_offers(apply_and_check(chosen(GRIDS, *SHAPES, REFERS), GRIDS))

    assert {offer.name: (offer.proposed, offer.count) for offer in offers} == {
        "c.barn": ("Barn", 3),
        "q.cart": ("Cart", 2),
        "q.plough": ("Plough", 1),
        "v.crop": ("Crop", 1),
    }


def test_a_name_that_is_said_counts_for_each_of_several_targets_of_a_cell() -> None:
    checked = reading(GRIDS, *SHAPES, REFERS, *NAMES, called("q.cart", "Cart (Paragraph type)"))

    assert cells_of(checked, "Bundle", "Ref. bundle")[-4:] == [
        ("Barn", "Plough\nCart (Paragraph type)"),
        ("Barn", "Crop"),
        ("Barn", "User"),
        ("Cart (Paragraph type)", ""),
    ]
    assert name_offers(checked) == []


def test_cells_with_several_targets_are_offered_and_make_no_further_field() -> None:
    slashed = grid_of(
        "Bundle | Field label | Field type | Refers to\n"
        "Barn | Tools | Entity reference revisions | Plough / Crop",
        "Fields",
    )
    grids = [KINDS, slashed]
    layout = chosen(grids, *SHAPES, REFERS)
    several = {"do": "set_several", "worksheet": "Fields", "header": "Refers to"}

    (offer,) = several_offers(layout.sheets[1].regions[0], grids[1:], grids)
    checked = reading(grids, *SHAPES, REFERS, {**several, "separator": offer.separator})

    assert (offer.names, offer.are_targets) == (("Plough", "Crop"), True)
    assert cells_of(checked, "Bundle", "Ref. bundle")[-1:] == [("Barn", "Plough\nCrop")]
