"""Documents on the terminal: everything of them is there, in narrow windows too."""

import io
import re

from rich.console import Console

from jira_pipeline.cli.tickets import rendered_document
from jira_pipeline.jira.adf import AdfNode, adf_to_text, html_to_adf
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import site_tickets

ALL_KINDS = """
<h1>One</h1><h4>Four</h4><p>Plain <b>strong</b> <i>slanted</i> <code>code()</code><br>next
<a href="https://a.example/x">there</a> <a href="https://b.example/">https://b.example/</a></p>
<ul><li>first<ul><li>inner</li></ul></li><li>second</li></ul>
<ol start="3"><li>third</li></ol>
<blockquote><p>quoted</p></blockquote><pre>a
  b</pre><hr>
<table><tr><th>Head</th><th>Other</th></tr><tr><td colspan="2">spanning</td></tr>
<tr><td><p>two</p><p>lines</p></td><td></td></tr></table>
"""


def shown(document: AdfNode, *, width: int = 100) -> str:
    written = io.StringIO()
    Console(file=written, width=width, force_terminal=False).print(rendered_document(document))
    return written.getvalue()


def letters(text: str) -> str:
    """Everything but white space, marks of code and lines drawn: folding moves both."""
    return re.sub(r"[\s─━•`]+", "", text)


@each("made", site_tickets("uhrenmuseum"), ids=lambda made: made.ticket.title)
def test_every_cell_of_a_ticket_is_shown_whole(made: object) -> None:
    """Rich's Markdown cut the cells of wide tables with an ellipsis."""
    document = made.rendered().document  # type: ignore[attr-defined] # a MadeTicket
    text = shown(document, width=240)

    missing = [cell for cell in cells_of(document) if letters(cell) not in letters(text)]

    assert missing == []
    assert "…" not in text.replace("…", "", adf_to_text(document).count("…"))


def cells_of(document: AdfNode) -> list[str]:
    tables = [block for block in document["content"] if block["type"] == "table"]
    cells = [cell for table in tables for row in table["content"] for cell in row["content"]]
    texts = [adf_to_text(block) for block in document["content"] if block["type"] == "heading"]
    return [*texts, *(line for cell in cells for line in adf_to_text(cell).split() if line)]


def test_a_narrow_terminal_folds_and_cuts_nothing() -> None:
    word = "field_accession_number_of_the_museum"
    document = html_to_adf(f"<table><tr><th>{word}</th><th>{word}</th></tr></table>")
    cell = html_to_adf(f"<table><tr><td>{word}</td></tr></table>")

    assert letters(shown(cell, width=12)) == word
    assert "…" not in shown(document, width=20)


def test_every_kind_of_block_is_shown() -> None:
    """“Skipper skipper” was read as two words of one name: code has its marks."""
    lines = [line.strip() for line in shown(html_to_adf(ALL_KINDS)).splitlines()]

    assert {
        *("One", "Four", "Plain strong slanted `code()`", "• first", "• inner", "3 third"),
        *("▌ quoted", "spanning"),
        "next there (https://a.example/x) https://b.example/ (https://b.example/)",
    } <= set(lines)
    assert lines.index("b") == lines.index("a") + 1
    assert [line.split() for line in lines if line.startswith("Head")] == [["Head", "Other"]]
    assert lines.index("lines") == lines.index("two") + 1


def test_what_reads_like_markup_is_shown_as_it_is() -> None:
    document: AdfNode = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "[red]*x*[/] \x1b[2J"}]},
            {"type": "panel", "attrs": {"panelType": "info"}, "content": []},
            {"type": "somethingNew", "content": [{"type": "text", "text": "kept"}]},
        ],
    }

    text = shown(document)

    assert "[red]*x*[/] ␛[2J" in text
    assert "kept" in text
