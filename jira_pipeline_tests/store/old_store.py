"""A store as the last commit before 0.2.0 left it: tables of fourteen migrations, rows of then.

Belongs here: making it in an empty database, in plain SQL (`tables_0015` has what those migrations
executed). Nothing of today's tables, stores or values is used: what they make of these rows is what
tests look at.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from jira_pipeline.store.engine import create_store_engine

REVISION = "0015"
INSTALLATION = "00000000-0000-4000-8000-000000000005"
STATEMENTS = Path(__file__).parent / "tables_0015"
TARGET = "https://museum.example/10000"
ALPHA, BETA = "talpha", "tbeta"
WITHDRAWN = ("tgone1", "tgone2")
READY_HASH = "a" * 64
BUNDLES = "Name,Machine name,Type,X\nAlpha,alpha,Content type,a\nBeta,beta,Content type,a\n"
FIELDS = (
    "Bundle,Field label,Machine name,X,Field type,Vals.\n"
    "Alpha (Content type),Size,field_size,a,Text (plain),1\n"
    "Beta (Content type),Alpha,field_alpha,a,Text (plain),1\n"
)
SHEETS = {"Site_Bundles.csv": BUNDLES, "Site_Fields.csv": FIELDS}
_MANIFEST: Mapping[str, object] = {
    "site_name": "Old site",
    "site_description": "",
    "jira_project_key": None,
    "parent": None,
    "writer": None,
    "auto_approve": False,
    "include_waiting": False,
    "removals": True,
    "people": {},
    "defaults": {"assignee": None, "sprint": None, "priority": None, "labels": []},
}
_QUESTION = {
    "file": "Site_Fields.csv",
    "line": 2,
    "column": "Settings/notes",
    "quote": "tbd",
    "question": "What is decided for `field_size`?",
    "subjects": ["field_size"],
}

Row = Mapping[str, object]


def make_old_store(database_url: str, *, uploads_path: Path) -> None:
    """Fill an empty database and the folder of kept copies as they were at that time."""
    make_old_tables(database_url)
    content_sha256 = _keep_sheets(uploads_path)
    engine = create_store_engine(database_url)
    with engine.begin() as connection:
        for table, rows in _rows(content_sha256).items():
            _insert(connection, table, rows)
    engine.dispose()


def make_old_tables(database_url: str) -> None:
    """Make the tables, triggers and version stamp of then in an empty database."""
    engine = create_store_engine(database_url)
    with engine.begin() as connection:
        _execute(connection, engine.dialect.name)
        _insert(connection, "jira_pipeline_version", [{"version_num": REVISION}])
        _insert(connection, "installation", [{"number": 1, "installation_id": INSTALLATION}])
    engine.dispose()


def make_half_an_export(database_url: str) -> None:
    """Make the SQLite store of a process that ended after an issue was made, before its receipt.

    The last commit before 0.2.0 wrote it in `crash.export_world`: the third point after a request
    that creates an issue.
    """
    engine = create_store_engine(database_url)
    with engine.begin() as connection:
        _execute(connection, engine.dialect.name)
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        _insert(connection, "jira_pipeline_version", [{"version_num": REVISION}])
        _execute(connection, "half_an_export")
    engine.dispose()


def _execute(connection: Connection, name: str) -> None:
    for statement in (STATEMENTS / f"{name}.sql").read_text(encoding="utf-8").split(";\n\n"):
        connection.exec_driver_sql(statement)


def _at(minute: int) -> str:
    return f"2026-03-02T08:{minute:02}:00.000000+00:00"


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _keep_sheets(uploads_path: Path) -> str:
    """Write the kept copy of the sheets and return the hash of its content."""
    content_sha256 = _sha256("".join(f"{name}\n{_sha256(SHEETS[name])}\n" for name in SHEETS))
    folder = uploads_path / "site" / content_sha256[:16]
    folder.mkdir(parents=True)
    for name, content in SHEETS.items():
        (folder / name).write_bytes(content.encode())
    return content_sha256


def _insert(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows; numbers that the database gives are left to it."""
    for row in rows:
        columns = ", ".join(f'"{name}"' for name in row)
        values = ", ".join(f":{name}" for name in row)
        statement = f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608 - names below
        connection.execute(text(statement), dict(row))


def _rows(content_sha256: str) -> dict[str, list[Row]]:
    """Return the rows of every table, parents first."""
    session = {
        "session_key": "site",
        "content_sha256": content_sha256,
        "upload_path": f"site/{content_sha256[:16]}",
        "manifest": _json(_MANIFEST),
        "stage": "review",
        "status": "waiting",
        "created_at": _at(0),
        "updated_at": _at(9),
        "generated_at": _at(2),
        "generated_from_sha256": content_sha256,
        "last_validated_at": _at(9),
        "last_invalidated_at": _at(5),
        "run_id": "run-1",
        "progress_percentage": 100.0,
        "progress_text": "2 tickets validated",
        "writer": "template",
    }
    of_ticket = {"target_id": TARGET, "session_key": "site", "ticket_id": ALPHA}
    entry = {**of_ticket, "subject": "issue", "identity": "alpha", "attempt": 1, "detail": ""}
    return {
        "sessions": [session],
        "source_files": [_file(name, sheet) for name, sheet in zip(SHEETS, _KINDS, strict=True)],
        "findings": [_FINDING],
        "tickets": [
            _ticket(ALPHA, number=1, ready_hash=READY_HASH, ready_by="ab"),
            _ticket(
                BETA, number=2, current_revision=2, labels='["x"]', assigned_fields='["labels"]'
            ),
            _ticket(WITHDRAWN[0], number=3, group="gone1", withdrawal="agreed"),
            _ticket(WITHDRAWN[1], number=4, group="gone2", withdrawal="agreed"),
        ],
        "revisions": [
            *(_revision(ticket_id) for ticket_id in (ALPHA, BETA, *WITHDRAWN)),
            _revision(BETA, number=2, origin="edited", author="cd", analysis="<p>By hand.</p>"),
        ],
        "answers": [_ANSWER],
        "dependencies": [
            {
                "session_key": "site",
                "ticket_id": BETA,
                "other_ticket_id": ALPHA,
                "kind": "blocks",
                "origin": "manual",
            }
        ],
        "validations": [{"session_key": "site", "at": _at(9)}],
        "validation_results": [
            _result(ALPHA, position=0, rendered_hash=READY_HASH),
            _result(BETA, position=1, rendered_hash="b" * 64),
        ],
        "targets": [_TARGET],
        "ledger": [
            {**entry, "at": _at(10), "event": "intent", "low_bound": 7},
            {
                **entry,
                "at": _at(11),
                "event": "receipt",
                "remote_id": "10008",
                "remote_key": "OLD-8",
            },
        ],
        "manual_fixes": [_FIX],
        "export_steps": [_STEP],
        "retries": [{"session_key": "site", "what": "export", "count": 2}],
        "errors": [_ERROR],
        "audit": _audit(
            ("ab", "session_registered", {"content_sha256": content_sha256}),
            (
                "pipeline",
                "tickets_generated",
                {"created": [ALPHA, BETA], "withdrawn": [*WITHDRAWN]},
            ),
            ("cd", "ticket_edited", {"ticket_id": BETA, "revision": 2, "title": "Ärger & „Zitat“"}),
        ),
    }


def _file(name: str, sheet: str) -> Row:
    return {
        "session_key": "site",
        "name": name,
        "sheet": sheet,
        "row_count": 2,
        "sha256": _sha256(SHEETS[name]),
        "size_bytes": len(SHEETS[name]),
        "encoding": "utf-8",
        "delimiter": ",",
    }


def _ticket(ticket_id: str, *, number: int, group: str | None = None, **changes: object) -> Row:
    name = group or ticket_id.removeprefix("t")
    return {
        "ticket_id": ticket_id,
        "session_key": "site",
        "number": number,
        "group_key": f"bundle:Content type/{name}",
        "display_group": "Content",
        "action": "create",
        "current_revision": 1,
        "source_lines": _json([{"file": "Site_Bundles.csv", "lines": [number + 1]}]),
        "labels": "[]",
        "assigned_fields": "[]",
        "source_changes": "[]",
        **changes,
    }


def _revision(
    ticket_id: str,
    *,
    number: int = 1,
    origin: str = "generated",
    author: str = "template/1",
    analysis: str = "<p>As the sheets say.</p>",
) -> Row:
    return {
        "ticket_id": ticket_id,
        "number": number,
        "origin": origin,
        "title": f"Configure content type: {ticket_id.removeprefix('t').title()}",
        "user_story": "<p>As an editor, I want it.</p>",
        "analysis": analysis,
        "questions": "",
        "verification": "<ul><li>It is there</li></ul>",
        "notes": "",
        "open_questions": _json([_QUESTION]),
        "estimated_hours": "1-3",
        "writer": "template/1",
        "author": author,
        "created_at": _at(2 + number),
        "content_hash": f"{number}" * 64,
    }


def _result(ticket_id: str, *, position: int, rendered_hash: str) -> Row:
    return {
        "validation_id": 1,
        "position": position,
        "ticket_id": ticket_id,
        "title": f"Configure content type: {ticket_id.removeprefix('t').title()}",
        "is_passed": True,
        "rendered_hash": rendered_hash,
        "adf_size_bytes": 1200,
        "character_reduction": 0,
        "error_message": "",
        "suggested_fix": "",
        "is_attachment_checked": False,
        "attachment_status": "none",
        "revision": position + 1,
        "content_hash": f"{position + 1}" * 64,
        "violations": "[]",
    }


def _audit(*entries: tuple[str, str, Mapping[str, object]]) -> list[Row]:
    """Chain entries as the trail did: each names the hash of the one before it."""
    rows: list[Row] = []
    previous_hash = "0" * 64
    for sequence, (actor, action, details) in enumerate(entries, start=1):
        hashed = {
            "sequence": sequence,
            "at": _at(sequence),
            "session_key": "site",
            "actor": actor,
            "action": action,
            "details": details,
            "previous_hash": previous_hash,
        }
        entry_hash = _sha256(_json(hashed))
        rows.append({**hashed, "details": _json(details), "entry_hash": entry_hash})
        previous_hash = entry_hash
    return rows


_KINDS = ("bundle", "field")
_FINDING = {
    "session_key": "site",
    "position": 0,
    "severity": "warning",
    "code": "machine_name_invalid",
    "file": "Site_Fields.csv",
    "line": 2,
    "record": 2,
    "column": "Machine name",
    "value": "field_size",
    "message": "It looks odd.",
    "advice": "Look at it.",
}
_ANSWER = {
    "session_key": "site",
    "ticket_id": ALPHA,
    "question_id": _sha256(
        _json([_QUESTION[name] for name in ("file", "column", "quote", "question")])
    )[:16],
    "question": "What is decided for `field_size`?",
    "answer": "Forty.",
    "answered_by": "ab",
    "answered_at": _at(4),
}
_TARGET = {
    "target_id": TARGET,
    "site_id": "https://museum.example",
    "base_url": "https://museum.example",
    "project_id": "10000",
    "project_key": "OLD",
    "is_sandbox": False,
    "first_used_at": _at(10),
    "last_used_at": _at(11),
}
_FIX = {
    "session_key": "site",
    "target_id": TARGET,
    "ticket_id": ALPHA,
    "fix_type": "sprint_not_found",
    "subject": "Sprint 9",
    "title": "Configure content type: Alpha",
    "original_value": "Sprint 9",
    "recommended_action": "Move it there.",
    "jira_key": "OLD-8",
    "jira_url": "https://museum.example/browse/OLD-8",
    "state": "open",
    "created_at": _at(12),
}
_STEP = {
    "session_key": "site",
    "target_id": TARGET,
    "step": "create_issues",
    "run_id": "run-1",
    "started_at": _at(10),
    "seconds": 1.5,
    "done_count": 1,
    "requests": '{"POST /rest/api/3/issue":1}',
}
_ERROR = {
    "session_key": "site",
    "at": _at(12),
    "code": "gate_closed",
    "category": "user_fixable",
    "stage": "review",
    "message": "1 ticket waits for review.",
    "recovery_actions": '["Read it."]',
    "run_id": "run-0",
}
