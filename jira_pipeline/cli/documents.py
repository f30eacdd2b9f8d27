"""A document on the terminal: as its Markdown, every cell whole.

Belongs here: what of Markdown a terminal shows in another way. Does not: the Markdown of a document
(`jira/adf`), tables of commands (`console`).
"""

from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from typing_extensions import override

from jira_pipeline.cli.console import literal
from jira_pipeline.jira.adf import AdfNode, adf_to_markdown


class _WholeTable(TableElement):
    """Folds what is wider than its column, which the library cuts."""

    @override
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _WholeMarkdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "table_open": _WholeTable,
    }


def rendered_document(document: AdfNode) -> Markdown:
    """Lay a whole document out; nothing of it is cut."""
    shown = _WholeMarkdown(literal(adf_to_markdown(document)).plain, hyperlinks=False)
    for token in shown.parsed:
        for inline in token.children or ():
            if inline.content == "<br>":  # what Markdown breaks a line of a cell with
                inline.type = "hardbreak"
            elif inline.type == "code_inline":  # a machine name would be a word of its label
                inline.content = f"`{inline.content}`"
    return shown
