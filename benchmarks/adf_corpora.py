"""What the converters are given, and the official schema they are held against.

Belongs here: fetching and reading corpora of others; nothing of them is kept in the project.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from benchmarks.packages import npm_folder

SHARED_SCHEMA_PATH: Final = (
    Path(__file__).parents[1].parent / "shared" / "data" / "adf" / "full.json"
)
_EXAMPLE = re.compile(r"^`{32} example\n([\s\S]*?)^\.\n([\s\S]*?)^`{32}$", re.MULTILINE)
_COMMONMARK_PACKAGE = "commonmark-spec@0.31.2"
_SCHEMA_PACKAGE = "@atlaskit/adf-schema@57.7.22"
_COMMONMARK_COUNT = 652


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One piece of Markdown and the HTML that it means."""

    number: int
    markdown: str
    html: str


def commonmark_examples() -> list[Example]:
    """Read the examples of the CommonMark specification 0.31.2, numbered as there.

    Raises:
        PackageUnavailableError: the specification could not be fetched.
    """
    folder = npm_folder("commonmark-spec", [_COMMONMARK_PACKAGE])
    specification = (folder / "commonmark-spec" / "spec.txt").read_text(encoding="utf-8")
    pairs = _EXAMPLE.findall(specification.replace("→", "\t"))
    if len(pairs) != _COMMONMARK_COUNT:
        raise AssertionError(f"{len(pairs)} examples read instead of {_COMMONMARK_COUNT}.")
    return [
        Example(number=number, markdown=markdown, html=html)
        for number, (markdown, html) in enumerate(pairs, start=1)
    ]


def is_schema_valid(document: object) -> bool:
    """Tell whether Atlassian's own schema takes a document as JSON.

    Raises:
        PackageUnavailableError: the schema lies nowhere and could not be fetched.
    """
    return bool(official_schema().is_valid(json.loads(json.dumps(document))))


@cache
def official_schema() -> Any:
    """Compile Atlassian's own schema; only its `is_valid` is fast on invalid documents.

    Raises:
        PackageUnavailableError: it lies nowhere and could not be fetched.
    """
    path = SHARED_SCHEMA_PATH
    if not path.exists():
        folder = npm_folder("adf-schema", [_SCHEMA_PACKAGE])
        path = folder / "@atlaskit" / "adf-schema" / "dist" / "json-schema" / "v1" / "full.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8")))
