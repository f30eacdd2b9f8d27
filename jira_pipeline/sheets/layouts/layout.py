"""The language of layouts: where the things of a worksheet are, and which column means what.

Belongs here: what can be said, and what is refused at once. Does not: reading a file of it
(`layout_files`), what follows from it (`applying`).

A layout names headers and texts, never numbers of rows: it holds for the next version with more
rows, and no longer fits where a header was renamed. The JSON schema of these classes is what a model
answers in; it can point at cells and cannot add content to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.layouts.grid import (
    Place,
    column_of_letters,
    columns_of_stretch,
    place_of_address,
)
from jira_pipeline.sheets.layouts.texts import (
    NUMBER,
    Template,
    label_key,
    normal,
    normals,
    template_of,
)

CUSTOM = EntityKind.CUSTOM.value
HELPER = "helper"
"""Rows that others look something up in, and that are no sheet of the specification."""
_PACKAGED = (EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM)
KINDS = (*(kind.value for kind in EntityKind if kind not in _PACKAGED), HELPER)

VERSION = 1
TEXT_MAX_CHARACTERS = 2_000
"""Of one text of a layout; the longest of six real ones has 100."""
LIST_MAX_COUNT = 500
"""Of one list; a matrix of 200 columns has 200 headers."""
LEFT_MAX_COUNT = 10_000
"""Of texts that were left out when somebody confirmed a layout."""
LETTER = "$"
"""Before the letter of a column that has no header: `$A`."""


class Per(StrEnum):
    """Of what a record is made."""

    ROW = "row"
    BLOCK = "block"
    HEADING = "heading"
    """Each row between the others that names a part which the record `needs`."""
    MARK = "mark"
    """Each filled cell of a matrix."""
    COLUMN = "column"
    """Each column of a matrix: what its headers, and the lines beside them, say."""
    ITEM = "item"
    """Each name of a list in one cell."""
    TERM = "term"
    """Each term in a row of a list of words; a row without one says something of the list."""
    LABEL = "label"
    """Of a form: each thing inside of a block that some of its labels name."""


class MissingPart(StrEnum):
    """What is taken of a cell that has not the text by which a part of it is taken."""

    WHOLE = "whole"
    NOTHING = "nothing"


class Fill(StrEnum):
    """What a blank cell means."""

    ABOVE = "above"
    MERGED = "merged"
    LEFT = "left"
    """Of a line above a matrix: the text left of it, as of a group of columns."""
    NONE = "none"


class TermPart(StrEnum):
    """What a cell of a list of words says."""

    TERM = "term"
    BELOW = "below"
    """A term below the last one of the column before."""
    PARENT = "parent"
    """What the term of the row is below."""
    DETAIL = "detail"
    """More of the term of the row."""


class ListedPart(StrEnum):
    """What is taken of a list in a cell, whose lines may have numbers or bullets before them."""

    LINE = "line"
    NAME = "name"
    """Of a line: what is before a bracket or a colon."""
    NOTE = "note"
    """Of a line: what is from there on."""
    UNMARKED = "unmarked"
    """The lines that have neither a number nor a bullet."""


class MatrixSide(StrEnum):
    """What the rows of a matrix are, or its columns."""

    FIELDS = "fields"
    TYPES = "types"
    ROLES = "roles"
    FROM_STATES = "from_states"
    TO_STATES = "to_states"
    VIEWS = "views"
    VIEW_DISPLAYS = "view_displays"
    IMAGE_STYLES = "image_styles"
    TRANSITIONS = "transitions"
    COMPONENTS = "components"
    QUOTED = "quoted"


class LookOf(StrEnum):
    """What of a cell looks otherwise than usual."""

    FILL = "fill"
    TEXT = "text"
    STRUCK = "struck"


class LookMeaning(StrEnum):
    """What it says of a thing, or of one of its cells, that a cell looks so; the first counts."""

    DROPPED = "dropped"
    """It was planned, and is not built."""
    REMOVED = "removed"
    """It is on the site, and goes."""
    ON_HOLD = "on_hold"
    UNDECIDED = "undecided"
    CHANGED = "changed"
    APPROVED = "approved"
    DECORATION = "decoration"


# ---------------------------------------------------------------- sources of a value, as types


@dataclass(frozen=True, slots=True)
class BelowHeader:
    header: str


@dataclass(frozen=True, slots=True)
class AtAddress:
    place: Place


@dataclass(frozen=True, slots=True)
class SheetTitle:
    pass


@dataclass(frozen=True, slots=True)
class HeadingPart:
    name: str


@dataclass(frozen=True, slots=True)
class PairValue:
    label: str


@dataclass(frozen=True, slots=True)
class MarkHeader:
    """The header of the marked cell of a matrix, from one of its header rows or a line above them."""

    row_number: int
    """The first header row is 1; 0 is the line above it, -1 the one above that."""


@dataclass(frozen=True, slots=True)
class MarkHeaderColour:
    """The fill of the header of the marked cell of a matrix."""

    row_number: int


@dataclass(frozen=True, slots=True)
class MarkedCellColour:
    pass


@dataclass(frozen=True, slots=True)
class MarkedCell:
    pass


@dataclass(frozen=True, slots=True)
class ListItem:
    """The name of a list that the record is made of."""


@dataclass(frozen=True, slots=True)
class CommentOf:
    header: str


@dataclass(frozen=True, slots=True)
class ColourOf:
    header: str


@dataclass(frozen=True, slots=True)
class Constant:
    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    parts: tuple["Value", ...]
    between: str


Source: TypeAlias = (
    BelowHeader
    | AtAddress
    | SheetTitle
    | HeadingPart
    | PairValue
    | MarkHeader
    | MarkHeaderColour
    | MarkedCellColour
    | MarkedCell
    | ListItem
    | CommentOf
    | ColourOf
    | Constant
    | Joined
)


# ---------------------------------------------------------------- what is accepted


def _checked_template(text: str) -> str:
    template_of(text)
    return text


def _checked_address(text: str) -> str:
    place_of_address(text)
    return text


def _checked_header(text: str) -> str:
    if text.startswith(LETTER):
        column_of_letters(text.removeprefix(LETTER))
    return text


def _checked_stretch(text: str) -> str:
    columns_of_stretch(text)
    return text


def _checked_kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(f"“{text}” is no kind of sheet; there are {', '.join(KINDS)}")
    return text


def _as_list(value: object) -> object:
    """Take one text for a list of one."""
    return (value,) if isinstance(value, str) else value


def _as_values(value: object) -> object:
    """Take `Label` for `[{column: Label}]`, and one value for a list of one."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple({"column": each} if isinstance(each, str) else each for each in values)


Text = Annotated[str, Field(max_length=TEXT_MAX_CHARACTERS)]
Name = Annotated[Text, Field(min_length=1)]
Reason = Annotated[Text, Field(min_length=3)]
Header = Annotated[Name, AfterValidator(_checked_header)]
Texts = Annotated[tuple[Text, ...], Field(max_length=LIST_MAX_COUNT)]
Names = Annotated[tuple[Name, ...], Field(max_length=LIST_MAX_COUNT)]
Headers = Annotated[tuple[Header, ...], Field(max_length=LIST_MAX_COUNT)]
TemplateText = Annotated[Name, AfterValidator(_checked_template)]
Stretch = Annotated[Name, AfterValidator(_checked_stretch)]
Kind = Annotated[str, AfterValidator(_checked_kind), Field(json_schema_extra={"enum": [*KINDS]})]


class _Declared(BaseModel):
    """What refuses unknown keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)


class RowRule(_Declared):
    """Which rows are meant: all that is said has to hold of one cell, and of the row."""

    column: Header | None = Field(
        None, description="the cell below this header; otherwise the first filled one"
    )
    texts: Texts = Field((), alias="is", description="its whole text is one of these")
    other_than: Texts = Field((), alias="is_not", description="its whole text is none of these")
    starts: Names = Field((), description="it starts with one of these")
    ends_with: Names = Field((), description="it ends with one of these")
    like: TemplateText | None = Field(None, description="it looks like this: `{label} ({key})`")
    blank: StrictBool | None = Field(None, description="whether it is blank")
    alone: StrictBool | None = Field(None, description="whether the row has one filled cell")
    after_alone: StrictBool | None = Field(
        None, description="whether the row right above has one filled cell, too"
    )
    struck: StrictBool | None = Field(None, description="whether all of the row is struck through")
    cells: Texts = Field(
        (), description="all that such a row says but numbers; one that says more is another row"
    )
    after_blank: StrictBool | None = Field(None, description="whether the row right above is blank")
    filled: Annotated[StrictInt, Field(ge=1, le=9)] | None = Field(
        None, description="how many cells of the row hold something"
    )
    fill: Name | None = Field(None, description="the fill of the cell, as `FFD9D9D9`")
    further_parts: Names = Field(
        (), description="of a heading or begin: the parts that further cells of the row are"
    )
    paragraph: StrictBool | None = Field(
        None,
        description="whether it is below a blank row, or the first, and another is right below",
    )
    below: Name | None = Field(
        None,
        description="of a heading or begin: the row right below, if it has one filled cell, is the "
        "part of this name",
    )

    @cached_property
    def part_names(self) -> frozenset[str]:
        """The parts that such a row, and the one right below it, say of the rows below."""
        of_line = self.template.names if self.template else ()
        names = {*of_line, *self.further_parts, self.below or ""}
        return frozenset(names - {"", NUMBER})

    @cached_property
    def template(self) -> Template | None:
        return None if self.like is None else template_of(self.like)

    @property
    def compares_text(self) -> bool:
        """What the cell says decides, so that the cell is read by it."""
        return bool(self.texts or self.other_than or self.starts or self.ends_with or self.like)

    @property
    def may_begin_anyhow(self) -> bool:
        """It names neither how the text begins nor a number in it: `{kind} – {name}`."""
        template = self.template
        is_open = template is None or (NUMBER not in template.names and not template.texts[0])
        return is_open and not (self.texts or self.other_than or self.starts or self.ends_with)

    @property
    def names_texts(self) -> bool:
        """It names what the cell says, and no other text does."""
        return bool(self.texts or self.starts or self.ends_with or self.like)

    @model_validator(mode="after")
    def _says_something(self) -> "RowRule":
        of_row: tuple[object, ...] = (
            self.blank,
            self.alone,
            self.after_alone,
            self.struck,
            self.after_blank,
            self.filled,
            self.fill,
            self.paragraph,
        )
        if not self.compares_text and all(said is None for said in of_row):
            raise ValueError(
                "say which rows: is, is_not, starts, ends_with, like, blank, alone, after_alone, "
                "after_blank, filled, fill, paragraph or struck"
            )
        return self


class Heading(RowRule):
    """Rows between the others that say something of those below, by the parts of `like`."""

    @model_validator(mode="after")
    def _names_a_part(self) -> "Heading":
        if not self.part_names - {self.below}:
            raise ValueError("a heading needs `like` with a named part, such as `Type: {type}`")
        return self


class LeftOutRows(RowRule):
    """Rows that are not read, and why."""

    reason: Reason


class RemarkRows(RowRule):
    """Rows that are sentences, to be quoted with all things of the region or with those it is about."""

    about: RowRule | None = Field(None, description="the rows that it is about; otherwise all")


class Lookup(_Declared):
    """A cell is the name or code of another thing: one of the canonical cells of that is taken."""

    kind: Kind
    sheet: Text = Field("", description="of a helper: its name")
    by: Annotated[Names, Field(min_length=1)] = Field(
        description="canonical columns that the cell may be"
    )
    give: Name = Field(description="the canonical column that is taken")


class Value(_Declared):
    """Where the text of a canonical cell comes from (one source), and what of it is taken."""

    column: Header | None = Field(None, description="the cell below this header")
    cell: Annotated[Name, AfterValidator(_checked_address)] | None = Field(
        None, description="a cell by its address, such as B2"
    )
    title: Literal[True] | None = Field(None, description="the name of the worksheet")
    heading: Name | None = Field(
        None, description="the part of that name in `like` of a heading or begin"
    )
    pair: Name | None = Field(
        None, description="the value beside this label, in the block of the row"
    )
    header: Annotated[StrictInt, Field(ge=-3, le=6)] | None = Field(
        None,
        description="of a matrix: the header of the marked cell, from this header row; 0 is the line "
        "above the first, -1 the one above that",
    )
    header_colour: Annotated[StrictInt, Field(ge=1, le=6)] | None = Field(
        None, description="of a matrix: the fill of that header, or `struck`, for `words`"
    )
    mark_colour: Literal[True] | None = Field(
        None, description="of a matrix: the fill of the marked cell, for `words`"
    )
    mark: Literal[True] | None = Field(None, description="of a matrix: the marked cell")
    item: Literal[True] | None = Field(None, description="of `per: item`: the name of the list")
    term: TermPart | None = Field(
        None, description="of `per: term`: what the cell says of a term of a list of words"
    )
    comment: Header | None = Field(None, description="the comment of the cell below this header")
    colour: Header | None = Field(
        None, description="the fill of the cell below this header, for `words`"
    )
    text: Text | None = Field(
        None, description="a constant, which whoever confirms the layout answers for"
    )
    parts: (
        Annotated[
            tuple["Value", ...],
            BeforeValidator(_as_values),
            Field(min_length=1, max_length=LIST_MAX_COUNT),
        ]
        | None
    ) = Field(None, description="several, in one line")
    between: Text = Field(" ", description="what separates the parts")

    fill: Fill | None = Field(
        None,
        description="a blank cell means the one above, or the one it is merged with, or nothing",
    )
    blank: Texts = Field((), description="texts that count as a blank cell, such as a ditto mark")
    contains: Name | None = Field(None, description="only this text, where it is in the cell")
    after: Name | None = Field(None, description="only what is after this text; nothing without it")
    before: Name | None = Field(None, description="… and before that text, if it is there")
    lacking: MissingPart | None = Field(
        None, description="what is taken of a cell without that text: all of it, or nothing"
    )
    split: Name | None = Field(None, description="what separates the names of a list")
    per_name: StrictBool = Field(
        default=False, description="of `split`: a record for each name of the list"
    )
    whole: Texts = Field((), description="of `split`: texts that are one name as they stand")
    listed: ListedPart | None = Field(
        None,
        description="of `split`: what is taken of each line of a list in the cell, without the number "
        "or bullet before it; or of the lines that have none",
    )
    only_marked: StrictBool = Field(
        default=False, description="of `listed`: only lines with a number or bullet are of the list"
    )
    words: Annotated[Mapping[Text, Text], Field(max_length=LIST_MAX_COUNT)] = Field(
        default_factory=dict, description="whole texts and what they mean"
    )
    only_words: StrictBool = Field(
        default=False, description="nothing is taken of a cell that is none of `words`"
    )
    lookup: Lookup | None = None
    goes_first: StrictBool = Field(
        default=False, description="where it says something, the values after it say nothing"
    )
    wording: Text = Field("{}", alias="as", description="words around it: `Options: {}`")
    otherwise: Name | None = Field(
        None, description="of a heading: what is meant above the first one that names the part"
    )

    @property
    def is_constant(self) -> bool:
        """Tell whether no cell says it: somebody does, or the name of the worksheet."""
        return isinstance(self.source, Constant | SheetTitle)

    @property
    def is_of_matrix(self) -> bool:
        """Tell whether it is a mark of a matrix, what is above the mark, or the fill of either."""
        of_matrix = MarkedCell | MarkedCellColour | MarkHeader | MarkHeaderColour
        return isinstance(self.source, of_matrix)

    @cached_property
    def source(self) -> Source:
        """Where its text comes from."""
        return self._sources()[0]

    def _sources(self) -> list[Source]:
        """Return the sources that are named: one, in a value that is accepted."""
        named: tuple[Source | None, ...] = (
            None if self.column is None else BelowHeader(self.column),
            None if self.cell is None else AtAddress(place_of_address(self.cell)),
            None if self.title is None else SheetTitle(),
            None if self.heading is None else HeadingPart(self.heading),
            None if self.pair is None else PairValue(self.pair),
            None if self.header is None else MarkHeader(self.header),
            None if self.header_colour is None else MarkHeaderColour(self.header_colour),
            None if self.mark_colour is None else MarkedCellColour(),
            None if self.mark is None else MarkedCell(),
            None if self.item is None else ListItem(),
            None if self.comment is None else CommentOf(self.comment),
            None if self.colour is None else ColourOf(self.colour),
            None if self.text is None else Constant(self.text),
            None if self.parts is None else Joined(self.parts, self.between),
        )
        return [source for source in named if source is not None]

    @cached_property
    def is_plain(self) -> bool:
        """It is the whole text of one cell, as it stands; a blank cell may be one of merged ones."""
        is_part = self.contains or self.after or self.before or self.split
        is_changed = is_part or self.words or self.blank
        return (
            self.column is not None
            and self.fill is not Fill.ABOVE
            and not is_changed
            and self.lookup is None
            and self.wording == "{}"
            and self.term is None
        )

    @cached_property
    def whole_cell(self) -> "Value":
        """What takes the same cell, whatever that says of a term."""
        return self.model_copy(update={"term": None})

    def counts_as_blank(self, text: str) -> bool:
        return bool(self.blank) and normal(text) in normals(self.blank)

    @property
    def named_header(self) -> str | None:
        """The header below which its cell is."""
        return self.column or self.comment or self.colour

    @property
    def key_of_list(self) -> str:
        """What is the same of values that take their parts of the same list."""
        return normal(self.named_header or "") or label_key(self.pair or "")

    @property
    def with_parts(self) -> tuple["Value", ...]:
        """Itself, and what it is made of."""
        parts = [inner for part in self.parts or () for inner in part.with_parts]
        return (self, *parts)

    def worded(self, text: str) -> str:
        return self.wording.replace("{}", text)

    @model_validator(mode="after")
    def _has_one_source(self) -> "Value":
        if len(self._sources()) != 1:
            raise ValueError(
                "name one source: column, cell, title, heading, pair, header, header_colour, mark, "
                "mark_colour, item, comment, colour, text or parts"
            )
        if self.split is None and (self.per_name or self.whole):
            raise ValueError("`per_name` and `whole` need `split`: what separates the names")
        if self.split is None and self.listed is not None:
            raise ValueError("`listed` needs `split`: what separates the lines")
        if self.only_marked and self.listed is None:
            raise ValueError("`only_marked` is of `listed`")
        if self.wording.count("{}") != 1:
            raise ValueError("`as` needs one {} for the text")
        if self.otherwise is not None and self.heading is None:
            raise ValueError("`otherwise` is of a `heading`")
        return self


Values = Annotated[
    tuple[Value, ...],
    BeforeValidator(_as_values),
    Field(min_length=1, max_length=LIST_MAX_COUNT),
]


class Gathering(_Declared):
    """How cells of several rows that are one thing become one cell."""

    between: Text = "\n"
    wording: Text = Field("{}", alias="as")


class Record(_Declared):
    """A row of a canonical sheet that is made of each row, block, mark or item."""

    into: Kind
    per: Per = Per.ROW
    items: Value | None = Field(None, description="of `per: item`: the list, with `split`")
    marked: Texts = Field((), description="of `per: mark`: only where the cell is one of these")
    not_marked: Texts = Field(
        (), description="of `per: mark`: nowhere where the cell is one of these"
    )
    when: Annotated[tuple[RowRule, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    columns: Annotated[Mapping[Name, Values], Field(min_length=1, max_length=LIST_MAX_COUNT)]
    own: Headers = Field((), description="headers that stay columns of their own, as they are")
    needs: Names = Field((), description="no record where one of these cells is blank")
    needs_any: Names = Field((), description="no record where all of these cells are blank")
    same_by: Names = Field((), description="records with the same of these cells are one thing")
    gather: Annotated[Mapping[Name, Gathering], Field(max_length=LIST_MAX_COUNT)] = Field(
        default_factory=dict, description="what is joined of these"
    )
    sheet: Name | None = Field(None, description="of a custom sheet or helper: its name")

    @cached_property
    def values(self) -> Mapping[str, tuple[Value, ...]]:
        """Where each canonical cell comes from, and each of a column that no sheet has."""
        return {**self.columns, **{header: (Value(column=header),) for header in self.own}}

    @cached_property
    def plain_columns(self) -> frozenset[str]:
        """Canonical columns that are the cells below one header each, as they stand."""
        return frozenset(
            name for name, values in self.values.items() if len(values) == 1 and values[0].is_plain
        )

    @cached_property
    def lists_per_name(self) -> tuple[Value, ...]:
        """The lists of which each name is a record of its own, one of each header or label."""
        lists: dict[str, Value] = {}
        for values in self.columns.values():
            for value in values:
                if value.per_name:
                    lists.setdefault(value.key_of_list, value)
        return (*lists.values(),)

    @cached_property
    def has_lookups(self) -> bool:
        """Some of its cells are names of other things."""
        return any(
            value.lookup is not None
            for values in self.values.values()
            for whole in values
            for value in whole.with_parts
        )

    @model_validator(mode="after")
    def _has_known_columns(self) -> "Record":
        named = {*self.columns, *self.needs, *self.needs_any, *self.same_by, *self.gather}
        known = {column.name for column in columns_of(self.into)}
        unknown = sorted(named - known)
        if unknown and self.into not in {CUSTOM, HELPER}:
            raise ValueError(
                f"{self.into} has no column {', '.join(unknown)}; it has {', '.join(sorted(known))}"
            )
        return self

    @model_validator(mode="after")
    def _says_its_items(self) -> "Record":
        if (self.per is Per.ITEM) != (self.items is not None):
            raise ValueError("`per: item` and `items` go together")
        if self.items is not None and self.items.split is None:
            raise ValueError("`items` needs `split`: what separates the names of the list")
        return self


class Marks(_Declared):
    """The columns of a matrix, whose headers name things."""

    headers: Annotated[Names, Field(min_length=1)]
    texts: Texts = Field(
        (), alias="is", description="cells that are a mark and say no more, such as x"
    )
    none: Texts = Field((), description="cells that are no mark, such as - or no")
    rows: MatrixSide | None = Field(None, description="what somebody said that the rows are")
    across: MatrixSide | None = Field(None, description="… and the columns")
    names_row: Annotated[StrictInt, Field(ge=-3, le=6)] | None = Field(
        None, description="the header row with the names of the columns, as `header` says it"
    )


class Region(_Declared):
    """A part of a worksheet: a table, blocks that look alike, words with values, a matrix."""

    name: Name
    columns: Stretch | None = Field(None, description="only these columns of the worksheet: A:F")
    turned: StrictBool = Field(
        default=False, description="things are columns, headers are in the first one"
    )
    begins: RowRule | None = Field(None, description="the row it begins with; otherwise its header")
    repeats: StrictBool = Field(default=False, description="each such row begins a further block")
    begins_with_row: StrictBool = Field(
        default=False,
        description="of a table without a header: the row it begins with is a row of it",
    )
    ends: RowRule | Literal["blank"] | None = Field(
        None, description="the row below it; otherwise the next region, or the end"
    )
    header: Headers = Field((), description="texts of its header row by which that is found")
    header_rows: Annotated[StrictInt, Field(ge=1, le=3)] = Field(
        1, description="with groups above: called `Group / Header`"
    )
    header_below: Annotated[StrictInt, Field(ge=0, le=3)] = Field(
        0, description="rows below the headers that say more of each column, and name no thing"
    )
    pairs: Names = Field((), description="labels with their value beside or below them")
    pairs_below: StrictBool = False
    headings: Annotated[tuple[Heading, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    skip: Annotated[tuple[LeftOutRows, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    marks: Marks | None = None
    ditto: Annotated[Mapping[Header, Texts], Field(max_length=LIST_MAX_COUNT)] = Field(
        default_factory=dict,
        description="below these headers, texts that mean the cell above; a blank cell means nothing",
    )
    records: Annotated[tuple[Record, ...], Field(min_length=1, max_length=LIST_MAX_COUNT)]
    unused: Annotated[Mapping[Header, Reason], Field(max_length=LIST_MAX_COUNT)] = Field(
        default_factory=dict,
        description="headers and labels of which no record takes anything, and why",
    )
    remarks: Annotated[tuple[RemarkRows, ...], Field(max_length=LIST_MAX_COUNT)] = ()

    @cached_property
    def taken_headers(self) -> frozenset[str]:
        """Headers from which a record takes something, as `normal` reduces them."""
        return frozenset(
            normal(value.named_header) for value in self.all_values if value.named_header
        )

    @cached_property
    def taken_labels(self) -> frozenset[str]:
        """Labels from whose values a record takes something, as `label_key` reduces them."""
        return frozenset(label_key(value.pair) for value in self.all_values if value.pair)

    @property
    def is_form(self) -> bool:
        """Tell whether each block is one thing, with labels on the left and no header above."""
        of_blocks = {Per.BLOCK, Per.LABEL}
        has_blocks = self.begins is not None and all(
            record.per in of_blocks for record in self.records
        )
        return has_blocks and bool(self.pairs) and not self.header

    @property
    def is_without_header(self) -> bool:
        """Tell whether its rows are things and no header is above: columns are named by their letters."""
        names = [value.named_header for value in self.all_values if value.named_header]
        are_letters = bool(names) and all(name.startswith(LETTER) for name in names)
        if not are_letters or self.header or self.is_form or self.marks is not None:
            return False
        # Lines of text, and terms below the name of their list, need no header.
        return all(
            record.per in {Per.ROW, Per.BLOCK} and record.into not in {CUSTOM, HELPER}
            for record in self.records
        )

    @property
    def row_of_names(self) -> int:
        """Which row of the header has the names of the columns of a matrix; the first is 1."""
        stated = None if self.marks is None else self.marks.names_row
        return self.header_rows if stated is None else stated

    @property
    def header_height(self) -> int:
        """How many rows its header has."""
        return self.header_rows + self.header_below

    @property
    def all_values(self) -> Iterator[Value]:
        """Yield every value that its records take, with those it is made of."""
        for record in self.records:
            for values in record.values.values():
                for value in values:
                    yield from value.with_parts
            if record.items is not None:
                yield from record.items.with_parts

    @model_validator(mode="after")
    def _has_marks_for_its_records(self) -> "Region":
        for record in self.records:
            if self.marks is None and record.per in {Per.MARK, Per.COLUMN}:
                raise ValueError(f"a record `per: {record.per}` needs `marks`")
            if record.per is Per.LABEL and not self.is_form:
                raise ValueError(
                    "a record `per: label` needs `begins`, `pairs`, no header, and a record per block"
                )
        return self


class MeantLook(_Declared):
    """Cells that look so, and what that says: of the thing that a cell names, else of the cell."""

    look: LookOf
    colour: Text = Field("", description="of a fill or a text: its colour")
    means: LookMeaning

    @model_validator(mode="after")
    def _names_a_colour(self) -> "MeantLook":
        if (self.look is LookOf.STRUCK) == bool(self.colour):
            raise ValueError("a fill or a text needs its `colour`; what is struck has none")
        return self


class SheetLayout(_Declared):
    """What worksheets are that look alike."""

    worksheets: Annotated[
        tuple[Name, ...], BeforeValidator(_as_list), Field(min_length=1, max_length=LIST_MAX_COUNT)
    ] = Field(description="names of worksheets, or patterns such as `Fields (*)`")
    ignore: Reason | None = Field(None, description="why nothing of the worksheet is read")
    explains: StrictBool = Field(
        default=False, description="its lines say what abbreviations and colours of others mean"
    )
    regions: Annotated[tuple[Region, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    leave: Annotated[tuple[LeftOutRows, ...], Field(max_length=LIST_MAX_COUNT)] = Field(
        (), description="rows outside of all regions, and why"
    )
    comments: Reason | None = Field(None, description="why comments of cells are not read")
    quotes_comments: StrictBool = Field(
        default=False, description="comments that no column takes are quoted all the same"
    )
    colours: Reason | None = Field(None, description="why fills of cells are not read")
    struck: Reason | None = Field(None, description="why struck-through text is read as any other")
    looks: Annotated[tuple[MeantLook, ...], Field(max_length=LIST_MAX_COUNT)] = Field(
        (), description="what fills, colours of texts and lines through them mean"
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> "SheetLayout":
        if (self.ignore is None) == (not self.regions):
            raise ValueError("say either `ignore` with a reason, or `regions`")
        if self.explains and self.ignore is None:
            raise ValueError(
                "a worksheet that `explains` others is not read: say why with `ignore`"
            )
        for rule in self.leave:
            if rule.column is not None and not rule.column.startswith(LETTER):
                raise ValueError(f"`leave` is outside of all tables: name a column as in {LETTER}A")
        return self


class DividedWorksheet(_Declared):
    """A worksheet whose areas are read as worksheets of their own: beside each other, or one below."""

    worksheet: Name = Field(description="its name, or that of an area, which is divided again")
    areas: Annotated[tuple[Name, ...], Field(min_length=2, max_length=LIST_MAX_COUNT)] = Field(
        description="what its areas are called, from left to right, or from top to bottom"
    )
    columns: Annotated[tuple[Stretch, ...], Field(max_length=LIST_MAX_COUNT)] = Field(
        (), description="of areas beside each other: the columns of each, such as A:F"
    )
    row: Texts = Field(
        (),
        description="of two areas, one below the other: all texts of the row that the second begins with",
    )

    @model_validator(mode="after")
    def _says_where(self) -> "DividedWorksheet":
        are_two = len(self.areas) == 2  # noqa: PLR2004 - the one above, and the one below
        are_below = bool(self.row) and not self.columns and are_two
        are_beside = not self.row and len(self.columns) == len(self.areas)
        if not are_below and not are_beside:
            raise ValueError(
                "say either the `columns` of each area, or the `row` of the second of two"
            )
        starts = [columns_of_stretch(stretch).start for stretch in self.columns]
        if starts != sorted(set(starts)):
            raise ValueError("name the areas from left to right")
        return self


class AllWorksheets(_Declared):
    """What is said of all worksheets, and counts for those of which something is said later, too."""

    leave: Annotated[tuple[LeftOutRows, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    remarks: Annotated[tuple[RemarkRows, ...], Field(max_length=LIST_MAX_COUNT)] = ()
    unused: Annotated[Mapping[Header, Reason], Field(max_length=LIST_MAX_COUNT)] = Field(
        default_factory=dict
    )
    ditto: Annotated[Mapping[Header, Texts], Field(max_length=LIST_MAX_COUNT)] = Field(
        default_factory=dict
    )
    comments: Reason | None = None
    quotes_comments: StrictBool = False
    colours: Reason | None = None
    struck: Reason | None = None
    looks: Annotated[tuple[MeantLook, ...], Field(max_length=LIST_MAX_COUNT)] = ()


class Confirmation(_Declared):
    """Who answers for a layout."""

    by: Name
    at: Name = Field(description="when, as in 2026-11-30T10:15:00Z")


AcceptedCheck = Literal[
    "not_read",
    "partly_read",
    "comment_not_read",
    "merged",
    "name_not_found",
    "lone_text",
    "word_unread",
    "owner_unlisted",
    "cell_differs",
    "column_unsaid",
    "owner_blank",
    "mark_unread",
    "row_unclear",
]
"""The checks whose findings somebody can accept; each names a cell or a row."""


class Accepted(_Declared):
    """Something left to settle that whoever confirmed the layout accepts as it is."""

    worksheet: Name
    check: AcceptedCheck
    text: Text = Field(description="what the check names: of a cell, all of its text")


class Layout(_Declared):
    """What somebody says of a workbook, or of a folder of exported sheets."""

    version: Literal[1] = 1
    confirmed: Confirmation | None = None
    left: Annotated[tuple[str, ...], Field(max_length=LEFT_MAX_COUNT)] | None = Field(
        None, description="texts of cells that were left out when somebody confirmed it"
    )
    accepted: Annotated[tuple[Accepted, ...], Field(max_length=LEFT_MAX_COUNT)] = Field(
        (),
        description="what was left to settle and is known not to be read, each as often as it is",
    )
    all_worksheets: AllWorksheets | None = Field(
        None, description="what is said of all worksheets, for those that are said later"
    )
    divided: Annotated[tuple[DividedWorksheet, ...], Field(max_length=LIST_MAX_COUNT)] = Field(
        (), description="worksheets whose areas are read as worksheets of their own, in this order"
    )
    sheets: Annotated[tuple[SheetLayout, ...], Field(max_length=LIST_MAX_COUNT)]
