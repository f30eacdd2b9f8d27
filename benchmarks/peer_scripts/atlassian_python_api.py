"""Sends the issues of a file with atlassian-python-api, one after the other."""

import json
import sys
from pathlib import Path

from atlassian import Jira

OWNER = ("owner@sandbox.example", "any")

address, path = sys.argv[1:]
wanted = json.loads(Path(path).read_text(encoding="utf-8"))

site = Jira(url=address, username=OWNER[0], password=OWNER[1], cloud=True, api_version="3")
keys = [site.create_issue(fields=issue["fields"])["key"] for issue in wanted["issues"]]
for key, issue in zip(keys, wanted["issues"], strict=True):
    for file in issue["files"]:
        site.add_attachment(key, file)
for link in wanted["links"]:
    site.create_issue_link(
        {
            "type": {"name": link["type"]},
            "inwardIssue": {"key": keys[link["inward"]]},
            "outwardIssue": {"key": keys[link["outward"]]},
        }
    )
