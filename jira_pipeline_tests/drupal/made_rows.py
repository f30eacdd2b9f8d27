"""Rows for the cases of rules, in a few words each; read and grouped as uploaded sheets are.

Belongs here: making rows, the ticket of the type *Boat* with them, and what a rule does about it.
Does not: what is asserted (the test module of each rule).
"""

from collections.abc import Callable, Iterable

from jira_pipeline.drupal.claims import Claim, rendered
from jira_pipeline.drupal.comparisons import CellResult, Counterpart, SheetCell
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.rule import StatedFact
from jira_pipeline.drupal.site.site_cells import Site, SiteCell
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.verification.compared_cells import compare_cell
from jira_pipeline.verification.names import Names
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, specification_of

BOAT = "Boat (Content type)"
_COLUMNS_OF_FIELDS = {
    "bundle": "Bundle",
    "label": "Field label",
    "status": "X",
    "type": "Field type",
    "target": "Ref. bundle",
    "required": "Req'd",
    "values": "Vals.",
    "default": "Default value",
    "options": "Allowed values",
    "length": "Maximum length",
    "extensions": "Allowed file extensions",
    "size": "Maximum upload size",
    "widget": "Form widget",
    "note": "Settings/notes",
    "help": "Help text",
    "reused": "Reused Field",
    "translated": "Trns.",
    "group": "Field group",
    "other_forms": "Other forms",
}


def field(name: str = "field_hull", **cells: str) -> Row:
    """Make the row of a field of *Boat*: a plain text unless `cells` say otherwise."""
    label = name.removeprefix("field_").capitalize()
    row = {"Bundle": BOAT, "Field label": label, "Machine name": name, "X": "a"}
    row |= {"Field type": "Text (plain)", "Req'd": "n", "Vals.": "1"}
    return row | {_COLUMNS_OF_FIELDS[cell]: text for cell, text in cells.items()}


def ticket_of(
    *fields: Row, status: str = "a", type_: str = "Content type", others: Iterable[Row] = ()
) -> TicketRows:
    """Return the ticket of *Boat* with these fields; `others` are more bundles.

    A field of another bundle says so: `field(bundle="Sail (Content type)")`.
    """
    boat = bundle("Boat", "boat", type_, status)
    rows = []
    for row in fields:
        rows.append(row | {"Bundle": f"Boat ({type_})"} if row["Bundle"] == BOAT else row)
    specification = specification_of(bundles=[boat, *others], fields=rows)
    return ticket_in(specification, lambda head: head.machine_name == "boat")


def ticket_in(specification: Specification, is_its_head: Callable[[Entity], bool]) -> TicketRows:
    """Return the ticket of the one group whose first head is meant."""
    groups = {group.key: group for group in group_entities(specification).groups}
    session = SessionRows(
        specification=specification, groups=groups, site_name="Harbour", site_description=""
    )
    (group,) = [g for g in groups.values() if g.heads and is_its_head(g.heads[0])]
    return ticket_rows(group, session)


def fields_of(
    *fields: Row, status: str = "a", type_: str = "Content type", others: Iterable[Row] = ()
) -> TicketFields:
    """Return the fields in the ticket of *Boat*, which is new unless its `status` says otherwise."""
    return TicketFields(ticket=ticket_of(*fields, status=status, type_=type_, others=others))


def style(name: str = "Card", **cells: str) -> Row:
    """Make the row of an image style."""
    return {"Style name": name, "Machine name": machine_name_of(name), "X": "a"} | cells


def machine_name_of(name: str) -> str:
    return name.casefold().replace(" ", "_")


def ticket_of_list(kind: EntityKind, **sheets: Iterable[Row]) -> TicketRows:
    """Return the ticket of all rows of a kind, of sheets as `specification_of` reads them."""
    specification = specification_of(**{name: list(rows) for name, rows in sheets.items()})
    return ticket_in(specification, lambda head: head.kind is kind)


def effect(name: str, summary: str = "", style: str = "Card", status: str = "a") -> Row:
    """Make the row of an effect of an image style."""
    return {"Image style": style, "Effect": name, "Summary": summary, "X": status}


def ticket_of_styles(*styles: Row, effects: Iterable[Row] = ()) -> TicketRows:
    return ticket_of_list(EntityKind.IMAGE_STYLE, image_styles=styles, image_effects=effects)


def responsive_style(name: str = "Hero", **cells: str) -> Row:
    """Make the row of a responsive image style."""
    row = {"Responsive style": name, "Machine name": machine_name_of(name), "X": "a"}
    columns = {
        "breakpoint_group": "Breakpoint Group",
        "breakpoints": "Breakpoints Used",
        "fallback": "Fallback Style",
        "styles": "Image Style Group(s)",
        "note": "Notes",
        "status": "X",
    }
    return row | {columns[cell]: text for cell, text in cells.items()}


def ticket_of_responsive_styles(*styles: Row, image_styles: Iterable[Row] = ()) -> TicketRows:
    return ticket_of_list(
        EntityKind.RESPONSIVE_IMAGE_STYLE, responsive=styles, image_styles=image_styles
    )


def view_mode(name: str = "Card", **cells: str) -> Row:
    """Make the row of a view mode of content."""
    row = {"View Modes": name, "Entity Type": "Content type", "X": "a"}
    columns = {
        "type_": "Entity Type",
        "used_on": "Entities Used On",
        "note": "Notes",
        "status": "X",
    }
    return row | {columns[cell]: text for cell, text in cells.items()}


def ticket_of_view_modes(*modes: Row, bundles: Iterable[Row] = ()) -> TicketRows:
    return ticket_of_list(EntityKind.VIEW_MODE, view_modes=modes, bundles=bundles)


def style_of(style_row: Row) -> Entity:
    """Return an image style as it is read."""
    return ticket_of_styles(style_row).head


def row_of(field_row: Row, type_: str = "Content type") -> Entity:
    """Return a field as it is read, in a bundle of a type."""
    (row,) = ticket_of(field_row, type_=type_).group.members
    return row


def asked(key: str, ticket: TicketRows) -> list[str]:
    """Return what is asked or assumed by a key of a question, as the ticket shows it."""
    return [q.assumption or q.question for q in ticket.left_open if q.kind == key]


def sentences(claims: Iterable[Claim]) -> list[str]:
    """Return claims as plain text."""
    return [rendered(claim).replace("<code>", "").replace("</code>", "") for claim in claims]


def said_by(facts: Iterable[StatedFact]) -> list[tuple[object, str]]:
    """Return facts, each with the machine names of the rows that say it."""
    return [(one.fact, " ".join(row.machine_name for row in one.rows)) for one in facts]


def compared(
    field_row: Row, counterpart: Counterpart, column: str, on_site: SiteCell
) -> CellResult:
    """Compare a cell of a field with what a site has there."""
    ticket = ticket_of(field_row)
    (row,) = ticket.of_kind(EntityKind.FIELD)
    return compared_in(ticket, row, counterpart, column, on_site)


def verdict_on(field_row: Row, counterpart: Counterpart, column: str, on_site: SiteCell) -> Verdict:
    """Judge a cell of a field by what a site has there, as all columns of its comparison are."""
    row = row_of(field_row)
    cell = SheetCell(row=row, column=column, text=row.cell(column), counterpart=counterpart)
    names = Names(ticket_of(field_row).session.specification, Site(entities=()))
    return compare_cell(cell, on_site, names).verdict


def compared_in(
    ticket: TicketRows, row: Entity, counterpart: Counterpart, column: str, on_site: SiteCell
) -> CellResult:
    """Compare a cell of any row of a ticket with what a site has there."""
    names = Names(ticket.session.specification, Site(entities=()))
    cell = SheetCell(row=row, column=column, text=row.cell(column), counterpart=counterpart)
    assert counterpart.compare is not None
    return counterpart.compare(cell, on_site, names)
