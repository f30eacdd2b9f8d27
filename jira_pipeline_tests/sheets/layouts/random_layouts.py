"""Random layouts and worksheets: whatever somebody declares, the interpreter fails over nothing.

Belongs here: making them, as plain keys and values. Few words are used, so that layouts often fit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from jira_pipeline.sheets.layouts.grid import Grid, Merge, Place

_TEXTS = ("Name", "Type", "Key", "Boat (boat)", "Boat", "x", "-", "a, b", "Total 3", "* note", "")
_HEADERS = ("Name", "Type", "Key", "$A", "$B", "$C")
_COLUMNS = {
    "bundle": ("Name", "Machine name", "Type", "Description", "X"),
    "field": ("Bundle", "Field label", "Field type", "Req'd"),
    "user_role": ("Name", "Notes"),
    "custom": ("One", "Two"),
    "helper": ("name", "type"),
}
_LOOKUP = {"kind": "bundle", "by": ["Name"], "give": "Type"}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the parts of a layout; each key appears with its own chance."""

    chance: Random

    def some(self, share: float, **keys: Callable[[], Any]) -> dict[str, Any]:
        """Return some of the keys, with a value each."""
        return {key: make() for key, make in keys.items() if self.chance.random() < share}

    def pick(self, texts: Sequence[Any]) -> Any:
        return self.chance.choice(texts)

    def flag(self) -> bool:
        return self.chance.random() < 0.5

    def rule(self) -> dict[str, Any]:
        rule = self.some(
            0.3,
            column=lambda: self.pick(_HEADERS),
            starts=lambda: ["T"],
            ends_with=lambda: ["*"],
            like=lambda: self.pick(["{label} ({key})", "{label}"]),
            blank=self.flag,
            alone=self.flag,
            struck=self.flag,
        )
        return {**rule, "is_not": [self.pick(_TEXTS)]}

    def value(self) -> dict[str, Any]:
        sources = {
            "column": self.pick(_HEADERS),
            "cell": "B2",
            "title": True,
            "heading": "label",
            "pair": "Key",
            "header": 1,
            "mark": True,
            "item": True,
            "comment": self.pick(_HEADERS),
            "colour": self.pick(_HEADERS),
            "text": "Content type",
            "parts": ["Name", {"column": "Key", "before": ")"}],
        }
        source = self.pick(["column", "column", "column", *sources])
        taken = self.some(
            0.12,
            fill=lambda: self.pick(["above", "merged", "none"]),
            after=lambda: "(",
            before=lambda: ")",
            lacking=lambda: self.pick(["whole", "nothing"]),
            blank=lambda: ["-"],
            contains=lambda: "oat",
            split=lambda: ",",
            words=lambda: {"x": "", "y": "z"},
            lookup=lambda: _LOOKUP,
        )
        return {source: sources[source], **taken}

    def record(self) -> dict[str, Any]:
        kind = self.pick([*_COLUMNS])
        names = self.chance.sample(_COLUMNS[kind], 2)
        per = self.pick(["row", "row", "row", "block", "mark", "item"])
        record = {
            "into": kind,
            "per": per,
            "columns": {name: [self.value(), self.value()][: 1 + self.flag()] for name in names},
            **self.some(
                0.3,
                same_by=lambda: [names[0]],
                gather=lambda: {names[1]: {"between": ", "}},
                needs=lambda: [names[0]],
                when=lambda: [self.rule()],
                own=lambda: [self.pick(_HEADERS)],
            ),
        }
        if per == "item":
            record["items"] = {"column": self.pick(_HEADERS), "split": ","}
        return record

    def region(self) -> dict[str, Any]:
        heading = {
            "like": self.pick(["{label} ({key})", "B{} {label}"]),
            **self.some(0.5, alone=lambda: True),
        }
        return {
            "name": "region",
            "records": [self.record() for _ in range(self.chance.randint(1, 3))],
            "repeats": self.chance.random() < 0.8,
            "marks": {"headers": [self.pick(_HEADERS)], "is": ["x"], "none": ["-"]},
            **self.some(
                0.3,
                columns=lambda: self.pick(["A:B", "B:C", "D"]),
                turned=self.flag,
                begins=self.rule,
                ends=lambda: self.pick(["blank", self.rule()]),
                header=lambda: [self.pick(["Name", "Type", "Key"])],
                header_rows=lambda: self.chance.randint(1, 3),
                header_below=lambda: self.chance.randint(0, 2),
                pairs=lambda: ["Key", "Name"],
                pairs_below=self.flag,
                headings=lambda: [heading],
                skip=lambda: [{**self.rule(), "reason": "not of the site"}],
                remarks=lambda: [{**self.rule(), **self.some(0.5, about=self.rule)}],
                unused=lambda: {self.pick(_HEADERS): "not of the site"},
            ),
        }

    def layout(self) -> dict[str, Any]:
        regions = [self.region() for _ in range(self.chance.randint(1, 2))]
        return {"version": 1, "sheets": [{"worksheets": "Sheet*", "regions": regions}]}

    def grid(self, title: str) -> Grid:
        header = {Place(0, at): text for at, text in enumerate(("Name", "Type", "Key"))}
        cells = header | {
            Place(row, column): text
            for row in range(1, self.chance.randint(3, 9))
            for column in range(self.chance.randint(1, 5))
            if (text := self.pick(_TEXTS))
        }
        merges = (Merge(Place(1, 0), Place(3, 0)),) if self.flag() else ()
        marked = [place for place in cells if self.chance.random() < 0.1]
        return Grid(
            title=title,
            cells=cells,
            merges=merges,
            struck=frozenset(marked),
            comments=dict.fromkeys(marked, "a comment"),
            colours=dict.fromkeys(marked, "FFBBBBBB"),
        )
