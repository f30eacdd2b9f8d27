"""What the operations guide says of the sandbox is so."""

import re
from pathlib import Path

import yaml

from jira_pipeline.jira_sandbox.faults import FaultKind
from jira_pipeline.jira_sandbox.site_file import SiteFile

GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


def test_the_site_in_the_guide_can_be_loaded() -> None:
    texts = re.findall(r"```yaml\n(.+?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    [text] = [text for text in texts if "projects:" in text]

    site = SiteFile.model_validate(yaml.safe_load(text))

    assert list(site.projects) == ["WEB"]


def test_the_guide_names_every_kind_of_fault() -> None:
    [line] = re.findall(r"^The kinds: (.+)\.$", GUIDE.read_text("utf-8"), re.MULTILINE)

    assert re.findall(r"`(\w+)`", line) == [kind.value for kind in FaultKind]
