"""The form of a view in the text of a ticket, and answers of people put into it."""

from jira_pipeline.model.forms_in_text import FORM_COLUMNS, is_filled_in, parse_cells, with_answers


def form(*rows: tuple[str, str]) -> str:
    """Return a form of displays, each with its filters; all else is said."""
    head = "".join(f"<th>{name}</th>" for name in ("Display", *FORM_COLUMNS))
    body = "".join(
        f"<tr><td>{display}</td>"
        + "".join(f"<td>{filters if c == 'Filters' else 'said'}</td>" for c in FORM_COLUMNS)
        + "</tr>"
        for display, filters in rows
    )
    return f"<p>Form</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>?</p>"


def test_an_answer_fills_its_open_cell_as_text_and_nothing_else() -> None:
    text = form(("Page <code>page_1</code>", "content, which: ?"), ("Block", "?"))
    (first, second) = (cell for cell in parse_cells(text) if cell.is_open)

    filled = with_answers(text, (first, second), {first.cell_id: "a < b\nand c", "cell:gone": "x"})

    assert (first.asks, second.asks) == ("Filters of `page_1`", "Filters of `Block`")
    assert filled == text.replace("content, which: ?", "a &lt; b<br>and c")
    assert not is_filled_in(text, [first.cell_id])
    assert is_filled_in(text, [first.cell_id, second.cell_id])


def test_a_label_that_ends_with_a_question_mark_leaves_nothing_open() -> None:
    cells = parse_cells(
        form(("Page <code>page_1</code>", "Is it new?"), ("Block", "rig; others: ?"))
    )

    assert [cell.display for cell in cells if cell.is_open] == ["Block"]


def test_a_cell_is_the_same_under_another_label_and_another_in_a_display_of_the_same_name() -> None:
    named = parse_cells(form(("List <code>page_1</code>", "?")))
    renamed = parse_cells(form(("Overview <code>page_1</code>", "?")))
    twice = parse_cells(form(("Block", "?"), ("Block", "?")))

    assert [cell.cell_id for cell in named] == [cell.cell_id for cell in renamed]
    assert len({cell.cell_id for cell in twice}) == len(twice)
