"""Sends the issues of a file with `requests`: fifty in one request, files and links eight at a time."""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

BULK, THREADS = 50, 8

address, path = sys.argv[1:]
wanted = json.loads(Path(path).read_text(encoding="utf-8"))

site = requests.Session()
site.auth = ("owner@sandbox.example", "any")
api = f"{address}/rest/api/3"


def post(where: str, content: Any) -> requests.Response:
    answer = site.post(f"{api}/{where}", json=content, timeout=60)
    answer.raise_for_status()
    return answer


def attach(key: str, file: str) -> None:
    address = f"{api}/issue/{key}/attachments"
    with Path(file).open("rb") as stream:
        unchecked = {"X-Atlassian-Token": "no-check"}
        answer = site.post(address, files={"file": stream}, headers=unchecked, timeout=60)
    answer.raise_for_status()


def link_issues(link: Mapping[str, Any]) -> None:
    inward, outward = keys[link["inward"]], keys[link["outward"]]
    content = {
        "type": {"name": link["type"]},
        "inwardIssue": {"key": inward},
        "outwardIssue": {"key": outward},
    }
    post("issueLink", content)


updates = [{"fields": issue["fields"]} for issue in wanted["issues"]]
keys = []
for at in range(0, len(updates), BULK):
    made = post("issue/bulk", {"issueUpdates": updates[at : at + BULK]}).json()
    keys += [issue["key"] for issue in made["issues"]]
with ThreadPoolExecutor(THREADS) as threads:
    sent = zip(keys, wanted["issues"], strict=True)
    waited = [threads.submit(attach, key, file) for key, issue in sent for file in issue["files"]]
    waited += [threads.submit(link_issues, link) for link in wanted["links"]]
    for one in waited:
        one.result()
