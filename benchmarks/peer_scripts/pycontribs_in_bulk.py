"""Sends the issues of a file with pycontribs' `jira`, fifty at once by its `create_issues`."""

import json
import sys
from pathlib import Path

from jira import JIRA

BULK = 50

address, path = sys.argv[1:]
wanted = json.loads(Path(path).read_text(encoding="utf-8"))

site = JIRA(address, basic_auth=("owner@sandbox.example", "any"), options={"rest_api_version": "3"})
fields = [issue["fields"] for issue in wanted["issues"]]
keys = []
for at in range(0, len(fields), BULK):
    keys += [made["issue"].key for made in site.create_issues(field_list=fields[at : at + BULK])]
for key, issue in zip(keys, wanted["issues"], strict=True):
    for file in issue["files"]:
        site.add_attachment(issue=key, attachment=file)
for link in wanted["links"]:
    site.create_issue_link(link["type"], keys[link["inward"]], keys[link["outward"]])
