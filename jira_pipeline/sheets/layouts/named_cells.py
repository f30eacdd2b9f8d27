"""Cells that a layout calls by a name: those below a header, or beside a label.

Belongs here: when two names are the same, and which cells a table says something of. Does not: what
the cells mean (`header_choices`), where the header is (`header_rows`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.layout import Region, Value
from jira_pipeline.sheets.layouts.texts import label_key, normal, normals


@dataclass(frozen=True, slots=True)
class NamedCells:
    """Cells below a header, or beside a label; both may have the same name."""

    name: str
    is_label: bool = False

    @property
    def key(self) -> str:
        """What is compared of the name."""
        return label_key(self.name) if self.is_label else normal(self.name)

    def are_of(self, value: Value) -> bool:
        """Tell whether a value takes these cells itself."""
        if self.is_label:
            return value.pair is not None and label_key(value.pair) == self.key
        return value.named_header is not None and normal(value.named_header) == self.key

    def are_taken_by(self, value: Value) -> bool:
        return any(map(self.are_of, value.with_parts))

    def are_taken_in(self, region: Region) -> bool:
        return any(map(self.are_of, region.all_values))

    def are_marked_in(self, region: Region) -> bool:
        """Tell whether these cells are the marks below one header of a matrix."""
        marks = region.marks
        return marks is not None and not self.is_label and self.key in normals(marks.headers)

    def are_named_in(self, region: Region) -> bool:
        """Tell whether a region says something of these cells, or they are marks of its matrix."""
        return self.are_marked_in(region) or self.are_among(cells_of(region))

    def are_among(self, others: Sequence["NamedCells"]) -> bool:
        return any(other.is_label == self.is_label and other.key == self.key for other in others)


def cells_of(region: Region) -> Sequence[NamedCells]:
    """Return the headers and labels of which a region says something."""
    labels = [*region.pairs, *(value.pair for value in region.all_values if value.pair)]
    keys_of_labels = {label_key(label) for label in labels}
    # What nothing takes is a header, unless it is a label.
    unused = [name for name in region.unused if label_key(name) not in keys_of_labels]
    headers = [*region.header, *unused]
    headers += [value.named_header for value in region.all_values if value.named_header]
    named = [NamedCells(name) for name in headers]
    named += [NamedCells(label, is_label=True) for label in labels]
    return [*dict.fromkeys(named)]
