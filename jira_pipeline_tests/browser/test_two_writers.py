"""People write in the parts of a ticket: saving shows what somebody else wrote, leaving loses and publishes nothing."""

from playwright.sync_api import Page, expect

from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.projects import SESSION

HERE = f"/sessions/{SESSION}/tickets"


def write_notes(page: Page, number: int, text: str) -> None:
    page.goto(f"{HERE}/{number}")
    page.locator("[data-edits=notes]").click()
    page.locator("#part-notes").fill(text)


def somebody_else_writes(served: Served, number: int, part: str = "notes") -> None:
    session = open_session(served.web.pipeline, SESSION)
    wanted = TicketEdit(parts={part: "<p>Of somebody else.</p>"})
    revisions.edit(session, session.ticket(number), wanted, by="anna")


def test_what_was_typed_and_not_saved_is_back_and_can_be_thrown_away(
    reviewed_web: Served, page: Page
) -> None:
    """Leaving publishes nothing, and somebody else may edit another part meanwhile."""
    write_notes(page, 8, "Mine.")
    page.goto(f"{HERE}/7")
    somebody_else_writes(reviewed_web, 8, "analysis")
    assert (
        "Mine." not in reviewed_web.web.pipeline.store.tickets.get(SESSION, 8).revision.parts.notes
    )

    page.goto(f"{HERE}/8")
    expect(page.locator("#part-notes")).to_have_value("Mine.")
    expect(page.locator(".returned")).to_contain_text(
        "What you typed here and did not save is back."
    )
    page.keyboard.press("a")
    expect(page.locator("#notices")).to_contain_text("save or discard it")
    page.locator("#part-notes").press("Control+Enter")
    expect(page.locator("article.ticket")).to_contain_text("Mine.")
    expect(page.locator("article.ticket")).to_contain_text("Of somebody else.")

    page.locator("[data-edits=notes]").click()
    page.locator("#part-notes").fill("Not so.")
    page.reload()
    page.locator(".returned").get_by_role("button", name="Discard").click()
    page.reload()
    expect(page.locator(".returned")).to_have_count(0)
    expect(page.locator(".part.in-place")).to_have_count(0)


def test_two_windows_of_one_person_keep_both_texts(page: Page) -> None:
    """The second window took the place of the first one's text, and said nothing."""
    write_notes(page, 9, "Of the first window.")
    other = page.context.new_page()
    write_notes(other, 9, "Of the second window.")
    expect(page.locator("#notices")).to_contain_text("each keeps its text")

    page.locator("#part-notes").fill("Of the first window, longer.")
    other.reload()
    expect(other.locator(".returned pre")).to_have_text("Of the second window.")
    other.close()


def test_a_text_of_a_closed_window_goes_on_in_another_and_is_forgotten_once_saved(
    page: Page,
) -> None:
    """Its first letters counted as another text, and what was saved came back."""
    first = page.context.new_page()
    write_notes(first, 10, "Begun.")
    first.close()

    page.goto(f"{HERE}/10")
    page.locator("#part-notes").fill("Begun and ended.")
    page.reload()
    expect(page.locator(".returned")).to_have_count(1)
    page.locator("#part-notes").press("Control+Enter")
    expect(page.locator("article.ticket")).to_contain_text("Begun and ended.")
    page.reload()
    expect(page.locator(".returned")).to_have_count(0)

    second = page.context.new_page()
    write_notes(second, 10, "Not saved.")
    second.close()
    page.goto(f"{HERE}/10")
    page.locator("#part-notes").press("Control+Enter")
    expect(page.locator("article.ticket")).to_contain_text("Not saved.")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft '))") == []


def test_one_editor_opens_where_the_text_is(page: Page) -> None:
    page.goto(f"{HERE}/9?edit=1")

    expect(page.locator(".part.in-place")).to_have_count(1)
    expect(page.locator("#edit")).to_be_hidden()


def test_buttons_write_the_marks_of_markdown(page: Page) -> None:
    page.goto(f"{HERE}/20")
    page.locator("[data-edits=notes]").click()
    field, marks = page.locator("#part-notes"), page.get_by_role("group", name="Markdown")
    field.fill("Ask\nfirst")
    field.press("Control+a")

    marks.get_by_role("button", name="Checklist").click()
    field.press("Control+End")
    marks.get_by_role("button", name="Bold").click()
    page.keyboard.type("now")

    expect(field).to_have_value("- [ ] Ask\n- [ ] first**now**")


def test_the_part_in_view_is_edited_in_its_place(page: Page) -> None:
    """A form 4,600 px below took its place."""
    page.goto(f"{HERE}/16")
    page.wait_for_load_state()
    page.keyboard.press("e")
    expect(page.locator("#part-user_story")).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Verification").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('h3[data-part=verification]').scrollIntoView()")

    page.keyboard.press("e")

    field = page.locator("#part-verification")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    assert field.evaluate("one => one.closest('article.ticket') !== null")
