"""What is imported before anybody asks for it: nothing that talks to models."""

import subprocess
import sys

import pytest

ASKS_MODELS = {"anthropic", "genai_prices", "httpx2", "openai", "pydantic_ai"}
"""Of the extra `llm`; two seconds together."""


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        pytest.param("jira_pipeline.definitions", ASKS_MODELS, id="Dagster"),
        pytest.param(
            "jira_pipeline.sessions.composition", ASKS_MODELS | {"dagster"}, id="pipeline"
        ),
        pytest.param(
            "jira_pipeline.cli.app",
            ASKS_MODELS | {"dagster", "pandas", "sqlalchemy", "jira_pipeline.stages.quality"},
            id="command line",
        ),
    ],
)
def test_starting_imports_only_what_everybody_needs(module: str, absent: set[str]) -> None:
    asked = f"import sys, {module}; print(*sorted({absent!r} & set(sys.modules)))"

    started = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )

    assert started.stdout.split() == []
