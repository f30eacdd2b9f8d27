"""How many examples Hypothesis makes of a page: as many as the command asks for, or as the form."""

import os

from jira_pipeline_tests.long_form import examples


def example_count(default: int = 2_000) -> int:
    """Read `ADF_EXAMPLES`, which `make adf-any` sets."""
    return int(os.environ.get("ADF_EXAMPLES") or examples(default))  # noqa: TID251 - a matter of tests
