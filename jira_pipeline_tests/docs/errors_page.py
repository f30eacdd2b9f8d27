"""Writes the table of `docs/errors.md`: `make errors-page`."""

from pathlib import Path

from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import meanings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
HEAD = "| code | category | means | what to do |\n|---|---|---|---|\n"


def table() -> str:
    """One row for each code, as `errors.toml` orders them."""
    return HEAD + "".join(
        f"| `{code}` | {meaning.category} | {meaning.means} "
        f"| {' '.join(map(action_text, meaning.actions_on()))} |\n"
        for code, meaning in meanings().items()
    )


if __name__ == "__main__":
    before, _, rows = PAGE.read_text("utf-8").partition(HEAD)
    after = [line for line in rows.splitlines(keepends=True) if not line.startswith("|")]
    PAGE.write_text(before + table() + "".join(after), "utf-8")
