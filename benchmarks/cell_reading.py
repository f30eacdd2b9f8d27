"""Time for what reads cells, over texts made to be slow, each twice as long as the one before.

Measured are every pattern that a package which reads cells compiles or names, in the way it is
used there, the reader of CSV, and what reads the English of whole rows. Linear work takes twice as
long each time, quadratic work four times.
"""

import ast
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Final

import jira_pipeline
from jira_pipeline.drupal.meaning.notes import items_of, readable, sentences_of
from jira_pipeline.model.entities import READ_CHARACTERS_MAX, Entity, Specification
from jira_pipeline.sheets.layouts.folder_reading import read_folder_by_layout
from jira_pipeline.sheets.reading.csv_files import read_records
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.writing.sites import briefs_of

EXAMPLE: Final = Path(__file__).parents[1] / "examples" / "uhrenmuseum"
ROOMS: Final = (
    *("drupal", "export", "model", "review", "sharedo", "sheets", "tickets", "verification"),
    "writing",
)
ALPHABETS: Final[Mapping[str, str]] = {
    "letters": "z",
    "digits": "7",
    "spaces": " ",
    "quotes": "\"a '",
    "brackets": "(a",
    "pipes": "|a, ",
    "dashes and dots": "-._",
    "words": "the Field and a page of 3 views. ",
    "unicode": "é–ü“",
}
LENGTHS: Final = (500, 1_000, 2_000, 4_000, 8_000, 16_000)
ROW_LENGTHS: Final = tuple(length for length in LENGTHS if length <= READ_CHARACTERS_MAX)
"""What is longer is not read, unless it is names joined by commas."""
NOTICED_SECONDS: Final = 0.02
"""Less is lost among what else a machine does."""
GROWTH_MAX: Final = 3.0
"""Of four times as much for twice the text, and twice as much: what is over this is not linear."""
_ROUNDS = 9
_METHODS = frozenset(
    {"search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split"}
)
_WHOLE = frozenset({"match", "fullmatch"})

Reading = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What one reading took of one alphabet."""

    name: str
    alphabet: str
    seconds: Mapping[int, float]
    """By length of the text; longer ones are left out once the growth is known."""

    @property
    def is_linear(self) -> bool:
        """Twice the text never takes much more than twice as long, as far as that can be seen."""
        taken = list(self.seconds.values())
        return not any(_is_too_much(*pair) for pair in itertools.pairwise(taken))


def patterns() -> dict[str, Reading]:
    """Return each pattern of the rooms that read cells, once for each way it is used."""
    found: dict[str, Reading] = {"read_records": _read_lines}
    for module in _modules():
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        texts = {id(call.func) for call in calls if not call.args}  # a pattern is given a text
        used = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.Attribute) and n.attr in _METHODS and id(n) not in texts
        ]
        named = {(n.value.id, n.attr) for n in used if isinstance(n.value, ast.Name)}
        others = {m for of, m in named if of not in vars(module)} | {
            n.attr for n in used if not isinstance(n.value, ast.Name)
        }
        for name, value in vars(module).items():
            # What has no name of its own where it is used is used as the others without one are.
            methods = {m for of, m in named if of == name} or others or {"search"}
            for place, pattern in enumerate(_patterns_in(value)):
                if isinstance(pattern.pattern, str):
                    for method in methods:
                        found[f"{_short(module)}.{name}[{place}].{method}"] = _use(pattern, method)
        for call in calls:
            if (written := _written_pattern(call)) is not None:
                pattern, method = written
                found[f"{_short(module)}:{call.lineno}.{method}"] = _use(pattern, method)
    return found


def _read_lines(text: str) -> object:
    return read_records(f"Style name\n{text}".replace(" ", "\n").encode(), file="Sheet.csv")


def row_readings() -> dict[str, Reading]:
    """Return what reads English: a cell, and a site of which a row of each kind holds the text."""
    return {
        "sentences_of": sentences_of.__wrapped__,
        "readable": readable.__wrapped__,
        "items_of": items_of,
        "questions of rows": _asked,
        "tickets of rows": _written,
    }


def growth_of(name: str, read: Reading, alphabet: str, lengths: Sequence[int]) -> Growth:
    """Measure until the growth shows, or to the longest text."""
    taken: dict[int, float] = {}
    growth = Growth(name=name, alphabet=alphabet, seconds=taken)
    for length in lengths:
        unit = ALPHABETS[alphabet]
        text = (unit * (length // len(unit) + 1))[:length]
        taken[length] = _seconds(read, text)
        if not growth.is_linear:
            taken[length] = min(_seconds(read, text) for _ in range(_ROUNDS))
        if not growth.is_linear:
            break
    return growth


def main() -> None:
    """Print what takes longest: for each reading its worst alphabet, and each that is not linear."""
    print(f"{len(patterns())} patterns, {len(ALPHABETS)} alphabets, seconds of CPU")
    print(f"{'reading':<58} {'alphabet':<16}" + "".join(f"{length:>8}" for length in LENGTHS))
    found = [growth_of(n, read, a, LENGTHS) for n, read in patterns().items() for a in ALPHABETS]
    _print_table(found, count=20)
    rows = [
        growth_of(n, read, a, ROW_LENGTHS) for n, read in row_readings().items() for a in ALPHABETS
    ]
    _print_table(rows, count=len(rows))


def _print_table(found: Sequence[Growth], *, count: int) -> None:
    ordered = sorted(found, key=lambda one: (one.is_linear, -max(one.seconds.values())))
    for one in ordered[: max(count, sum(not each.is_linear for each in found))]:
        taken = "".join(f"{seconds:>8.3f}" for seconds in one.seconds.values())
        print(f"{one.name:<58} {one.alphabet:<16}{taken}{'' if one.is_linear else '  NOT LINEAR'}")


def _is_too_much(before: float, after: float) -> bool:
    return after > NOTICED_SECONDS and after > GROWTH_MAX * max(before, NOTICED_SECONDS / 4)


def _seconds(read: Reading, text: str) -> float:
    started = time.process_time()
    read(text)
    return time.process_time() - started


def _modules() -> Iterator[ModuleType]:
    for room in ROOMS:
        package = importlib.import_module(f"{jira_pipeline.__name__}.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def _short(module: ModuleType) -> str:
    return module.__name__.removeprefix(f"{jira_pipeline.__name__}.")


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        yield from (p for pair in value.items() for part in pair for p in _patterns_in(part))
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from (p for part in value for p in _patterns_in(part))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (p for f in fields(value) for p in _patterns_in(getattr(value, f.name)))


def _written_pattern(call: ast.Call) -> tuple[re.Pattern[str], str] | None:
    """Return the pattern that a call such as `re.split(",", cell)` is written with."""
    of, first = call.func, call.args[0] if call.args else None
    if (
        isinstance(of, ast.Attribute)
        and isinstance(of.value, ast.Name)
        and of.value.id == re.__name__
        and of.attr in _METHODS
        and isinstance(first, ast.Constant)
        and isinstance(first.value, str)
    ):
        is_folded = "IGNORECASE" in ast.unparse(call)
        return re.compile(first.value, re.IGNORECASE if is_folded else 0), of.attr
    return None


def _use(pattern: re.Pattern[str], method: str) -> Reading:
    if method in _WHOLE:
        return getattr(pattern, method)  # type: ignore[no-any-return] # a method of a pattern
    return lambda text: sum(1 for _ in pattern.finditer(text))


def _spoilt(text: str) -> Specification:
    """Return the example with a text in every cell of the first row of each kind, but its names."""
    entities = read_entities(read_folder_by_layout(EXAMPLE, None).tables).entities
    first = {entity.kind: entity.key for entity in reversed(entities)}

    def spoil(entity: Entity) -> Entity:
        if entity.key != first[entity.kind]:
            return entity
        names = {entity.label, entity.machine_name}
        cells = {c: v if not v or v in names else text for c, v in entity.cells.items()}
        return replace(entity, cells={**cells, "Settings/notes": text, "Description": text})

    return Specification(entities=tuple(map(spoil, entities)))


def _asked(text: str) -> object:
    specification = _spoilt(text)
    return all_open_questions(group_entities(specification).groups, specification)


def _written(text: str) -> object:
    specification = _spoilt(text)
    briefs = briefs_of(specification, group_entities(specification).groups)
    return list(map(TemplateWriter().write, briefs))
