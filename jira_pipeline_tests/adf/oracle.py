"""Holds the validator against the official schema: `python -m jira_pipeline_tests.adf.oracle`.

Belongs here: the comparison, which the ordinary tests run on 2,000 documents, and the command
that runs it on as many as wanted. Does not: documents (`schema_documents`, `documents`), edits
(`spoiling`), the judge of places (`smallest_places`).
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from jira_pipeline.adf import validate_adf
from jira_pipeline.adf.kinds import Profile, kinds_of
from jira_pipeline.adf.validation import _Diagnosis, _is_right
from jira_pipeline_tests.adf.documents import FULL_BLOCKS, JIRA_BLOCKS, document_of
from jira_pipeline_tests.adf.schema_documents import SCHEMA_PATH, Json, SchemaDocuments
from jira_pipeline_tests.adf.smallest_places import SmallestPlaces
from jira_pipeline_tests.adf.spoiling import Edit, disjoint_edits, random_edit, spoiled, written

_EDIT_COUNTS = (0, 1, 1, 1, 2, 3)
_TRIES_FOR_THREE = 12
SHOWN_MAX = 20


@dataclass(slots=True)
class Figures:
    """What a comparison found."""

    documents: int = 0
    valid: int = 0
    disagreements: list[Json] = field(default_factory=list)
    """Documents of which the full profile says another thing than the schema."""
    wrongly_valid_for_jira: list[Json] = field(default_factory=list)
    """Documents that the Jira profile takes and the schema does not."""
    walks_apart: list[Json] = field(default_factory=list)
    """Documents of which the quick walk says another thing than the one that names faults."""
    single_faults: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    """Single faults with one violation, at a smallest place; by profile."""
    missed: list[str] = field(default_factory=list)
    three_faults: Counter[str] = field(default_factory=Counter)
    all_three: Counter[str] = field(default_factory=Counter)
    nothing_else: Counter[str] = field(default_factory=Counter)
    our_seconds: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    their_seconds: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    """Seconds of both, by whether the documents were valid."""


class Oracle:
    """The official schema, and what judges by it."""

    def __init__(self) -> None:
        """Read and compile the schema."""
        schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
        self._validator = jsonschema_rs.validator_for(schema)
        self._documents = SchemaDocuments(schema)
        self._places = SmallestPlaces(self._documents)

    def accepts(self, document: Any) -> bool:
        """Tell whether the schema accepts a document; only `is_valid` is fast on invalid ones."""
        return bool(self._validator.is_valid(document))

    def base(self, seed: int, *, is_for_jira: bool = False) -> Json:
        """Make a valid document; the seed says which."""
        chooser = random.Random(seed)  # noqa: S311 - documents to reproduce, not secrets
        if is_for_jira or chooser.random() < 0.2:
            blocks = JIRA_BLOCKS if is_for_jira else FULL_BLOCKS
            return document_of(chooser.sample(blocks, chooser.randint(1, 3)))
        return self._documents.document(seed)

    def spoiled(self, seed: int) -> Json:
        """Make a document with no, one or more edits, as it comes out of JSON."""
        chooser = random.Random(-seed)  # noqa: S311 - see above
        base = self.base(seed)
        edits = disjoint_edits(base, chooser, chooser.choice(_EDIT_COUNTS))
        return through_json(spoiled(base, edits))

    def smallest_places(self, document: Json) -> set[str]:
        """Find the paths at which one edit makes the schema accept."""
        return {written(path) for path in self._places.of(document, self.accepts)}

    def single_fault(self, seed: int, *, is_for_jira: bool = False) -> list[Edit]:
        """Choose one edit of a base document, or none where it would be no fault."""
        base = self.base(seed, is_for_jira=is_for_jira)
        edit = random_edit(base, random.Random(-seed))  # noqa: S311 - see above
        return [] if edit is None else self._faulty(base, [edit])

    def three_faults(self, seed: int, *, are_nodes_apart: bool) -> list[Edit]:
        """Choose edits of a base document that are faults each and touch each other nowhere."""
        base = self.base(seed)
        chooser = random.Random(-seed)  # noqa: S311 - see above
        edits = disjoint_edits(base, chooser, _TRIES_FOR_THREE, are_nodes_apart=are_nodes_apart)
        return self._faulty(base, edits)[:3]

    def _faulty(self, base: Json, edits: Sequence[Edit]) -> list[Edit]:
        return [edit for edit in edits if not self.accepts(spoiled(base, [edit]))]


def through_json(document: Json) -> Json:
    """Return a document as it comes out of JSON."""
    read = json.loads(json.dumps(document))
    assert isinstance(read, dict)
    return read


def compare_verdicts(oracle: Oracle, seeds: Sequence[int], figures: Figures) -> None:
    """Hold our word against the schema's on documents with up to three edits."""
    for seed in seeds:
        document = oracle.spoiled(seed)
        theirs, their_seconds = _timed(oracle.accepts, document)
        ours, our_seconds = _timed(_is_valid, document)
        figures.documents += 1
        figures.valid += theirs
        figures.our_seconds[theirs] += our_seconds
        figures.their_seconds[theirs] += their_seconds
        if ours != theirs:
            figures.disagreements.append(document)
        if not theirs and not validate_adf(document, "jira"):
            figures.wrongly_valid_for_jira.append(document)
        profiles: tuple[Profile, ...] = ("full", "jira")
        if any(_are_walks_apart(document, profile) for profile in profiles):
            figures.walks_apart.append(document)


def _is_valid(document: Json) -> bool:
    return not validate_adf(document, "full")


def _timed(judge: Callable[[Json], bool], document: Json) -> tuple[bool, float]:
    started = time.perf_counter()
    answer = judge(document)
    return answer, time.perf_counter() - started


def _are_walks_apart(document: Json, profile: Profile) -> bool:
    kinds = kinds_of(profile)
    return _is_right(document, kinds) != (not _Diagnosis(kinds).run(document))


def judge_single_faults(
    oracle: Oracle, seeds: Sequence[int], figures: Figures, *, profile: Profile
) -> None:
    """Count the single faults that give one violation, at a smallest place."""
    is_for_jira = profile == "jira"
    for seed in seeds:
        edits = oracle.single_fault(seed, is_for_jira=is_for_jira)
        if not edits:
            continue
        document = through_json(spoiled(oracle.base(seed, is_for_jira=is_for_jira), edits))
        places = oracle.smallest_places(document)
        reported = [violation.path for violation in validate_adf(document, profile)]
        figures.single_faults[profile] += 1
        if len(reported) == 1 and reported[0] in places:
            figures.exact[profile] += 1
        else:
            edit = edits[0]
            where = f"{edit.name} at {written(edit.path)}"
            figures.missed.append(f"{where}: smallest {sorted(places)[:3]}, told {reported[:4]}")


def judge_three_faults(
    oracle: Oracle, seeds: Sequence[int], figures: Figures, *, are_nodes_apart: bool
) -> None:
    """Count how often all of three faults are told, each at a smallest place of its own."""
    sort = "nodes" if are_nodes_apart else "places"
    for seed in seeds:
        edits = oracle.three_faults(seed, are_nodes_apart=are_nodes_apart)
        if len(edits) < 3:
            continue
        base = oracle.base(seed)
        places = [oracle.smallest_places(spoiled(base, [edit])) for edit in edits]
        reported = [v.path for v in validate_adf(through_json(spoiled(base, edits)), "full")]
        is_complete = all(found & set(reported) for found in places)
        figures.three_faults[sort] += 1
        figures.all_three[sort] += is_complete
        figures.nothing_else[sort] += is_complete and len(reported) == len(edits)


def main() -> int:
    """Run the comparison and print what it found; return 1 where something is not as it must."""
    chosen = _arguments()
    if not SCHEMA_PATH.exists():
        print(f"The official ADF schema is not at {SCHEMA_PATH}.")  # noqa: T201 - a command
        return 1
    oracle, figures = Oracle(), Figures()
    first, judged = chosen.first, chosen.judged or max(chosen.documents // 25, 1)
    compare_verdicts(oracle, range(first, first + chosen.documents), figures)
    judge_single_faults(oracle, range(first, first + judged), figures, profile="full")
    judge_single_faults(oracle, range(first, first + judged // 4), figures, profile="jira")
    for are_nodes_apart in (True, False):
        seeds = range(first, first + judged // 2)
        judge_three_faults(oracle, seeds, figures, are_nodes_apart=are_nodes_apart)
    for line in report(figures):
        print(line)  # noqa: T201 - a command
    return int(is_broken(figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.adf.oracle")
    parser.add_argument("--documents", type=int, default=2_000, help="how many verdicts")
    parser.add_argument("--judged", type=int, help="how many places; a twenty-fifth by default")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    return parser.parse_args()


def is_broken(figures: Figures) -> bool:
    """Tell whether a verdict is wrong or too few places are exact."""
    faults, exact = figures.single_faults, figures.exact
    return bool(
        figures.disagreements
        or figures.wrongly_valid_for_jira
        or figures.walks_apart
        or any(exact[profile] < 0.99 * faults[profile] for profile in faults)
    )


def report(figures: Figures) -> Iterator[str]:
    """Say what was found, a line each."""
    agreed = figures.documents - len(figures.disagreements)
    yield f"verdicts like the schema's: {agreed:,} of {figures.documents:,} documents"
    yield f"  of them valid: {figures.valid:,}"
    yield f"valid for Jira but not for the schema: {len(figures.wrongly_valid_for_jira)}"
    yield f"walks that say different things: {len(figures.walks_apart)}"
    for profile, count in figures.single_faults.items():
        share = _share(figures.exact[profile], count)
        yield f"single faults, one violation at a smallest place, {profile}: {share}"
    for sort, count in figures.three_faults.items():
        reported = _share(figures.all_three[sort], count)
        alone = _share(figures.nothing_else[sort], count)
        yield f"three faults in disjoint {sort}: all told {reported}, and nothing else {alone}"
    for is_valid, name in ((True, "valid"), (False, "invalid")):
        theirs = figures.their_seconds[is_valid]
        ratio = figures.our_seconds[is_valid] / theirs if theirs else 0.0
        yield f"time for {name} documents: {ratio:.1f} times that of jsonschema-rs `is_valid`"
    yield from (f"  missed: {text}" for text in figures.missed[:SHOWN_MAX])
    yield from (f"  DISAGREES: {json.dumps(d)}" for d in figures.disagreements[:SHOWN_MAX])
    yield from (f"  WALKS APART: {json.dumps(d)}" for d in figures.walks_apart[:SHOWN_MAX])


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.2f} %)" if whole else "none"


if __name__ == "__main__":
    sys.exit(main())
