"""What the page of a layout says of all that is left to settle, and where on it each is settled.

The findings of checks come in (`LayoutFinding`, each with the code of its check, an `Unsettled`);
sentences for people go out, with the part of the page that settles them. Worksheets that look alike are
one group, and one choice is about all of them; what the checks find in a group is `unsettled` where the
layout has to say more, and among its `faults` where the sheets themselves lack something.

Belongs here: the words and the part of the page for each check. Does not: the checks
(`sheets/layouts/coverage`), taking a choice (`layout_page`), the other values of the page
(`layout_view`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

from jira_pipeline.drupal.column_words import label_anywhere, label_of
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import first_named, format_count
from jira_pipeline.model.sheet_names import whole_sheet
from jira_pipeline.sessions.layouts import LayoutWork
from jira_pipeline.sheets.layouts.coverage import CellFate, LayoutFinding, Unsettled, cell_fates
from jira_pipeline.sheets.layouts.given_things import GivenReading, GivenThings
from jira_pipeline.sheets.layouts.grid import Grid, Place
from jira_pipeline.sheets.layouts.header_offers import HeaderReading, tables_of_group
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout
from jira_pipeline.sheets.layouts.texts import line_shortened
from jira_pipeline.sheets.layouts.worksheet_groups import WorksheetGroup, worksheet_groups


class PagePart(StrEnum):
    """Parts of the page, by the `id` that they have in it."""

    MISFIT = "misfit"
    SHAPE = "shape-card"
    CELLS = "grid"
    HEADERS = "headers"
    MARKS = "marks"
    NAMES = "names"
    WORDS = "words"
    LOOKS = "looks"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Settling:
    """What one check leaves to settle, in words, and what settles it."""

    singular: str
    """Where it finds one place: what is to be settled, with `{text}` for what the place says."""
    plural: str
    """Where it finds several: the same with `{count}`, and `{texts}` for the first of them."""
    how: str
    """What somebody does to settle it."""
    part: PagePart
    """Where on the page they do that."""
    left: str = "It is not read, and builds nothing."
    """What becomes of the places where somebody leaves them as they are."""


LEFT_TO_SETTLE: Mapping[Unsettled, Settling] = {
    Unsettled.MISFIT: Settling(
        "It is not as it was: {text}",
        "{count} things are not as they were: {texts}",
        "Say what it is called now, or that it is gone",
        PagePart.MISFIT,
    ),
    Unsettled.OWNER_BLANK: Settling(
        "{text}",
        "{texts}",
        "Say which line, column or title says what they belong to, or what a blank cell means",
        PagePart.CELLS,
    ),
    Unsettled.OWNER_UNLISTED: Settling(
        "A name that no worksheet lists: {text}",
        "{count} names that no worksheet lists: {texts}",
        "Say what is meant by each name, or correct it in the sheet",
        PagePart.NAMES,
        "Its rows are in a ticket of their own, for things without an owner.",
    ),
    Unsettled.COLUMN_UNSAID: Settling(
        "No header says yet: {text}",
        "No header says yet: {texts}",
        "Choose the header that says it, or say it for all rows",
        PagePart.HEADERS,
        "Nothing says it: tickets ask.",
    ),
    Unsettled.NOT_READ: Settling(
        "A text is not read: {text}",
        "{count} texts are not read, such as {texts}",
        "Say what their header means, or choose the number of the row and say what it is",
        PagePart.CELLS,
    ),
    Unsettled.LONE_TEXT: Settling(
        "A row has a single text: {text}. Is it a thing, or a remark?",
        "{count} rows have a single text, such as {texts}. Are they things, or remarks?",
        "Leave such rows out, or quote them in the tickets",
        PagePart.CELLS,
        "The row is left out: it is not read, and builds nothing.",
    ),
    Unsettled.WORD_UNREAD: Settling(
        "A word is not understood: {text}",
        "{count} words are not understood, such as {texts}",
        "Say what each means; once is enough for the whole workbook",
        PagePart.WORDS,
        "The cell stays as it is: tickets show it, and where it counts they ask.",
    ),
    Unsettled.MARK_UNREAD: Settling(
        "A mark is not explained: {text}",
        "{count} marks are not explained: {texts}",
        "Say what each mark means, below the headers; all are saved together",
        PagePart.MARKS,
    ),
    Unsettled.PARTLY_READ: Settling(
        "A part of a text is not read: {text}",
        "Of {count} texts a part is not read, such as {texts}",
        "Say what the rest of the cell is: at its header, open “More …”",
        PagePart.HEADERS,
        "What is left over is not read.",
    ),
    Unsettled.NEWLY_LEFT_OUT: Settling(
        "A new text is left out by what was said of such rows: {text}",
        "{count} new texts are left out by what was said of such rows: {texts}",
        "Say that it is right so; if it is not, choose the number of the row",
        PagePart.CELLS,
        "It stays left out.",
    ),
    Unsettled.CELL_DIFFERS: Settling(
        "Two rows say different things of the same: {text}",
        "{count} rows say something else than an earlier row of the same: {texts}",
        "Correct the sheet, or say otherwise what the header means",
        PagePart.HEADERS,
        "What the first row says counts.",
    ),
    Unsettled.NAME_NOT_FOUND: Settling(
        "A name was looked up and not found: {text}",
        "{count} names were looked up and not found: {texts}",
        "Correct the name in the sheet, or say otherwise what the header means",
        PagePart.HEADERS,
        "The cell stays blank.",
    ),
    Unsettled.MERGED: Settling(
        "A merged cell covers rows that do not take its text: {text}",
        "{count} merged cells cover rows that do not take their text",
        "Say what a blank cell means, below its header",
        PagePart.HEADERS,
        "The rows stay without its text.",
    ),
    Unsettled.ROW_UNCLEAR: Settling(
        "A row is not clear: {text}",
        "{count} rows are not clear: {texts}",
        "Choose the number of the row, and say what it is",
        PagePart.CELLS,
        "The row is read as one of the table.",
    ),
    Unsettled.COMMENT_NOT_READ: Settling(
        "A comment on a cell is not read: {text}",
        "{count} comments on cells are not read, such as {texts}",
        "Quote them in the tickets, or say why they are left out",
        PagePart.SETTLE,
    ),
    Unsettled.STRUCK: Settling(
        "Some text is crossed out, and no one has said what that means",
        "Some text is crossed out, and no one has said what that means",
        "Say what colours and crossed-out text mean",
        PagePart.LOOKS,
    ),
    Unsettled.COLOUR_NOT_READ: Settling(
        "Some cells are coloured, and no one has said what the colours mean",
        "Some cells are coloured, and no one has said what the colours mean",
        "Say what colours and crossed-out text mean",
        PagePart.LOOKS,
    ),
}
"""What the page shows as left to settle, by check: what costs most if nobody settles it comes first.

A check that is not here is about a fault of the sheet itself: the layout is confirmed without settling it.
"""
_TEXTS_NAMED = 3
"""A sentence names the texts of this many cells, and says with `…` that there are more."""
_TEXT_MAX_CHARACTERS = 70
"""Of a text in a sentence: about half a line of the page."""
_LOST_MAX_CHARACTERS = 30
"""Of a text that is no longer read: the notice after a choice names three in a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlingQuestion:
    """What one check asks about a group of worksheets: one line in the list of the page."""

    group: WorksheetGroup
    titles: tuple[str, ...]
    """The worksheets that it is about; those of all groups where one answer settles it for all."""
    findings: tuple[LayoutFinding, ...]
    sentence: str
    settling: Settling

    @property
    def code(self) -> Unsettled:
        return self.findings[0].code


_CHOSEN_FOR_ALL = frozenset({Unsettled.COLOUR_NOT_READ, Unsettled.STRUCK})
"""Checks that one answer settles in the whole workbook, so that the list has one line for all of it."""


def settling_questions(groups: Sequence[WorksheetGroup]) -> list[SettlingQuestion]:
    """Return the lines of the list of what is left to settle, in the order of `LEFT_TO_SETTLE`.

    Of one check, the group with most findings comes first. Whole worksheets of which nobody said what
    they list are not among them: `unsaid_groups` has those.
    """
    questions: list[SettlingQuestion] = []
    for code, settling in LEFT_TO_SETTLE.items():
        of_check = _questions_of_check(code, settling, groups)
        if code in _CHOSEN_FOR_ALL and of_check:
            titles = tuple(title for question in of_check for title in question.titles)
            of_check = [replace(of_check[0], titles=titles)]
        questions += sorted(of_check, key=lambda question: -len(question.findings))
    return questions


def _questions_of_check(
    code: Unsettled, settling: Settling, groups: Sequence[WorksheetGroup]
) -> list[SettlingQuestion]:
    """Return what one check asks, one question for each group in which it finds something."""
    questions: list[SettlingQuestion] = []
    for group in groups:
        findings = tuple(
            finding
            for finding in group.unsettled
            if finding.code is code and not is_unsaid(finding)
        )
        if findings:
            question = SettlingQuestion(
                group=group,
                titles=group.titles,
                findings=findings,
                sentence=_sentence(settling, findings),
                settling=settling,
            )
            questions.append(question)
    return questions


@dataclass(frozen=True, slots=True, kw_only=True)
class LostName:
    """A name in a column of cells under which no worksheet lists anything."""

    name: str
    column: str
    """What people call the column that it is in."""
    worksheet: str
    """The first one that has it."""
    places: tuple[str, ...]
    """Every cell with it, such as `Fields!B12`."""


def lost_names(groups: Sequence[WorksheetGroup]) -> list[LostName]:
    """Return names that no worksheet lists, once for each column, those that most cells have first.

    A layout can be confirmed with them: tickets ask what is meant.
    """
    findings: list[LayoutFinding] = []
    for group in groups:
        findings += filter(_is_of_lost_name, group.faults)
    names: list[LostName] = []
    # The text of such a finding has the name and its column.
    for of_name in group_by(findings, lambda finding: (finding.text, finding.kind)).values():
        first = of_name[0]
        name = LostName(
            name=first.subject,
            column=_column_label(first, first.column),
            worksheet=first.worksheet,
            places=tuple(finding.where for finding in of_name),
        )
        names.append(name)
    return sorted(names, key=lambda name: -len(name.places))


def other_faults(groups: Sequence[WorksheetGroup]) -> list[LayoutFinding]:
    """Return what the sheets themselves lack, without the names that `lost_names` has."""
    faults: list[LayoutFinding] = []
    for group in groups:
        faults += (finding for finding in group.faults if not _is_of_lost_name(finding))
    return faults


def _is_of_lost_name(finding: LayoutFinding) -> bool:
    return finding.code is Unsettled.REFERENCE_DANGLING


def unsaid_groups(groups: Sequence[WorksheetGroup]) -> list[WorksheetGroup]:
    """Return the worksheets of which nobody said yet what they list."""
    return [group for group in groups if any(map(is_unsaid, group.unsettled))]


def is_unsaid(finding: LayoutFinding) -> bool:
    """Tell whether a finding is about a whole worksheet of which nobody said what it lists."""
    return finding.code is Unsettled.NOT_READ and finding.place is None


def _sentence(settling: Settling, findings: Sequence[LayoutFinding]) -> str:
    """Return what is to be settled, with how often, and with the first few texts it is about."""
    texts = dict.fromkeys(_shown_text(finding) for finding in findings)
    texts_named = ", ".join([*texts][:_TEXTS_NAMED])
    if len(texts) > _TEXTS_NAMED:
        texts_named += ", …"
    pattern = settling.singular if len(findings) == 1 else settling.plural
    # Plain replacements: the text of a cell may have braces, which `format` would take for a field.
    sentence = pattern.replace("{count}", f"{len(findings):,}")
    return sentence.replace("{texts}", texts_named).replace("{text}", texts_named)


_QUOTED = frozenset(
    {
        Unsettled.NOT_READ,
        Unsettled.PARTLY_READ,
        Unsettled.NEWLY_LEFT_OUT,
        Unsettled.COMMENT_NOT_READ,
        Unsettled.WORD_UNREAD,
    }
)
"""Checks whose finding is the text of a cell, which a sentence has in quotation marks."""


def _shown_text(finding: LayoutFinding) -> str:
    """Return what a finding is about, short enough for a sentence with two others."""
    text = finding_words(finding) or finding.where
    if finding.code is Unsettled.WORD_UNREAD:
        text = finding.subject.partition(": ")[2]  # the subject is `column: word`
    line = line_shortened(text, max_characters=_TEXT_MAX_CHARACTERS)
    return f"“{line}”" if finding.code in _QUOTED else line


_ABOUT_OWNERS = frozenset({Unsettled.OWNER_UNLISTED, Unsettled.OWNER_BLANK})
"""Checks that find each place where an owner is missing; people settle them by thing (`count_left`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error for which the sheets would be refused, and where it is."""

    finding: Finding
    worksheet: str
    """Blank where it is about no worksheet, such as a damaged file."""


def refusals_of_work(work: LayoutWork) -> list[Refusal]:
    """Return the errors for which the sheets would be refused, each with its worksheet."""
    titles = {file.sheet_name: title for title, file in work.upload.files.items()}
    refusals: list[Refusal] = []
    for finding in work.refusals:
        file = finding.file or ""
        # A table below another is cited as a part of its worksheet.
        worksheet = titles.get(file) or titles.get(whole_sheet(file), "")
        refusals.append(Refusal(finding=finding, worksheet=worksheet))
    return refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetState:
    """How far people are with a group of worksheets."""

    group: WorksheetGroup
    refusals: tuple[Refusal, ...]
    """Errors of their rows, for which the sheets would be refused."""
    tables: Sequence[HeaderReading]
    """What the headers of each table mean; one table where nobody said yet what they list."""
    given: GivenThings
    """The things that their rows are."""
    proposals: tuple[str, ...]
    """What a form of a table shows as chosen and nobody saved; it is not counted as left."""

    @property
    def open_count(self) -> int:
        """How many places are left to settle, with the errors for which rows would be refused."""
        return count_left(self.group, self.given) + len(self.refusals)


def count_left(group: WorksheetGroup, given: GivenThings) -> int:
    """Return how many findings and things without an owner are left to settle in a group.

    A missing owner counts once for each thing that lacks it, not for each place that the checks find.
    Things that somebody left without an owner are not counted: nobody is asked about them again.
    """
    about_owners = [finding for finding in group.unsettled if finding.code in _ABOUT_OWNERS]
    others_count = len(group.unsettled) - len(about_owners)
    if not about_owners:
        return others_count
    return others_count + given.unsettled_count


def worksheet_states(groups: Sequence[WorksheetGroup], work: LayoutWork) -> list[WorksheetState]:
    """Return how far people are with each group of worksheets, in the order of the groups."""
    states: list[WorksheetState] = []
    reading = GivenReading(work.checks.reading.checked.applied.rows)
    refusals_by_worksheet = group_by(refusals_of_work(work), lambda refusal: refusal.worksheet)
    for group in groups:
        refusals: list[Refusal] = []
        for title in group.titles:
            refusals += refusals_by_worksheet.get(title, ())
        tables = tables_of_group(group, work.checks.effective, work.checks.reading.checked)
        given = reading.of_worksheets(group.titles)
        proposals: list[str] = []
        for table in tables:
            if table.matrix is not None:
                proposals += table.matrix.proposals
        states.append(
            WorksheetState(
                group=group,
                refusals=tuple(refusals),
                tables=tables,
                given=given,
                proposals=tuple(dict.fromkeys(proposals)),
            )
        )
    return states


def findings_of_worksheet(
    work: LayoutWork, worksheet: str, check: Unsettled
) -> list[LayoutFinding]:
    """Return what one check leaves to settle in a worksheet, and in those that look like it.

    There is nothing where the workbook has no such worksheet.
    """
    checks = work.checks
    groups = worksheet_groups(
        checks.effective, work.grids, checks.reading.checked, unsettled=checks.unsettled
    )
    group = next((group for group in groups if worksheet in group.titles), None)
    if group is None:
        return []
    return [finding for finding in group.unsettled if finding.code is check]


def finding_words(finding: LayoutFinding) -> str:
    """Return the text of a finding, with its column as people call it."""
    if finding.code is Unsettled.COLUMN_UNSAID:
        return f"“{_column_label(finding, finding.subject)}”"
    if not finding.column:
        return finding.text
    # The text begins with the name of the column in the code: `Widget is …`.
    label = _column_label(finding, finding.column)
    return f"{label}{finding.text.removeprefix(finding.column)}"


def _column_label(finding: LayoutFinding, column: str) -> str:
    """Return what people call a column of the kind of thing that a finding is about, or of any kind."""
    return label_of(finding.kind, column) if finding.kind else label_anywhere(column)


def refusals_of_files(work: LayoutWork) -> list[Refusal]:
    """Return errors that are about no worksheet, such as of a damaged file."""
    return [refusal for refusal in refusals_of_work(work) if not refusal.worksheet]


def effect_words(before: CheckedLayout, after: CheckedLayout, grids: Sequence[Grid]) -> str:
    """Return how many more cells of some worksheets are read, and which are no longer read, in words.

    Blank where the same cells are read.
    """
    more_count = 0
    texts_lost: list[str] = []
    cited_places = _cited_places(after)
    for grid in grids:
        places_before = _read_places(before, grid)
        places_after = _read_places(after, grid)
        more_count += len(places_after - places_before)
        # A line is read, too, where the rows below it take something from it, say their owner.
        places_after |= cited_places.get(grid.title, frozenset())
        texts_lost += [grid.cells[place] for place in sorted(places_before - places_after)]
    sentences: list[str] = []
    if more_count:
        sentences.append(f"{format_count(more_count, 'more cell')} {_is_or_are(more_count)} read.")
    if texts_lost:
        texts = [
            f"“{line_shortened(text, max_characters=_LOST_MAX_CHARACTERS)}”" for text in texts_lost
        ]
        sentences.append(
            f"{format_count(len(texts), 'cell')} {_is_or_are(len(texts))} no longer read: "
            f"{first_named(texts, _TEXTS_NAMED)}."
        )
    return " ".join(sentences)


def _is_or_are(count: int) -> str:
    return "is" if count == 1 else "are"


def _cited_places(checked: CheckedLayout) -> Mapping[str, AbstractSet[Place]]:
    """Return the cells whose text a row took from elsewhere, by the title of their worksheet."""
    places: dict[str, set[Place]] = defaultdict(set)
    for row in checked.applied.rows:
        for column in row.cells:
            for source in row.copied_from.cells(column):
                places[source.sheet].add(Place(source.row, source.column))
    return places


def _read_places(checked: CheckedLayout, grid: Grid) -> set[Place]:
    """Return the cells of a worksheet that a layout reads."""
    if grid.title not in checked.applied.uses:
        return set()  # the layout does not have it: a worksheet was divided, or its areas joined
    fates = cell_fates(grid, checked.applied)
    return {place for place, fate in fates.items() if fate is CellFate.READ}
