"""Prints what each module of the house is for, or which modules say something of some words: `make map`.

It is read from the heads of the modules and the docstrings of their functions and classes, so there is
no list that could be out of date.
"""

import argparse
import ast
import math
import re
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "jira_pipeline"
SUFFIXES_READ = (".py", ".toml", ".yaml", ".js", ".css", ".html")
HITS_SHOWN = 8
SENTENCES_SHOWN = 3
WEIGHT_OF_PATH = 3
WEIGHT_OF_HEAD = 2
WEIGHT_OF_FUNCTION = 2
ENDINGS = ("ies", "ing", "ed", "es", "s", "y", "e")
"""Taken off a word, so that `retries`, `retried` and `retry` are one."""
STEM_MIN = 3
STEM_MAX = 6
"""Letters of a word that count, so that `creation` and `created` are one."""
IRREGULAR = {
    "written": "write",
    "wrote": "write",
    "sent": "send",
    "kept": "keep",
    "chosen": "choose",
}
_COMMENTS = re.compile(r"\A(?:\{#.*?#\}|/\*.*?\*/|(?:(?://|#)[^\n]*\n)+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A function or class, and what it says of itself."""

    name: str
    docstring: str

    @property
    def text(self) -> str:
        """All that it is found by."""
        return f"{self.name} {self.docstring}"

    @property
    def line(self) -> str:
        """Its name with its first sentence."""
        return f"{self.name}: {first_sentence(self.docstring)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A file of the house, and what it says of itself."""

    path: str
    """Below the package."""
    head: str
    functions: Sequence[Described]

    @property
    def subject(self) -> str:
        """What it is for, in its own first sentence."""
        return first_sentence(self.head)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A module that says something of the words somebody looks for."""

    module: Module
    score: float
    sentences: Sequence[str]
    """Those of its sentences that have any of the words, the nearest first."""


def main() -> None:
    """Print the map, or what it has of some words."""
    parser = argparse.ArgumentParser(prog="make map FOR=…", description=__doc__)
    parser.add_argument("words", nargs="*", help="what you look for, in words of the glossary")
    words = " ".join(parser.parse_args().words).strip()
    modules = modules_of_house()
    if not words:
        for module in modules:
            print(f"{module.path:60} {module.subject}")
        return
    hits = hits_of(words, modules)
    if not hits:
        print(f"No module says anything of “{words}”: try a word of docs/glossary.md.")
    for hit in hits[:HITS_SHOWN]:
        print(f"{hit.module.path}\n    {hit.module.subject}")
        for sentence in hit.sentences[:SENTENCES_SHOWN]:
            print(f"    · {sentence}")


def modules_of_house() -> list[Module]:
    """Read the heads of all files of the package, in the order of their paths."""
    files = (path for path in sorted(PACKAGE.rglob("*")) if path.suffix in SUFFIXES_READ)
    return [_module(path) for path in files]


def hits_of(words: str, modules: Sequence[Module]) -> list[Hit]:
    """Return the modules that have any of some words, the nearest first.

    A word that few modules have says more than one that many have.
    """
    weights = _weights_of(words, modules)
    hits: list[Hit] = []
    for module in modules:
        scores = {function: _score(function.text, weights) for function in module.functions}
        near = sorted(filter(scores.get, scores), key=scores.__getitem__, reverse=True)
        score = WEIGHT_OF_PATH * _score(module.path, weights)
        score += WEIGHT_OF_HEAD * _score(module.head, weights)
        if near:
            score += WEIGHT_OF_FUNCTION * scores[near[0]]
        if score:
            sentences = [function.line for function in near]
            hits.append(Hit(module=module, score=score, sentences=sentences))
    return sorted(hits, key=lambda hit: -hit.score)


def _weights_of(words: str, modules: Sequence[Module]) -> dict[str, float]:
    """Return what each word says: more, the fewer modules have it."""
    counts: Counter[str] = Counter()
    for module in modules:
        texts = [module.path, module.head]
        texts += [function.text for function in module.functions]
        counts.update(stems_of(" ".join(texts)))
    wanted = stems_of(words)
    return {stem: math.log(len(modules) / counts[stem]) for stem in wanted if counts[stem]}


def stems_of(text: str) -> set[str]:
    """Return the words of a text without their endings."""
    return {_stem(word) for word in re.findall(r"[a-z0-9]{2,}", text.lower())}


def first_sentence(text: str) -> str:
    """Return what a text says first, on one line."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=[.?])\s", paragraph, maxsplit=1)[0]


def _stem(word: str) -> str:
    word = IRREGULAR.get(word, word)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM_MIN:
            return word.removesuffix(ending)[:STEM_MAX]
    return word[:STEM_MAX]


def _score(text: str, weights: dict[str, float]) -> float:
    stems = stems_of(text)
    return sum(weight for stem, weight in weights.items() if stem in stems)


def _module(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(PACKAGE).as_posix()
    if path.suffix != ".py":
        comments = _COMMENTS.match(text)
        head = re.sub(r"[/#*{}<>!-]+", " ", comments[0]) if comments else ""
        return Module(path=name, head=head.strip(), functions=())
    tree = ast.parse(text)
    return Module(path=name, head=ast.get_docstring(tree) or "", functions=[*_functions(tree)])


def _functions(tree: ast.Module) -> Iterator[Described]:
    """Yield each function and class that says something of itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            docstring = ast.get_docstring(node)
            if docstring:
                yield Described(name=node.name, docstring=docstring)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads only the first lines, as `head`
    main()
