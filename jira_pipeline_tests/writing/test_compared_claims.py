"""How `python -m benchmarks claims` compares claims with an exported configuration."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.claims import Comparison, Site, compare
from benchmarks.site_configuration import SiteConfiguration
from benchmarks.specifications import read_site
from jira_pipeline.asking.view_forms import FormCell, FormRow
from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import Entity, Specification, Status
from jira_pipeline.kernel.entity_groups import EntityGroup
from jira_pipeline.kernel.open_questions import OpenQuestion
from jira_pipeline.writing.claims.claim import Claim, ClaimedTicket, Claims
from jira_pipeline_tests.sheets.made_specifications import files_of, specification_of
from jira_pipeline_tests.tables import each

NODE = "Content type"
ROWS: Mapping[str, Sequence[dict[str, str]]] = {
    "bundles": [
        {"Name": "Boat", "Machine name": "boat", "Type": NODE, "X": "a"},
        {"Name": "Harbour", "Machine name": "harbour", "Type": NODE, "X": "a"},
    ],
    "fields": [
        {
            "Bundle": f"Boat ({NODE})",
            "Field label": "Berth",
            "Machine name": "field_berth",
            "X": "a",
            "Field type": "Entity reference",
            "Ref. bundle": f"Harbour ({NODE})",
            "Req'd": "y",
            "Vals.": "*",
            "Form widget": "Autocomplete",
        },
        {
            "Bundle": f"Boat ({NODE})",
            "Field label": "Hull",
            "Machine name": "field_hull",
            "X": "a",
            "Field type": "List (text)",
            "Req'd": "n",
            "Vals.": "1",
            "Form widget": "Select list",
            "Settings/notes": "Options: Wood, oiled, Steel",
        },
        {
            "Bundle": f"Harbour ({NODE})",
            "Field label": "Hull",
            "Machine name": "field_hull",
            "X": "c",
            "Field type": "List (text)",
            "Vals.": "1",
            "Form widget": "-- Disabled --",
        },
    ],
    "views": [{"View name": "Boats", "Machine name": "boats", "X": "a", "Base table": "Content"}],
    "displays": [
        {
            "View": "Boats",
            "Title": "Page",
            "Machine name": "page_1",
            "X": "a",
            "Display plugin": "Page",
            "Notes": "Path: /boats",
        },
    ],
}
CONFIGURATION: Mapping[str, Any] = {
    "node.type.boat": {"name": "Boat"},
    "node.type.harbour": {"name": "Harbour"},
    "field.field.node.boat.field_berth": {
        "label": "Berth",
        "required": True,
        "settings": {"handler_settings": {"target_bundles": {"harbour": "harbour"}}},
    },
    "field.field.node.boat.field_hull": {"label": "Hull", "required": False},
    "field.field.node.harbour.field_hull": {"label": "Hull", "required": False},
    "field.storage.node.field_berth": {"cardinality": -1, "settings": {"target_type": "node"}},
    "field.storage.node.field_hull": {
        "cardinality": 1,
        "settings": {"allowed_values": [{"label": "Wood, oiled"}, {"label": "Steel"}]},
    },
    "core.entity_form_display.node.boat.default": {"content": {"field_berth": {}}},
    "views.view.boats": {
        "label": "Boats",
        "status": True,
        "display": {"default": {}, "page_1": {"display_options": {"path": "boats"}}},
    },
}


def _specification() -> Specification:
    return specification_of(**ROWS)


def _row(name: str, owner: str = "boat") -> Entity:
    rows = (e for e in _specification().entities if e.machine_name == name)
    return next(row for row in rows if (row.owner_key or row.key).endswith(owner))


def _compared(
    *claims: Claim,
    title: str = "Configure content type: Boat",
    form: Sequence[FormRow] = (),
    questions: Sequence[OpenQuestion] = (),
    configuration: Mapping[str, Any] = CONFIGURATION,
) -> Comparison:
    groups = group_entities(_specification()).groups
    site = _site(groups, configuration)
    ticket = ClaimedTicket(
        claims=Claims(story=None, verification=claims, form=tuple(form)),
        questions=tuple(questions),
        estimated_hours="",
    )
    result = Comparison()
    compare(site, next(group for group in groups if group.title == title), ticket, result)
    return result


def _site(groups: Sequence[EntityGroup], configuration: Mapping[str, Any]) -> Site:
    later = SiteConfiguration(configuration)
    earlier = SiteConfiguration({})
    return Site(name="port", later=later, earlier=earlier, exports=[later], groups=groups)


def _claim(kind: str, name: str, *values: str, column: str = "") -> Claim:
    return Claim(kind=f"verification.{kind}", rows=(_row(name),), values=values, columns=(column,))


@each(
    "claim",
    [
        _claim("required", "field_berth"),
        _claim("widget", "field_berth"),
        _claim("disabled", "field_hull"),
        _claim("any_number", "field_berth", "*"),
        _claim("targets", "field_berth", f"Harbour ({NODE})"),
        _claim("targets", "field_berth", column="Ref. bundle"),
        _claim("options", "field_hull", "Wood, oiled\nSteel"),
        _claim("options", "field_hull", column="Settings/notes"),
        _claim("types", "field_hull"),
    ],
    ids=lambda claim: f"{claim.kind} {claim.values}",
)
def test_what_the_configuration_has_too_is_right(claim: Claim) -> None:
    result = _compared(claim)

    assert result.wrong == []
    assert sum(count["right"] for count in result.counts.values()) == 1


@each(
    ("claim", "found"),
    [
        (_claim("required", "field_hull"), "False"),
        (_claim("widget", "field_hull"), "False"),
        (_claim("disabled", "field_berth"), "True"),
        (_claim("numbers", "field_hull", "3"), "'1'"),
        (_claim("targets", "field_berth", f"Boat ({NODE})"), f"Harbour ({NODE})"),
        (_claim("options", "field_hull", "Wood\noiled\nSteel"), "'Wood, oiled', 'Steel'"),
        (_claim("options", "field_hull", "Steel"), "'Wood, oiled', 'Steel'"),
    ],
    ids=lambda case: case.kind if isinstance(case, Claim) else "",
)
def test_what_is_otherwise_is_named_with_ticket_row_and_truth(claim: Claim, found: str) -> None:
    (wrong,) = _compared(claim).wrong

    assert f"Configure content type: Boat · {claim.kind} · fields.csv:" in wrong
    assert claim.rows[0].machine_name in wrong
    assert found in wrong.partition("found ")[2]


def test_a_path_in_a_form_is_compared_too() -> None:
    cells = {"Path or place": FormCell(text="/ships"), "Access": FormCell(text="?")}
    form = FormRow(display=_row("page_1", "boats"), cells=cells)

    (wrong,) = _compared(title="Configure view: Boats", form=[form]).wrong

    assert "stated '/ships', found '/boats'" in wrong


def test_what_no_claim_states_is_unsaid_unless_it_is_asked() -> None:
    question = OpenQuestion(
        file="fields.csv", line=3, column="Vals.", quote="", question="", subjects=("field_hull",)
    )

    result = _compared(_claim("required", "field_berth"), questions=[question])

    assert {
        topic: sum(line.startswith(topic) for line in result.unsaid)
        for topic in ("cardinality", "targets", "on form")
    } == {"cardinality": 1, "targets": 1, "on form": 1}
    assert result.counts["required"]["claimed"] == 1
    assert result.counts["options"]["asked"] == 1


def test_what_the_configuration_cannot_tell_is_neither_right_nor_wrong() -> None:
    storage = {"cardinality": 1, "settings": {"allowed_values_function": "hulls"}}
    configuration = {**CONFIGURATION, "field.storage.node.field_hull": storage}

    result = _compared(_claim("options", "field_hull", "Steel"), configuration=configuration)

    assert (result.wrong, result.counts["options"]["untold"]) == ([], 1)


def test_as_new_everything_that_stays_is_to_be_built(tmp_path: Path) -> None:
    fields = [*ROWS["fields"], {**ROWS["fields"][0], "Machine name": "field_mast", "X": "d"}]
    for name, content in files_of({**ROWS, "fields": fields}).items():
        (tmp_path / name).write_bytes(content)

    as_new = read_site(tmp_path, is_as_new=True).entities

    assert {Status.APPROVED} == {row.status for row in as_new}
    assert "field_mast" not in {row.machine_name for row in as_new}
