"""Drives the API with a client that openapi-python-client made; started by a test.

Its arguments: the address, a token, the folder of the sheets, the folder that has `made_client`.
"""

import sys
from io import BytesIO
from pathlib import Path

sys.path.insert(0, sys.argv[4])

from made_client import AuthenticatedClient
from made_client.api.export import export_plan_api_sessions_key_export_plan_get as export_plan
from made_client.api.export import export_results_api_jira_export_results_key_get as export_results
from made_client.api.export import export_status_api_jira_export_status_key_get as export_status
from made_client.api.export import start_export_api_jira_export_session_key_post as start_export
from made_client.api.questions import answer_api_sessions_key_questions_answers_post as answer
from made_client.api.questions import (
    list_questions_api_sessions_key_questions_get as list_questions,
)
from made_client.api.tickets import edit_api_sessions_key_tickets_number_patch as edit
from made_client.api.tickets import ready_api_sessions_key_tickets_ready_post as ready
from made_client.api.tickets import show_ticket_api_sessions_key_tickets_number_get as show_ticket
from made_client.api.uploads import send_files_api_sessions_key_uploads_post as send_files
from made_client.api.uploads import (
    take_upload_api_sessions_key_uploads_upload_id_take_post as take_upload,
)
from made_client.api.writing import generate_api_sessions_key_generate_post as generate
from made_client.api.writing import (
    processing_status_api_sessions_key_processing_status_get as processing_status,
)
from made_client.api.writing import validate_api_sessions_key_validate_post as validate
from made_client.models import (
    Answers,
    BodySendFilesApiSessionsKeyUploadsPost,
    Edit,
    EditedPart,
    EditParts,
    ExportCompleted,
    ExportStarted,
    GivenAnswer,
    Preview,
    Problem,
)
from made_client.types import File

SESSION = "from_python"
NUMBER = 1


def main(address: str, token: str, folder: Path) -> None:
    """Upload, answer, edit, mark ready, export, follow, read the results."""
    client = AuthenticatedClient(base_url=address, token=token, timeout=120)

    files = [
        File(payload=BytesIO(path.read_bytes()), file_name=path.name)
        for path in sorted(folder.iterdir())
    ]
    body = BodySendFilesApiSessionsKeyUploadsPost(files=files)
    preview = send_files.sync(SESSION, client=client, body=body, idempotency_key="sheets")
    assert isinstance(preview, Preview), preview
    assert preview.is_new
    take_upload.sync(SESSION, preview.upload_id, client=client)
    generate.sync(SESSION, client=client)
    written = processing_status.sync(SESSION, client=client)
    assert written.status == "completed", written

    asked = list_questions.sync(SESSION, client=client, open_=True)
    given = [GivenAnswer(place=asked.questions[0].place, answer="Editors only")]
    kept = answer.sync(SESSION, client=client, body=Answers(answers=given))
    assert (kept.kept, kept.open_) == (1, asked.open_ - 1)

    shown = show_ticket.sync_detailed(SESSION, NUMBER, client=client)
    parts = EditParts()
    parts["notes"] = EditedPart(markdown="Ask the **museum** first.")
    edited = edit.sync(
        SESSION, NUMBER, client=client, body=Edit(parts=parts), if_match=shown.headers["etag"]
    )
    assert edited.changed, edited
    stale = start_export.sync(SESSION, client=client)
    assert isinstance(stale, Problem), stale
    assert (stale.status, stale.code) == (409, "stale")

    validate.sync(SESSION, client=client)
    marked = ready.sync(SESSION, client=client)
    assert marked.changed == preview.tickets
    plan = export_plan.sync(SESSION, client=client)
    assert (len(plan.create), plan.blocked) == (preview.tickets, None)

    started = start_export.sync(SESSION, client=client, idempotency_key="release")
    assert isinstance(started, ExportStarted), started
    ended = export_status.sync(SESSION, client=client)
    assert isinstance(ended, ExportCompleted), ended
    assert ended.task_id == started.task_id
    results = export_results.sync(SESSION, client=client)
    assert results.total_tickets_created == ended.jira_tickets_created == preview.tickets
    assert all(issue.jira_key for issue in results.jira_tickets)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
