"""Starts Alembic inside a transaction that is open already.

Imported only when a store must be initialised or migrated.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def alembic_config() -> Config:
    """Return the configuration an `alembic.ini` would hold."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(connection: Connection, *, version_table: str, installation_id: str) -> None:
    """Apply the steps that are missing; the caller commits."""
    config = alembic_config()
    config.attributes.update(
        connection=connection, version_table=version_table, installation_id=installation_id
    )
    command.upgrade(config, "head")
