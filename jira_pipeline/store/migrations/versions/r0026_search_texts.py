"""Tickets are found by their words.

Revision 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_WORDS_IN_SQLITE = (
    # `ascii` takes every character beyond ASCII as a part of a word: words come parted by spaces.
    """CREATE VIRTUAL TABLE search_words USING fts5(
        words, content='search_texts', content_rowid='search_id', detail=none, prefix='1 2 3',
        tokenize="ascii tokenchars '_='"
    )""",
    """CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
        INSERT INTO search_words (rowid, words) VALUES (new.search_id, new.words);
    END""",
    """CREATE TRIGGER search_texts_removed AFTER DELETE ON search_texts BEGIN
        INSERT INTO search_words (search_words, rowid, words)
        VALUES ('delete', old.search_id, old.words);
    END""",
)
_WORDS_IN_POSTGRES = (
    # An array has words without places: no parser takes them apart, and none of them is stemmed.
    """CREATE INDEX search_words ON search_texts
        USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (fastupdate = off)""",
)


def upgrade() -> None:
    """Add the table; documents that are there are made again, with their words, at their next need."""
    op.create_table(
        "search_texts",
        sa.Column(
            "search_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("passages", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("search_id", name="pk_search_texts"),
        sa.UniqueConstraint("ticket_id", name="uq_search_texts_ticket_id"),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name="fk_search_texts_session_key_sessions",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["documents.ticket_id"],
            name="fk_search_texts_ticket_id_documents",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.add_column("ticket_rows", sa.Column("creates", sa.Text, nullable=False, server_default="[]"))
    op.create_index("ix_search_texts_session_key", "search_texts", ["session_key"])
    op.create_index("ix_ledger_remote_key", "ledger", ["remote_key"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _WORDS_IN_SQLITE if is_sqlite else _WORDS_IN_POSTGRES:
        op.execute(statement)
    op.execute("DELETE FROM documents")
    op.execute("UPDATE sessions SET rendering = NULL")
