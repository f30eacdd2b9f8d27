"""Sends the issues of a file with pycontribs' `jira`, one after the other, as its documentation does."""

import json
import sys
from pathlib import Path

from jira import JIRA

address, path = sys.argv[1:]
wanted = json.loads(Path(path).read_text(encoding="utf-8"))

site = JIRA(address, basic_auth=("owner@sandbox.example", "any"), options={"rest_api_version": "3"})
keys = [site.create_issue(fields=issue["fields"]).key for issue in wanted["issues"]]
for key, issue in zip(keys, wanted["issues"], strict=True):
    for file in issue["files"]:
        site.add_attachment(issue=key, attachment=file)
for link in wanted["links"]:
    site.create_issue_link(link["type"], keys[link["inward"]], keys[link["outward"]])
