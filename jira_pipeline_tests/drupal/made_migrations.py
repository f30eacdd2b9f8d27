"""Rows of migrations for the cases of rules, in a few words each; read and grouped as uploaded sheets are.

Belongs here: making rows of the migration *Boats* and its mappings, and the ticket with them. Does not:
what is asserted (the test module of each rule), rows of types and fields (`made_rows`).
"""

from collections.abc import Iterable

from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline_tests.drupal.made_rows import field, ticket_in
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, specification_of

_COLUMNS = {
    "name": "Migration",
    "status": "X",
    "source": "Source",
    "destination": "Destination",
    "after": "Depends on",
}
BOAT = bundle("Boat", "boat")
HULL = field("field_hull")


def migration(**cells: str) -> Row:
    """Make the row of the migration *Boats* unless `cells` say otherwise."""
    return {"Migration": "Boats", "X": "a"} | {_COLUMNS[cell]: text for cell, text in cells.items()}


def mapping(source: str = "body", destination: str = "field_hull", status: str = "a") -> Row:
    """Make the row of a mapping of *Boats*."""
    row = {"Migration": "Boats", "X": status}
    return row | {"Source field": source, "Destination field": destination}


def migration_of(
    *migrations: Row,
    mappings: Iterable[Row] = (),
    bundles: Iterable[Row] = (BOAT,),
    fields: Iterable[Row] = (HULL,),
) -> TicketMigration:
    """Return the ticket of the first of these migrations, beside the type *Boat* with its field."""
    tables = {"migrations": migrations, "mappings": mappings, "bundles": bundles, "fields": fields}
    sheets = {name: list(rows) for name, rows in tables.items() if rows}
    name = migrations[0]["Migration"]
    return TicketMigration(
        ticket=ticket_in(specification_of(**sheets), lambda head: head.cell("Migration") == name)
    )
