"""Sends the issues of a file with `requests`: fifty in one request, files and links eight at a time."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

BULK, THREADS = 50, 8

address, path = sys.argv[1:]
wanted = json.loads(Path(path).read_text(encoding="utf-8"))

site = requests.Session()
site.auth = ("owner@sandbox.example", "any")
api = f"{address}/rest/api/3"


def post(where: str, **content: object) -> requests.Response:
    answer = site.post(f"{api}/{where}", timeout=60, **content)
    answer.raise_for_status()
    return answer


def attach(key: str, file: str) -> None:
    with Path(file).open("rb") as stream:
        post(
            f"issue/{key}/attachments",
            files={"file": stream},
            headers={"X-Atlassian-Token": "no-check"},
        )


def link_issues(link: dict[str, object]) -> None:
    ends = {
        end: {"key": keys[link[end.removesuffix("Issue")]]}
        for end in ("inwardIssue", "outwardIssue")
    }
    post("issueLink", json={"type": {"name": link["type"]}, **ends})


updates = [{"fields": issue["fields"]} for issue in wanted["issues"]]
keys = []
for at in range(0, len(updates), BULK):
    made = post("issue/bulk", json={"issueUpdates": updates[at : at + BULK]}).json()
    keys += [issue["key"] for issue in made["issues"]]
with ThreadPoolExecutor(THREADS) as threads:
    sent = zip(keys, wanted["issues"], strict=True)
    waited = [threads.submit(attach, key, file) for key, issue in sent for file in issue["files"]]
    waited += [threads.submit(link_issues, link) for link in wanted["links"]]
    for one in waited:
        one.result()
