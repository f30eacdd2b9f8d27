"""Makes the tables of a store, and brings those of an older version to this one.

Belongs here: the version of the tables, the step from each version to the next, and what no table
describes (triggers, the index of words). Does not: the tables as they are now (`tables`), when and
under which lock this happens (`store`).

A change of the tables that follows a release is made in `tables`, for new stores, and in one
row more in `STEPS`, for those with rows.
"""

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)

from jira_pipeline.model.errors import StoreError
from jira_pipeline.model.sheet_names import containing_file
from jira_pipeline.store import tables
from jira_pipeline.store.answered_rows import name_answered_rows
from jira_pipeline.store.generations import name_questions_by_kind
from jira_pipeline.store.shared_answers import note_passed_over
from jira_pipeline.store.transactions import COPIED_NOTICE
from jira_pipeline.store.upload_readings import keep_upload_readings


def _name_questions_by_kind(connection: Connection) -> None:
    """From 2 to 3. Revisions are changed this once: each question gets a name that lasts."""
    of_table = "" if connection.dialect.name == "sqlite" else " ON revisions"
    connection.exec_driver_sql(f"DROP TRIGGER revisions_refuses_update{of_table}")
    name_questions_by_kind(connection)
    _refuse(connection, "revisions", "UPDATE")


def _add_file_names(connection: Connection) -> None:
    """Say of each table in which file it was received; until now its name said so."""
    connection.execute(
        text("ALTER TABLE source_files ADD COLUMN file_name TEXT NOT NULL DEFAULT ''")
    )
    name_file = text("UPDATE source_files SET file_name = :file_name WHERE name = :name")
    for (name,) in connection.execute(text("SELECT DISTINCT name FROM source_files")).all():
        connection.execute(name_file, {"name": name, "file_name": containing_file(name)})


def _executing(*statements: str) -> Callable[[Connection], None]:
    def step(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return step


give_approvals_a_hash = _executing(
    "ALTER TABLE tickets ADD COLUMN approved_hash TEXT",
    """UPDATE tickets SET approved_hash = 'as_it_is'
        WHERE ready_hash IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM documents
            JOIN sessions ON sessions.session_key = documents.session_key
            WHERE documents.ticket_id = tickets.ticket_id
                AND documents.rendered_hash <> tickets.ready_hash
                AND sessions.generated_from_sha256 = sessions.content_sha256
        )""",
    # Documents of an older version count as absent, and are made again with both hashes.
    "ALTER TABLE documents ADD COLUMN approved_hash TEXT NOT NULL DEFAULT ''",
    "DROP INDEX ix_documents_session_key_ticket_id_rendered_hash",
    "CREATE INDEX ix_documents_session_key_ticket_id_rendered_hash_approved_hash "
    "ON documents (session_key, ticket_id, rendered_hash, approved_hash)",
)
"""One that was of the document as it was covers the ticket as it is.

While other sheets wait to be written, documents may be of those: then all approvals stay.
"""

have_requests_claimed = _executing(
    "ALTER TABLE run_requests ADD COLUMN run_id TEXT",
    "ALTER TABLE run_requests ADD COLUMN claimed_at VARCHAR(32)",
    "ALTER TABLE run_requests ADD COLUMN claimed_by TEXT",
)
keep_waiting_uploads = _executing(
    """CREATE TABLE waiting_uploads (
            session_key TEXT NOT NULL, content_sha256 TEXT NOT NULL, upload_path TEXT NOT NULL,
            manifest TEXT NOT NULL, replaces_all BOOLEAN NOT NULL,
            is_of_settings BOOLEAN NOT NULL, uploaded_by TEXT NOT NULL,
            uploaded_at VARCHAR(32) NOT NULL,
            CONSTRAINT pk_waiting_uploads PRIMARY KEY (session_key),
            CONSTRAINT fk_waiting_uploads_session_key_sessions FOREIGN KEY (session_key)
                REFERENCES sessions (session_key) ON DELETE CASCADE
        )"""
)


def _keep_what_tickets_are_written_from(connection: Connection) -> None:
    binary = "BLOB" if connection.dialect.name == "sqlite" else "BYTEA"
    connection.execute(
        text(
            f"""CREATE TABLE written_from (
                session_key TEXT NOT NULL, code TEXT NOT NULL, reads {binary} NOT NULL,
                CONSTRAINT pk_written_from PRIMARY KEY (session_key),
                CONSTRAINT fk_written_from_session_key_sessions FOREIGN KEY (session_key)
                    REFERENCES sessions (session_key) ON DELETE CASCADE
            )"""
        )
    )


STEPS: tuple[Callable[[Connection], None], ...] = (
    # From 1 to 2. Entries of the ledger say who sent, who made an issue, where a receipt is from.
    _executing(
        "ALTER TABLE ledger ADD COLUMN account_id TEXT",
        "ALTER TABLE ledger ADD COLUMN origin TEXT",
    ),
    _name_questions_by_kind,
    # From 3 to 4. Nobody asks for comparisons of ShareDo environments that wait in the store.
    _executing("DROP TABLE sharedo_comparisons"),
    # From 4 to 5. A comparison keeps how far people were with each issue.
    _executing("ALTER TABLE comparisons ADD COLUMN states TEXT"),
    # From 5 to 6. What is built unless somebody objects, and whom questions go to.
    _executing(
        "ALTER TABLE revisions ADD COLUMN assumptions TEXT NOT NULL DEFAULT '[]'",
        """CREATE TABLE question_routes (
                ticket_id TEXT NOT NULL,
                question_id TEXT NOT NULL,
                audience VARCHAR(64) NOT NULL,
                words TEXT NOT NULL,
                routed_by TEXT NOT NULL,
                routed_at VARCHAR(32) NOT NULL,
                session_key TEXT NOT NULL,
                CONSTRAINT pk_question_routes PRIMARY KEY (ticket_id, question_id),
                CONSTRAINT fk_question_routes_ticket_id_tickets FOREIGN KEY (ticket_id)
                    REFERENCES tickets (ticket_id) ON DELETE CASCADE,
                CONSTRAINT fk_question_routes_session_key_sessions FOREIGN KEY (session_key)
                    REFERENCES sessions (session_key) ON DELETE CASCADE
            )""",
        "CREATE INDEX ix_question_routes_session_key ON question_routes (session_key)",
    ),
    # From 6 to 7. A session has a link for each person, and a proposal says whose it is.
    # A key cannot be changed in SQLite, so the table is made anew; a session had one link.
    _executing(
        "CREATE TABLE former_client_links AS SELECT * FROM client_links",
        "DROP TABLE client_links",
        """CREATE TABLE client_links (
                secret_sha256 TEXT NOT NULL, made_by TEXT NOT NULL, expires_at VARCHAR(32) NOT NULL,
                made_for TEXT NOT NULL, topics TEXT NOT NULL, card TEXT NOT NULL,
                made_with TEXT NOT NULL, sent_at VARCHAR(32), session_key TEXT NOT NULL,
                CONSTRAINT pk_client_links PRIMARY KEY (secret_sha256),
                CONSTRAINT fk_client_links_session_key_sessions FOREIGN KEY (session_key)
                    REFERENCES sessions (session_key) ON DELETE CASCADE
            )""",
        "CREATE INDEX ix_client_links_session_key ON client_links (session_key)",
        """INSERT INTO client_links
            SELECT secret_sha256, made_by, expires_at, '', '[]', '', '', NULL, session_key
            FROM former_client_links""",
        "DROP TABLE former_client_links",
        "ALTER TABLE proposed_answers ADD COLUMN given_by TEXT NOT NULL DEFAULT ''",
    ),
    # From 7 to 8. What is answered once counts for all views of a site.
    _executing(
        "CREATE TABLE site_answers (question_id TEXT NOT NULL, question TEXT NOT NULL, "
        "answer TEXT NOT NULL, answered_by TEXT NOT NULL, "
        "answered_at VARCHAR(32) NOT NULL, session_key TEXT NOT NULL, "
        "CONSTRAINT pk_site_answers PRIMARY KEY (session_key, question_id), "
        "CONSTRAINT fk_site_answers_session_key_sessions FOREIGN KEY(session_key) "
        "REFERENCES sessions (session_key) ON DELETE CASCADE)"
    ),
    # From 8 to 9. Somebody requests changes of a ticket: which, of what, from whom.
    _executing(
        "ALTER TABLE tickets ADD COLUMN sent_back TEXT",
        "ALTER TABLE tickets ADD COLUMN sent_back_about TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE tickets ADD COLUMN sent_back_to TEXT NOT NULL DEFAULT ''",
    ),
    # From 9 to 10. A table below another in a CSV file has a name that no file has.
    _add_file_names,
    # From 10 to 11. The store remembers what became of the folders of the inbox.
    _executing(
        """CREATE TABLE handled_folders (
                name TEXT NOT NULL,
                session_key TEXT NOT NULL,
                signature TEXT NOT NULL,
                content_sha256 TEXT,
                awaited_run_key TEXT,
                handled_at VARCHAR(32) NOT NULL,
                CONSTRAINT pk_handled_folders PRIMARY KEY (name)
            )"""
    ),
    # From 11 to 12. An approval gets a hash of its own.
    give_approvals_a_hash,
    # From 12 to 13. What people decided about tickets is kept when their session is removed.
    _executing(
        """CREATE TABLE kept_reviews (
                session_key TEXT NOT NULL, source_word VARCHAR(64) NOT NULL,
                group_key TEXT NOT NULL, kept_at VARCHAR(32) NOT NULL, review TEXT NOT NULL,
                CONSTRAINT pk_kept_reviews PRIMARY KEY (session_key, source_word, group_key)
            )"""
    ),
    # From 13 to 14. What a client answered waits until somebody takes it, though it is asked no more.
    _executing(
        "ALTER TABLE proposed_answers ADD COLUMN taken_at VARCHAR(32)",
        "ALTER TABLE proposed_answers ADD COLUMN taken_by TEXT NOT NULL DEFAULT ''",
    ),
    # From 14 to 15. What clients said of a row and an answer for all rows hid waits again.
    note_passed_over,
    # From 15 to 16. An answer says which row it was said of.
    name_answered_rows,
    # From 16 to 17. A requested run is launched by who claims it, and bound when it is queued.
    have_requests_claimed,
    # Layouts that people work on, and those they confirmed.
    _executing(
        """CREATE TABLE layout_drafts (
                session_key TEXT NOT NULL, revision INTEGER NOT NULL, layout TEXT NOT NULL,
                saved_by TEXT NOT NULL, saved_at VARCHAR(32) NOT NULL,
                CONSTRAINT pk_layout_drafts PRIMARY KEY (session_key)
            )""",
        """CREATE TABLE used_layouts (
                session_key TEXT NOT NULL, layout_sha256 TEXT NOT NULL, layout TEXT NOT NULL,
                site_name TEXT NOT NULL, confirmed_by TEXT NOT NULL,
                confirmed_at VARCHAR(32) NOT NULL,
                CONSTRAINT pk_used_layouts PRIMARY KEY (session_key, layout_sha256)
            )""",
    ),
    # What an upload was read to is stored, so that no later program reads it otherwise.
    keep_upload_readings,
    # A ticket knows which rows of its text another ticket asks about.
    _executing("ALTER TABLE tickets ADD COLUMN rows_elsewhere TEXT NOT NULL DEFAULT '[]'"),
    # Uploads that wait until somebody has said what their worksheets hold.
    keep_waiting_uploads,
    # The last changes of a draft of a layout can be undone.
    _executing(
        """CREATE TABLE layout_changes (
                session_key TEXT NOT NULL, revision INTEGER NOT NULL, description TEXT NOT NULL,
                layout_before TEXT NOT NULL, changed_by TEXT NOT NULL,
                changed_at VARCHAR(32) NOT NULL,
                CONSTRAINT pk_layout_changes PRIMARY KEY (session_key, revision)
            )""",
    ),
    # From 17 to 18. What servers refuse of the form of a request is remembered.
    _executing(
        """CREATE TABLE request_forms (
                address TEXT NOT NULL,
                model TEXT NOT NULL,
                form_json TEXT NOT NULL,
                learned_at VARCHAR(32) NOT NULL,
                CONSTRAINT pk_request_forms PRIMARY KEY (address, model)
            )""",
    ),
    # Messages to the webhook wait in the store until they are delivered, and leave a log.
    _executing(
        """CREATE TABLE webhook_deliveries (
                delivery_id TEXT NOT NULL, event VARCHAR(64) NOT NULL, task_id TEXT, run_id TEXT,
                created_at VARCHAR(32) NOT NULL, message TEXT, next_attempt_at VARCHAR(32),
                attempt_count INTEGER NOT NULL, delivered_at VARCHAR(32), failure TEXT NOT NULL,
                failure_category VARCHAR(64), session_key TEXT NOT NULL,
                CONSTRAINT pk_webhook_deliveries PRIMARY KEY (delivery_id),
                CONSTRAINT fk_webhook_deliveries_session_key_sessions FOREIGN KEY (session_key)
                    REFERENCES sessions (session_key) ON DELETE CASCADE
            )""",
        "CREATE INDEX ix_webhook_deliveries_session_key ON webhook_deliveries (session_key)",
        "CREATE INDEX ix_webhook_deliveries_next_attempt_at "
        "ON webhook_deliveries (next_attempt_at)",
    ),
    # A request of a program that is sent again with its key is answered as it was before.
    _executing(
        """CREATE TABLE keyed_requests (
                scope_sha256 TEXT NOT NULL, content_sha256 TEXT NOT NULL,
                received_at VARCHAR(32) NOT NULL, status INTEGER, location TEXT,
                answer TEXT NOT NULL,
                CONSTRAINT pk_keyed_requests PRIMARY KEY (scope_sha256)
            )""",
        "CREATE INDEX ix_keyed_requests_received_at ON keyed_requests (received_at)",
    ),
    # A session says what its run waits for.
    _executing("ALTER TABLE sessions ADD COLUMN wait TEXT"),
    # Of a request whose program was killed it is known what it did.
    _executing(
        "ALTER TABLE keyed_requests ADD COLUMN task_id TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE keyed_requests ADD COLUMN has_written BOOLEAN NOT NULL DEFAULT FALSE",
    ),
    # Tickets that were said from the same facts are not written again.
    _keep_what_tickets_are_written_from,
)
"""What each version lacks of the next, oldest first: the first leads from version 1 to 2."""

store_version = Table(
    "jira_pipeline_store",
    MetaData(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    # Null: it is the store people work on.
    Column("copied_to", Text),
)
"""One row. Not in `tables`: it says what those are."""

_APPEND_ONLY = {
    "ledger": ("UPDATE", "DELETE"),
    "audit": ("UPDATE", "DELETE"),
    "revisions": ("UPDATE",),
}
"""Tables and the statements they refuse; revisions are deleted with their session."""

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


def is_current(connection: Connection) -> bool:
    """Tell whether the tables are there, and of this version.

    Raises:
        StoreError: They are of a newer version than this program, have none, or were copied to
            another store.
    """
    inspector = inspect(connection)
    if not inspector.has_table(store_version.name):
        if inspector.has_table(tables.installation.name):
            raise StoreError(
                "The store has tables but no version: it is from 0.2.0 or just after it, "
                "which this program cannot read.",
                recovery_actions=(
                    "Put it away, and start with an empty store.",
                    "Keep it where its issues are in a real Jira: it alone knows which were sent.",
                ),
            )
        return False
    version, copied_to = connection.execute(select(store_version)).one()
    if copied_to is not None:
        raise StoreError(
            f"{COPIED_NOTICE}{copied_to}: this one is no longer used.",
            recovery_actions=("Set JIRA_PIPELINE_DATABASE_URL to that one.",),
        )
    newest = 1 + len(STEPS)
    if version > newest:
        raise StoreError(
            f"The store has version {version}; this program knows versions up to {newest}.",
            recovery_actions=(
                "Start the version of the program that wrote it, or a newer one.",
                "To go back, restore the backup made before the upgrade.",
            ),
        )
    return bool(version == newest)


def refuse_other_version(connection: Connection) -> None:
    """Let only a store of this very version be read: no table of it is changed here.

    Raises:
        StoreError: It has no tables, or those of another version; the message names both.
    """
    if is_current(connection):
        return
    newest = 1 + len(STEPS)
    if not inspect(connection).has_table(store_version.name):
        raise StoreError(
            "The database has no store yet, so there is nothing to read.",
            recovery_actions=("Start the program once with it.",),
        )
    version = connection.execute(select(store_version.c.version)).scalar_one()
    raise StoreError(
        f"The store has version {version}; this program reads version {newest}.",
        recovery_actions=(
            "Start this version of the program once, which brings the store up to date.",
            "Read it with the version of the program that keeps it.",
        ),
    )


def bring_up_to_date(connection: Connection, *, installation_id: str) -> None:
    """Make all tables where there are none, else do the steps that are missing; the caller commits."""
    newest = 1 + len(STEPS)
    if not inspect(connection).has_table(store_version.name):
        tables.metadata.create_all(connection, checkfirst=False)
        store_version.create(connection)
        for table, statements in _APPEND_ONLY.items():
            for statement in statements:
                _refuse(connection, table, statement)
        is_sqlite = connection.dialect.name == "sqlite"
        for words in _WORDS_IN_SQLITE if is_sqlite else _WORDS_IN_POSTGRES:
            connection.execute(text(words))
        row = {"number": 1, "installation_id": installation_id}
        connection.execute(insert(tables.installation).values(row))
        connection.execute(insert(store_version).values(version=newest))
        return
    version = connection.execute(select(store_version.c.version)).scalar_one()
    for step in STEPS[version - 1 :]:
        step(connection)
    connection.execute(update(store_version).values(version=newest))


def _refuse(connection: Connection, table: str, statement: str) -> None:
    """Let the database itself refuse a statement on an append-only table."""
    name = f"{table}_refuses_{statement.lower()}"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} BEFORE {statement} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER {name} BEFORE {statement} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    if statement == "DELETE":
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
