"""Commands about one session: status, errors, audit, regenerate."""

from jira_pipeline.cli.console import counted, key_values, plain_table
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened, opened_session
from jira_pipeline.cli.running import run_for_session
from jira_pipeline.domain.tickets import nothing_to_do


def status(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """Show where a session stands and what to do next."""
    from jira_pipeline.defs import export_steps  # noqa: PLC0415 - starts fast

    with opened_session(session_key, is_json=is_json) as (screen, pipeline, found):
        report = export_steps.status(pipeline, found)
        session, left = report.session, report.remaining_seconds
        screen.answer(report.to_json())
        screen.show(
            key_values(
                {
                    "session": f"{session.session_key} ({session.site_name})",
                    "target": report.target,
                    "stage": f"{session.stage.value}, {session.status.value}",
                    "progress": f"{session.progress_percentage:.0f} % {session.progress_text}",
                    "tickets": f"{report.tickets_total}, {report.tickets_ready} ready, "
                    f"{report.tickets_exported} exported",
                    "stale": "; ".join(report.stale) or "no",
                    "run": session.run_id or "none yet",
                    "left": "" if left is None else f"about {left:.0f} s",
                    "error": report.error.message if report.error else "none",
                    "next": report.next_step,
                }
            )
        )


def sessions(*, is_json: JsonOption = False) -> None:
    """List all sessions, newest first."""
    with opened(is_json=is_json) as (screen, pipeline):
        listed = pipeline.store.sessions.list_all()
        rows = [
            (s.session_key, s.site_name, s.stage.value, s.status.value, f"{s.updated_at:%F %H:%M}")
            for s in listed
        ]
        columns = ("session_key", "site_name", "stage", "status", "updated_at")
        screen.answer([dict(zip(columns, row, strict=True)) for row in rows])
        screen.show(plain_table("", ("session", "site", "stage", "status", "changed (UTC)"), rows))


def errors(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """List the errors of a session, oldest first; also of a folder that never became one."""
    with opened(is_json=is_json) as (screen, pipeline):
        found = pipeline.store.errors.list_all(session_key)
        if not found:
            pipeline.store.sessions.get(session_key)
        screen.answer(
            [
                {
                    "id": e.error_id,
                    "at": e.at.isoformat(),
                    "code": e.code,
                    "category": e.category,
                    "stage": e.stage,
                    "message": e.message,
                    "recovery_actions": list(e.recovery_actions),
                    "ticket_id": e.ticket_id,
                    "file": e.file,
                    "line": e.line,
                }
                for e in found
            ]
        )
        rows = [
            (
                e.error_id,
                f"{e.at:%F %T}",
                e.category,
                e.stage,
                e.message,
                "; ".join(e.recovery_actions),
            )
            for e in found
        ]
        columns = ("id", "at (UTC)", "category", "stage", "what failed", "what to do")
        screen.show(plain_table("", columns, rows))
        screen.say(f"{counted(len(found), 'error')}.")


def audit(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """Show who did what to a session, oldest first."""
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, _):
        entries = pipeline.store.audit.entries(session_key)
        screen.answer(
            [
                {
                    "sequence": e.sequence,
                    "at": e.at.isoformat(),
                    "actor": e.actor,
                    "action": e.action,
                    "details": dict(e.details),
                    "hash": e.entry_hash,
                }
                for e in entries
            ]
        )
        rows = [
            (
                e.sequence,
                f"{e.at:%F %T}",
                e.actor,
                e.action,
                ", ".join(f"{k}={v}" for k, v in e.details.items())[:120],
            )
            for e in entries
        ]
        screen.show(plain_table("", ("no.", "at (UTC)", "who", "what", "details"), rows))


def regenerate(session_key: SessionArgument, *, is_json: JsonOption = False) -> None:
    """Write and validate the tickets of a session (job generate_tickets)."""
    with opened_session(session_key, is_json=is_json) as (screen, pipeline, _):
        run_for_session(screen, pipeline, session_key, job_name="generate_tickets")
        tickets = pipeline.store.tickets.list_all(session_key)
        session = pipeline.store.sessions.get(session_key)
        from jira_pipeline.defs import session_steps  # noqa: PLC0415 - starts fast

        page = session_steps.page_path(pipeline, session, session_steps.REVIEW_PAGE)
        screen.answer({"session_key": session_key, "tickets": len(tickets), "review": str(page)})
        told = f"{counted(len(tickets), 'ticket')} written and valid. Read them: {page}"
        screen.say(told if tickets else nothing_to_do(()))
