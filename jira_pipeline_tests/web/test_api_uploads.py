"""Uploads over HTTP: sent, looked at, taken; and the writing of tickets that follows."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from jira_pipeline.kernel.people import Role
from jira_pipeline.web.api.shapes import PAGE_MAX
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import ClientOf, signed_in, walked

pytestmark = pytest.mark.small_site


def _sent(client: TestClient, folder: Path, key: str) -> dict[str, object]:
    files = [("files", (path.name, path.read_bytes())) for path in sorted(folder.iterdir())]
    answer = client.post(f"/api/sessions/{key}/uploads", files=files)
    assert answer.status_code == 201, answer.text
    preview: dict[str, object] = answer.json()
    return preview


def test_a_corrected_upload_is_looked_at_and_taken(fresh_web: Web, sheets: Path) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    projects.rename_a_field(sheets)

    shown = _sent(client, sheets, SESSION)
    address = f"/api/sessions/{SESSION}/uploads/{shown['upload_id']}"
    before = fresh_web.pipeline.store.sessions.get(SESSION)

    assert (shown["is_new"], shown["is_unchanged"], shown["is_refused"]) == (False, False, False)
    assert [c["becomes"] for c in shown["changes"]] == ["changed"]  # type: ignore[attr-defined]
    assert client.get(address).json() == shown
    assert fresh_web.pipeline.store.sessions.get(SESSION) == before

    taken = client.post(f"{address}/take", json={})
    assert (taken.status_code, taken.json()["is_replaced"]) == (200, True)
    again = client.post(f"{address}/take", json={})
    assert (again.status_code, again.json()["is_unchanged"]) == (200, True)


def test_of_what_an_upload_is_full_of_a_part_is_shown_and_where_the_rest_is(
    fresh_web: Web, tmp_path: Path
) -> None:
    """A preview was as long as its sheets are bad."""
    client = signed_in(fresh_web, Role.REVIEWER)
    rows = (
        f"Clock,Field {n},field_{n},a,Entity reference,Nowhere {n},?" for n in range(PAGE_MAX + 20)
    )
    header = "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Vals."
    folder = tmp_path / "wide"
    folder.mkdir()
    (folder / "bundles.csv").write_text("Name,Machine name,Type,X\nClock,clock,Content type,a\n")
    (folder / "fields.csv").write_text("\n".join([header, *rows]), encoding="utf-8")

    shown = _sent(client, folder, "second")
    [(name, rest)] = shown["more"].items()  # type: ignore[attr-defined]
    whole = walked(client, f"{rest['address']}&limit=200", name)
    first = client.get(rest["address"]).json()
    findings = walked(client, rest["address"].replace(name, "findings") + "&limit=150", "findings")

    assert (name, rest["total"], len(whole)) == ("questions", PAGE_MAX + 20, PAGE_MAX + 20)
    assert len({question["line"] for question in whole}) == PAGE_MAX + 20
    assert shown["questions"] == first["questions"] == whole[:PAGE_MAX]
    assert findings == shown["findings"] == first["findings"]


def test_an_upload_sent_again_is_the_same_whatever_its_boundary(fresh_web: Web) -> None:
    """The boundary was hashed too, so no upload was ever answered again."""
    client = signed_in(fresh_web, Role.REVIEWER)
    address = "/api/sessions/second/uploads"

    def send(*, boundary: str, cell: str = "Keeper", name: str = "roles.csv") -> Response:
        part = f'content-disposition: form-data; name="files"; filename="{name}"'
        body = f"--{boundary}\r\n{part}\r\n\r\nName,ID\n{cell},keeper\n\r\n--{boundary}--\r\n"
        kind = f"multipart/form-data; boundary={boundary}"
        headers = {"Idempotency-Key": "sheets-1", "content-type": kind}
        return client.post(address, content=body.encode(), headers=headers)

    first, again = send(boundary="one"), send(boundary="two")
    others = [send(boundary="one", cell="Clerk"), send(boundary="one", name="other.csv")]

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert [one.json()["code"] for one in others] == ["idempotency_key_refused"] * 2


def test_a_new_session_is_written_from_what_was_sent(fresh_web: Web, sheets: Path) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    shown = _sent(client, sheets, "second")
    assert shown["is_new"]
    taken = client.post(f"/api/sessions/second/uploads/{shown['upload_id']}/take")
    assert taken.status_code == 200

    started = client.post("/api/sessions/second/generate", json={})

    assert started.status_code == 202
    assert set(started.json()) == {
        "task_id", "session_id", "session_key", "status", "estimated_duration_minutes",
        "total_files",
        "estimated_tickets", "llm_provider",
    }  # fmt: skip
    assert started.json()["llm_provider"] == "template"
    status = client.get("/api/sessions/second/processing/status").json()
    assert (status["status"], status["ready_for_review"]) == ("completed", True)
    assert client.post("/api/sessions/second/processing/retry").json()["code"] == "nothing_to_retry"
    assert client.post("/api/sessions/second/processing/cancel").json()["code"] == (
        "nothing_to_cancel"
    )
    validated = client.post("/api/sessions/second/validate")
    assert (validated.status_code, validated.json()["already_running"]) == (202, False)


def test_what_unknown_headers_mean_is_said_for_an_upload(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    files = [("files", ("roles.csv", b"Who,Key,X\nKeeper,day_keeper,a\n"))]
    shown = client.post("/api/sessions/third/uploads", files=files).json()
    address = f"/api/sessions/third/uploads/{shown['upload_id']}/columns"

    mapped = client.post(address, json={"columns": {"roles.csv": {"Who": "Name"}, "Key": "ID"}})
    wrong = client.post(address, json={"columns": {"Who": "Nonsense"}}).json()

    assert shown["is_refused"]
    assert {one["header"] for one in shown["unknown_headers"]} == {"Who", "Key"}
    assert mapped.status_code == 200
    assert mapped.json()["upload_id"] != shown["upload_id"]
    assert "column_mapping_invalid" in {finding["code"] for finding in wrong["findings"]}


def test_sheets_with_errors_are_shown_and_refused(fresh_web: Web, sheets: Path) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    shown = _sent(client, projects.blank_view_ids(sheets), "third")
    assert shown["is_refused"]

    refused = client.post(f"/api/sessions/third/uploads/{shown['upload_id']}/take")

    assert (refused.status_code, refused.json()["code"]) == (422, "sheets_refused")
    assert refused.json()["findings"]


def test_what_is_no_sheet_or_has_a_path_is_refused(client_of: ClientOf) -> None:
    client = client_of(Role.REVIEWER)

    for name in ("../a.csv", "a.exe"):
        answer = client.post("/api/sessions/x/uploads", files=[("files", (name, b"a,b\n"))])
        assert answer.json()["code"] == "input_refused", name
    nothing = client.post("/api/sessions/x/uploads", data={})
    unknown = client.get(f"/api/sessions/x/uploads/{'0' * 32}")

    assert nothing.status_code == 422
    assert unknown.json()["code"] == "unknown_upload"


def test_a_body_beyond_its_limit_is_refused_as_a_problem(client_of: ClientOf) -> None:
    body = b'{"project_key": "' + b"A" * 5_000_000 + b'"}'

    answer = client_of(Role.REVIEWER).post(
        "/api/jira/validate-project", content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 413
    assert answer.json()["error_category"] == "user_fixable"


def test_an_unusable_model_starts_nothing(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)

    refused = client.post(
        f"/api/sessions/{SESSION}/generate", json={"writer": "openai:a-model-without-a-key"}
    )

    unknown = client.post(f"/api/sessions/{SESSION}/generate", json={"writer": "nobody"})

    assert refused.status_code == 503, refused.text
    assert refused.headers["retry-after"]
    assert refused.json()["error_category"] == "temporary"
    assert refused.json()["user_message"].startswith("LLM service unavailable: ")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "wrong_use")
    assert fresh_web.runs.in_flight(SESSION) == []
