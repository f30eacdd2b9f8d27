"""The assets of sessions as DataFrames for notebooks and other code locations.

Belongs here: Dagster's schemas of the tables, and the I/O manager that loads one from the store,
which alone has the rows. Does not: what the columns and rows are (`sessions/session_tables`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from typing_extensions import override

from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.partitions import upload_sessions
from jira_pipeline.sessions.composition import open_pipeline_to_read
from jira_pipeline.sessions.session_tables import (
    PORTFOLIO,
    TABLES,
    SessionTable,
    ValueType,
    portfolio_rows,
    rows_of_sessions,
)

if TYPE_CHECKING:
    import pandas as pd

IO_MANAGER = "session_tables"
"""Key of the resource that loads the tables."""

_PANDAS_TYPES: Mapping[ValueType, str] = {
    ValueType.TEXT: "string",
    ValueType.COUNT: "Int64",
    ValueType.NUMBER: "Float64",
    ValueType.TRUTH: "boolean",
    ValueType.TIME: "datetime64[us, UTC]",
}
"""Types that hold nothing as nothing: a plain integer column would become numbers with a point."""


def schema_of(table: SessionTable) -> dg.TableSchema:
    """Return the columns of a table as Dagster's catalogue shows them, before anything ran."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                column.name,
                type=column.type.value,
                description=column.meaning,
                constraints=dg.TableColumnConstraints(nullable=column.is_nullable),
            )
            for column in table.columns
        ]
    )


def table_metadata(table_name: str) -> Mapping[str, Any]:
    """Return what an asset's definition says of its table: the columns, and what a row is."""
    table = TABLES.get(table_name, PORTFOLIO)
    return {"dagster/column_schema": schema_of(table), "one row is": table.grain}


def table_spec(table_name: str) -> dg.AssetSpec:
    """Return a table as an asset of other code locations, which take it as an argument.

    A location puts it into its `assets` beside `SessionTables` as the resource `session_tables`.
    """
    spec = dg.AssetSpec(
        table_name, partitions_def=upload_sessions, metadata=table_metadata(table_name)
    )
    return spec.with_io_manager_key(IO_MANAGER)


class SessionTables(dg.ConfigurableIOManager):
    """Loads a table of one session, of several or of all, as the store has it now.

    It writes nothing: the store is opened so that it refuses every write, and no copy is kept.
    """

    project_path: str | None = None
    """Folder of dagster.yaml; None finds it."""

    @override
    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Keep nothing: what the step did is in the store."""

    @override
    def load_input(self, context: dg.InputContext) -> "pd.DataFrame":
        """Return the table of the asset, with one row for each partition's rows.

        Raises:
            StoreError: There is no store, or it is of another version than this program.
            NotFoundError: A partition has no session.
        """
        name = context.asset_key.path[-1]
        project_path = None if self.project_path is None else Path(self.project_path)
        pipeline = open_pipeline_to_read(load_settings(project_path))
        with pipeline.store:
            if name == PORTFOLIO.name:
                return _frame(PORTFOLIO, portfolio_rows(pipeline))
            table = TABLES[name]
            rows = list(rows_of_sessions(pipeline, table, context.asset_partition_keys))
        return _frame(table, rows)


def _frame(table: SessionTable, rows: list[Any]) -> "pd.DataFrame":
    import pandas as pd  # half a second, which only those who load a table spend

    types = {column.name: _PANDAS_TYPES[column.type] for column in table.columns}
    return pd.DataFrame(rows, columns=list(types)).astype(types)
