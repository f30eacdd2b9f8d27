"""Questions over HTTP: the inbox, answers here and in a spreadsheet."""

from jira_pipeline.kernel.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import ClientOf, signed_in, walked

QUESTIONS = f"/api/sessions/{SESSION}/questions"


def test_the_inbox_lists_each_question_once(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    inbox = client.get(QUESTIONS).json()

    places = [question["place"] for question in inbox["questions"]]
    assert len(places) == len(set(places)) == inbox["total"]
    assert inbox["open"] == inbox["total"]
    one = inbox["questions"][0]
    of_ticket = client.get(QUESTIONS, params={"ticket": one["ticket_number"]}).json()
    assert one["place"] in [question["place"] for question in of_ticket["questions"]]
    of_sheet = client.get(QUESTIONS, params={"sheet": one["file"]}).json()
    assert 0 < of_sheet["total"] <= inbox["total"]


def test_forms_of_views_are_listed_page_by_page_and_filled_in(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    every = client.get(f"{QUESTIONS}/forms").json()
    form = every["forms"][0]
    place = form["cells"][0]["place"]
    answers = f"{QUESTIONS}/answers"

    kept = client.post(answers, json={"answers": [{"place": place, "answer": "Clocks", "was": ""}]})
    late = client.post(answers, json={"answers": [{"place": place, "answer": "All", "was": ""}]})

    of_ticket = client.get(f"{QUESTIONS}/forms", params={"ticket": form["ticket_number"]}).json()
    cell = of_ticket["forms"][0]["cells"][0]
    assert walked(client, f"{QUESTIONS}/forms?limit=1", "forms") == walked(
        client, f"{QUESTIONS}/forms", "forms"
    )
    assert kept.json()["tickets"] == [form["ticket_number"]]
    assert (late.status_code, late.json()["code"]) == (409, "edit_conflict")
    assert (cell["answer"], cell["place"]) == ("Clocks", place)
    assert of_ticket["open"] == every["open"] - 1
    assert client.get(f"{QUESTIONS}/forms", params={"open": False}).json()["total"] == 0


def test_the_forms_go_out_as_a_workbook_and_come_back(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    written = client.get(f"{QUESTIONS}/forms/file")

    same = client.post(f"{QUESTIONS}/upload", files={"file": ("v.xlsx", written.content, "x/y")})

    assert written.content.startswith(b"PK")
    assert (same.status_code, same.json()["kept"]) == (200, 0)


def test_a_spreadsheet_goes_out_and_comes_back(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)
    written = client.get(f"{QUESTIONS}/file")
    lines = written.text.splitlines()
    filled = "\n".join([lines[0], f"{lines[1].rpartition(',')[0]},Editors only"])

    kept = client.post(f"{QUESTIONS}/upload", files={"file": ("answers.csv", filled, "text/csv")})
    broken = client.post(f"{QUESTIONS}/upload", files={"file": ("answers.csv", b"\xff\x00", "x/y")})

    workbook = client.get(f"{QUESTIONS}/file?format=xlsx")
    same = client.post(f"{QUESTIONS}/upload", files={"file": ("q.xlsx", workbook.content, "x/y")})
    assert written.headers["content-type"].startswith("text/csv")
    assert workbook.content.startswith(b"PK")
    assert (same.status_code, same.json()["kept"]) == (200, 0)
    assert kept.status_code == 200, kept.text
    assert kept.json()["kept"] >= 1
    assert broken.status_code == 422


def test_who_does_not_decide_proposes_answers_and_takes_them_back(client_of: ClientOf) -> None:
    client, address = client_of(Role.CLIENT), f"{QUESTIONS}/answers"
    inbox = client.get(QUESTIONS).json()
    place = inbox["questions"][0]["place"]

    def said(answer: str) -> tuple[int, int, list[str]]:
        sent = {"answers": [{"place": place, "answer": answer}]}
        kept = client.post(address, json=sent).json()
        (now, *_) = client_of(Role.REVIEWER).get(QUESTIONS).json()["questions"]
        assert (kept["kept"], kept["tickets"], kept["open"]) == (0, [], inbox["open"])
        assert now["answer"] is None
        return (
            kept["proposed"],
            len(now["proposed_answers"]),
            [one["answer"] for one in now["proposed_answers"]],
        )

    assert said("Editors") == (1, 1, ["Editors"])
    assert said("Editors") == (0, 1, ["Editors"])
    assert said("All of them") == (1, 1, ["All of them"])
    assert said("") == (1, 0, [])
    foreign = client.post(address, json={"answers": [{"place": "9999.1", "answer": "x"}]})
    assert foreign.status_code == 422
