"""Whatever a server sends, it is bounded once, before anything reads it."""

import gzip
import json
import resource
import zlib
from collections.abc import Callable
from itertools import product
from time import process_time
from typing import TYPE_CHECKING

import pytest

from jira_pipeline.writing.models.conversation import (
    PING_QUESTION,
    Failure,
    FailureKind,
    Reply,
    ReplyEnd,
    json_in,
)
from jira_pipeline_tests.late import Late
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.scripted_models import Raw
from jira_pipeline_tests.writing.test_model_calls import answer_to

pytestmark = pytest.mark.xdist_group("models")

if TYPE_CHECKING:
    from jira_pipeline.writing.models import bounded_answers, server_answers
else:
    bounded_answers = Late("jira_pipeline.writing.models.bounded_answers")
    server_answers = Late("jira_pipeline.writing.models.server_answers")

ANSWER = json.dumps({"choices": [{"message": {"content": "yes"}}]}).encode()


def zipped(body: bytes) -> bytes:
    return gzip.compress(body)


def deflated(body: bytes) -> bytes:
    return zlib.compress(body)


@each(("encoding", "packed"), [("gzip", zipped), ("x-gzip", zipped), ("deflate", deflated)])
def test_an_answer_is_unpacked(encoding: str, packed: Callable[[bytes], bytes]) -> None:
    answer = answer_to("compatible", Raw(body=packed(ANSWER), encoding=encoding))

    assert isinstance(answer, Reply)
    assert answer.text == "yes"


def test_an_answer_that_unpacks_to_300_mb_takes_no_memory() -> None:
    """600 kB took 2 GB."""
    bomb = zipped(b" " * 300_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for provider in ("compatible", "anthropic"):
        answer = answer_to(provider, Raw(body=bomb, encoding="gzip"))

        assert isinstance(answer, Failure)
        assert (answer.kind, answer.may_be_paid) == (FailureKind.UNUSABLE, True)
        assert "10 MB" in answer.reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@each(
    ("raw", "reason"),
    [
        (Raw(body=ANSWER, encoding="br"), "packed as br"),
        (Raw(body=ANSWER, encoding="gzip, gzip"), "packed as gzip, gzip"),
        (Raw(body=ANSWER, encoding="gzip"), "cannot be unpacked"),
        (Raw(body=b"[" * 5_000_000), "nested too deeply"),
        (Raw(body=b'{"a":' * 300 + b"1" + b"}" * 300), "nested too deeply"),
        (Raw(body=b"data:{}\n" * 200_000), "stream of too many events"),
    ],
)
def test_an_answer_beyond_the_bounds_is_unusable(raw: Raw, reason: str) -> None:
    answer = answer_to("openai", raw)

    assert isinstance(answer, Failure)
    assert answer.kind is FailureKind.UNUSABLE
    assert reason in answer.reason


def test_an_error_beyond_the_bounds_is_known_by_its_status() -> None:
    for body in (b"x" * 11_000_000, b'{"error":' * 900 + b"1" + b"}" * 900):
        answer = answer_to("openai", Raw(status=401, body=body))

        assert isinstance(answer, Failure)
        assert answer.kind is FailureKind.NO_ACCESS


def test_a_text_longer_than_its_tokens_is_cut_off() -> None:
    characters = PING_QUESTION.answer_tokens_max * 8
    body = json.dumps({"choices": [{"message": {"content": "x" * (characters + 1)}}]})

    answer = answer_to("compatible", Raw(body=body.encode()))

    assert isinstance(answer, Reply)
    assert (len(answer.text), answer.end) == (characters, ReplyEnd.TRUNCATED)


@each(
    ("written", "read"),
    [
        ("1e30", 10**12),
        ("-1e400", -(10**12)),
        ("9" * 5_000, 10**12),
        ("-" + "9" * 40, -(10**12)),
        ("NaN", None),
        ("Infinity", None),
        ("1.5", 1.5),
        ("12", 12),
    ],
)
def test_a_number_has_a_bound(written: str, read: float | None) -> None:
    assert bounded_answers.bounded_json(f"[{written}]") == [read]


UNITS = [*'"{}[]:,\\ \n0ax', '\\"', '"\\', '{"', '":', '",', "},", "],", ",]", ", ", '{"x":', "[{"]
UNITS += [
    '"a",',
    '{"analysis":',
    '"drop"',
    "\\\\",
    "\\u",
    "null",
    "<think>",
    "</",
    "</a",
    "<|channel|>",
]
CHARACTERS = 100_000
"""More than the longest answer that is read may have: 16,000 tokens at eight characters."""


SURROUNDINGS = [*product(("", '"', '{"analysis": ["'), ("", "\\", '"', "}"))]
SURROUNDED_UNITS = [
    (unit, before, after)
    for number, (unit, (before, after)) in enumerate(product(UNITS, SURROUNDINGS))
    if IS_LONG or number % 5 == 0  # each unit in two or three, all surroundings in turn
]


@each(("unit", "before", "after"), SURROUNDED_UNITS)
def test_no_text_of_an_answer_takes_long_to_read(unit: str, before: str, after: str) -> None:
    """240 kB of escaped quotes stood still for 150 s, and could not be stopped."""
    text = f"{before}{unit * (CHARACTERS // len(unit))}{after}"
    began = process_time()

    json_in(text, frozenset({"analysis", "drop"}))

    assert process_time() - began < 4
