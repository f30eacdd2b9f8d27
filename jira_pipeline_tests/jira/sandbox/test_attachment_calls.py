"""Attachments: the XSRF rule, names and bytes that survive, limits."""

import httpx
import pytest

from jira_pipeline_tests.jira.sandbox.plain_issues import NO_CHECK, Create, attach, fields_of


def test_an_attachment_comes_back_byte_for_byte(client: httpx.Client, create: Create) -> None:
    key = create()
    content = b"\x00\r\n--not a boundary\r\n\xff\n"

    added = attach(client, key, ('Tabelle "ü" 100%.md', content, "text/markdown"))
    [one] = added.json()
    on_issue = fields_of(client, key)["attachment"]

    assert added.status_code == 200
    assert one["filename"] == 'Tabelle "ü" 100%.md'
    assert one["size"] == len(content)
    assert one["mimeType"] == "text/markdown"
    assert [other["id"] for other in on_issue] == [one["id"]]


def test_several_files_come_in_one_request_in_order(client: httpx.Client, create: Create) -> None:
    key = create()

    added = client.post(
        f"/rest/api/3/issue/{key}/attachments",
        files=[("file", ("a.txt", b"a")), ("other", ("b.txt", b"b")), ("file", ("c.txt", b""))],
        headers=NO_CHECK,
    ).json()

    assert [(one["filename"], one["size"]) for one in added] == [("a.txt", 1), ("c.txt", 0)]


def test_without_the_token_header_the_xsrf_check_fails(
    client: httpx.Client, create: Create
) -> None:
    key = create()

    answer = client.post(f"/rest/api/3/issue/{key}/attachments", files={"file": b"x"})

    assert answer.status_code == 403
    assert answer.text == "XSRF check failed"
    assert fields_of(client, key)["attachment"] == []


def test_a_file_above_the_stated_limit_and_more_than_sixty_are_refused(
    client: httpx.Client, create: Create
) -> None:
    limit_bytes = client.get("/rest/api/3/attachment/meta").json()["uploadLimit"]

    large = attach(client, create(), ("big.bin", b"x" * (limit_bytes + 1)))
    many = attach(client, create(), *((f"{number}.txt", b"x") for number in range(61)))

    assert (large.status_code, many.status_code) == (413, 413)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        pytest.param("application/json", b"{}", 415, id="not-multipart"),
        pytest.param("multipart/form-data", b"", 415, id="no-boundary"),
        pytest.param("multipart/form-data; boundary=b", b"--b\r\n\r\nx", 400, id="torn"),
        pytest.param("multipart/form-data; boundary=b", b"--b--\r\n", 400, id="no-file"),
    ],
)
def test_a_body_that_is_not_complete_form_data_is_refused(
    client: httpx.Client, create: Create, content_type: str, body: bytes, status: int
) -> None:
    answer = client.post(
        f"/rest/api/3/issue/{create()}/attachments",
        content=body,
        headers={**NO_CHECK, "Content-Type": content_type},
    )

    assert answer.status_code == status


def test_a_path_in_a_file_name_is_cut_off(client: httpx.Client, create: Create) -> None:
    answer = client.post(
        f"/rest/api/3/issue/{create()}/attachments",
        content=(
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="..\\\\..\\\\etc/passwd"'
            b"\r\n\r\nx\r\n--b--\r\n"
        ),
        headers={**NO_CHECK, "Content-Type": "multipart/form-data; boundary=b"},
    )

    assert [one["filename"] for one in answer.json()] == ["passwd"]
