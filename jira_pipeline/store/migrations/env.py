"""What Alembic runs: the steps, on the connection it is given.

Started by `migrate`, never by hand.
"""

from alembic import context

from jira_pipeline.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
