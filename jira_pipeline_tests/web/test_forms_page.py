"""The page on which views are described, cell by cell beside their notes, and all at once."""

from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import ClientOf, one, page_at, value_of

HERE = f"/sessions/{SESSION}/questions/forms"
Form = dict[str, str | list[str]]


def page_of(client_of: ClientOf, number: int) -> LexborHTMLParser:
    return page_at(client_of(Role.REVIEWER), f"{HERE}?ticket={number}")


def form_of(page: LexborHTMLParser) -> Form:
    """What a browser would send of the first view of a page."""
    form = one(page, "form[data-unsaved]")

    def values(name: str) -> list[str]:
        fields = form.css(f"[name={name}]")
        return [f.text() if f.tag == "textarea" else f.attributes["value"] or "" for f in fields]

    [ticket_id] = values("ticket_id")
    return {"ticket_id": ticket_id} | {name: values(name) for name in ("cell", "was", "text")}


def sent(client_of: ClientOf, number: int, form: Form, **changed: list[str]) -> LexborHTMLParser:
    address = f"{HERE}?ticket={number}"
    answer = client_of(Role.REVIEWER).post(address, data=form | changed, follow_redirects=True)
    return LexborHTMLParser(answer.text)


def notice_of(page: LexborHTMLParser) -> str:
    return " ".join(each.text() for each in page.css(".notice"))


def test_a_view_is_described_cell_by_cell_and_cleared_again(web: Web, client_of: ClientOf) -> None:
    view = 22
    before = form_of(page_of(client_of, view))
    was = [*before["was"]]
    typed = [text or "published only" for text in was]

    page = sent(client_of, view, before, text=typed)
    ticket = page_at(client_of(Role.READER), f"/sessions/{SESSION}/tickets/{view}")
    again = form_of(page)
    same = sent(client_of, view, again)
    cleared = sent(client_of, view, again, text=was)

    assert notice_of(page).startswith(f"{typed.count('published only')} answers saved in ticket")
    body = one(ticket, "article .body")
    assert body.text().count("published only") == typed.count("published only")
    assert notice_of(same).startswith("Nothing was changed.")
    assert form_of(cleared) == before
    assert web.pipeline.store.tickets.get(SESSION, view).answers == ()


def test_all_views_are_on_one_page_with_their_notes(web: Web, client_of: ClientOf) -> None:
    """A form in each ticket showed no note, and asked for what the note said."""
    page = page_at(client_of(Role.REVIEWER), HERE)

    asking = [t for t in web.pipeline.store.tickets.list_all(SESSION) if t.revision.asked_cells]
    assert len(page.css(".view-form")) == len(asking) > 1
    assert "Goes on exhibitions below the clocks." in " ".join(p.text() for p in page.css(".said"))


def test_what_all_views_have_in_common_is_answered_at_the_top_and_undone(
    web: Web, client_of: ClientOf
) -> None:
    def answers() -> dict[str, str]:
        return {a.question_id: a.answer for a in web.pipeline.store.tickets.site_answers(SESSION)}

    client = client_of(Role.REVIEWER)
    form = form_of(page_at(client, HERE))
    by_place = dict(zip(form["cell"], form["text"], strict=True))
    typed = list((by_place | {"site.Sort": "by title"}).values())

    sent = form | {"text": typed, "accepted": "site"}
    after = LexborHTMLParser(client.post(HERE, data=sent, follow_redirects=True).text)
    given, shown = answers(), form_of(after)
    undo = {"undo": value_of(after, "form.undo input[name=undo]")}
    late = ["by date" if text == "by title" else text for text in shown["text"]]
    client.post(f"/sessions/{SESSION}/questions/undo", data=undo)
    undone = answers()
    refused = LexborHTMLParser(client.post(HERE, data=shown | {"text": late}).text)

    assert set(by_place.values()) == {""}
    assert given == dict(zip(shown["cell"], shown["text"], strict=True))
    assert (given["site.Sort"], given["site.Items per page"]) == ("by title", "10")
    placeholders = [a.attributes.get("placeholder") for a in after.css("textarea")]
    assert "by title (site)" in placeholders
    assert undone == {}
    assert "somebody else removed the answer" in notice_of(refused)
    assert "by date" in form_of(refused)["text"]
    assert answers() == {}


def test_what_somebody_answered_meanwhile_is_shown_beside_what_was_typed(
    web: Web, client_of: ClientOf
) -> None:
    view = 21
    before = form_of(page_of(client_of, view))
    mine = [*before["was"][:-1], "Nothing planned."]
    sent(client_of, view, before, text=[*before["was"][:-1], "No events."])

    page = sent(client_of, view, before, text=mine)

    (kept,) = web.pipeline.store.tickets.get(SESSION, view).answers
    assert kept.answer == "No events."
    assert "somebody else answered it “No events.”" in notice_of(page)
    assert "“No events.”" in " ".join(each.text() for each in page.css(".hint"))
    assert form_of(page)["text"][-1] == "Nothing planned."
    sent(client_of, view, form_of(page), text=mine)
    assert [a.answer for a in web.pipeline.store.tickets.get(SESSION, view).answers] == [mine[-1]]


def test_what_is_typed_in_a_cell_that_is_asked_no_more_is_said(
    web: Web, client_of: ClientOf
) -> None:
    before = form_of(page_of(client_of, 20))
    typed = ["All", *before["was"][1:-1], "By date"]

    page = sent(client_of, 20, before, text=typed, cell=[*before["cell"][:-1], "cell:gone"])

    assert "no longer open: “By date”" in notice_of(page)
    assert form_of(page)["text"][0] == "All"
    assert web.pipeline.store.tickets.get(SESSION, 20).answers == ()
