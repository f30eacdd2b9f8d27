"""Takes sheets to issues with a client that was generated from the document of the API.

It runs in the environment of the generator, with the address of a program that serves, a token and a file
of sheets; the generated package is on its path. A test starts it; where something is not as the
document says, it raises.
"""
# mypy: ignore-errors
# There is nothing that it imports before the test runs.

import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

from generated_client import AuthenticatedClient, models, types
from generated_client.api.export import (
    convert_tickets,
    export_results,
    export_status,
    start_export,
    validate_project,
)
from generated_client.api.sessions import ready, tickets, upload_files
from generated_client.api.tasks import show_task
from generated_client.api.writing import generate, processing_status

PACE_SECONDS = 2.1
ATTEMPTS_MAX = 60
KEY = "generated"


def followed(ask: Any, client: AuthenticatedClient) -> Any:
    """Ask for a status, no faster than the server answers, until it is completed."""
    for _ in range(ATTEMPTS_MAX):
        status = ask.sync(KEY, client=client)
        if getattr(status, "status", "") == "completed":
            return status
        time.sleep(PACE_SECONDS)
    raise AssertionError(f"{ask.__name__}: not completed: {status}")


def problem_in(answer: types.Response[Any], status: HTTPStatus) -> models.Problem:
    """Return the typed problem of an answer with this status."""
    assert answer.status_code == status, answer
    assert isinstance(answer.parsed, models.Problem), answer.parsed
    assert answer.parsed.status == status
    return answer.parsed


def main(address: str, token: str, sheets: Path) -> None:
    """Upload, write, approve, export; then meet the errors that programs meet."""
    client = AuthenticatedClient(base_url=address, token=token, timeout=120.0)
    with sheets.open("rb") as content:
        file = types.File(payload=content, file_name=sheets.name, mime_type="text/csv")
        body = models.UploadFilesUploadWanted(session_key=KEY, files=[file])
        uploaded = upload_files.sync(client=client, body=body)
    assert isinstance(uploaded, models.Uploaded), uploaded

    written = generate.sync(KEY, client=client, body=models.Nothing(), idempotency_key="write")
    again = generate.sync(KEY, client=client, body=models.Nothing(), idempotency_key="write")
    assert isinstance(written, models.GenerationStarted), written
    assert again == written
    assert followed(processing_status, client).tickets > 0
    assert show_task.sync(written.task_id, client=client).task_id == written.task_id

    listed = tickets.sync(KEY, client=client).tickets
    numbers = [ticket.number for ticket in listed]
    assert convert_tickets.sync(KEY, client=client, body=models.TicketsToConvert()).all_passed
    ready.sync(KEY, client=client, body=models.ReadyWanted(numbers=numbers))
    project = validate_project.sync(client=client, body=models.ProjectToCheck(project_key="SBX"))
    assert isinstance(project, models.CheckedProject), project

    started = start_export.sync(KEY, client=client)
    assert isinstance(started, (models.ExportStarted, models.ExportRunning)), started
    assert followed(export_status, client).jira_tickets_created == len(numbers)
    assert len(export_results.sync(KEY, client=client).jira_tickets) == len(numbers)

    stranger = AuthenticatedClient(base_url=address, token="wrong")
    problem_in(export_status.sync_detailed(KEY, client=stranger), HTTPStatus.UNAUTHORIZED)
    unknown = problem_in(
        export_status.sync_detailed("nowhere", client=client), HTTPStatus.NOT_FOUND
    )
    assert unknown.code == "unknown_session"
    wanted = models.ExportWanted(update=True)
    refused = start_export.sync_detailed(KEY, client=client, body=wanted)
    problem = problem_in(refused, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert problem.actions[0].href.startswith(f"/api/sessions/{KEY}/plan"), problem
    export_status.sync_detailed(KEY, client=client)
    problem_in(export_status.sync_detailed(KEY, client=client), HTTPStatus.TOO_MANY_REQUESTS)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
