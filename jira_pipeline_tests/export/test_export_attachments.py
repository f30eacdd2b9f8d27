"""What a site takes of files is asked first; what it would refuse is never sent."""

import httpx
import pytest

from jira_pipeline.context.facts import LedgerMarks, ledger_marks_of
from jira_pipeline.model.errors import AccessError
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline_tests.contracts.stored_values import START, edit
from jira_pipeline_tests.crash.export_faults import StrikeOnce, raising
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import ATTACHED, FULL_TEXT, entries_of
from jira_pipeline_tests.export.whole_exports import refusal, set_rules, where
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.rules_of_sites import AttachmentRules

META = "/rest/api/3/attachment/meta"


def requests_to(world: ExportWorld, end: str) -> int:
    return sum(entry.path.endswith(end) for entry in journal_of(world.sandbox))


def is_upload(request: httpx.Request) -> bool:
    return request.url.path.endswith("/attachments")


def refuse_meta(world: ExportWorld, status: int) -> None:
    """Let the site refuse to say what it takes, once."""
    world.answering = StrikeOnce(
        lambda _request, _site: refusal(status), at=1, matches=lambda r: r.url.path == META
    )


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (AttachmentRules(is_enabled=False), "attachments are switched off on the site"),
        (
            AttachmentRules(size_limit_bytes=len(FULL_TEXT) - 1),
            f"it has {len(FULL_TEXT)} bytes; the site's limit is {len(FULL_TEXT) - 1}",
        ),
    ],
    ids=["switched off", "too large"],
)
def test_what_a_site_does_not_take_is_left_to_people_unsent(
    world: ExportWorld, rules: AttachmentRules, reason: str
) -> None:
    set_rules(world, attachments=rules)

    world.export()

    fixes = world.fixes()
    assert [(fix.fix_type, fix.ticket_id) for fix in fixes] == [
        (FixType.ATTACHMENT_UPLOAD, ticket_id) for ticket_id in ATTACHED
    ]
    assert all(reason in fix.recommended_action for fix in fixes)
    assert (requests_to(world, "/attachments"), requests_to(world, META)) == (0, 1)


def test_the_site_is_asked_once_and_only_where_a_file_is_left(world: ExportWorld) -> None:
    world.export()
    first = requests_to(world, META)

    world.export()

    assert (first, requests_to(world, META)) == (1, 1)
    assert requests_to(world, "/attachments") == len(ATTACHED)


@pytest.mark.parametrize("status", [None, 403, 404])
def test_a_site_that_takes_their_size_or_says_nothing_of_it_is_sent_the_files(
    world: ExportWorld, status: int | None
) -> None:
    set_rules(world, attachments=AttachmentRules(size_limit_bytes=len(FULL_TEXT)))
    if status:
        refuse_meta(world, status)

    world.export()

    assert world.fixes() == ()
    assert world.violations() == []


PAGE = {"content-type": "text/html"}


@pytest.mark.parametrize(
    ("status", "words"),
    [(413, "Request Entity Too Large"), (403, "Forbidden"), (401, "Unauthorized")],
)
def test_a_file_that_something_before_jira_turns_away_is_sent_once_and_says_why(
    world: ExportWorld, status: int, words: str
) -> None:
    """A proxy that looks into uploads answers with a page of its own; the issues are there."""
    sent = []

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if not is_upload(request):
            return site.handle_request(request)
        sent.append(request)
        return httpx.Response(status, headers=PAGE, content=b"<html>Too much.</html>")

    world.answering = answering

    world.export()

    actions = [fix.recommended_action for fix in world.fixes()]
    assert len(actions) == len(ATTACHED)
    assert all(f"{status} ({words}: " in action for action in actions)
    assert len(sent) == len(ATTACHED)
    assert marks_of(world).given_up_count == 0


def test_a_file_that_nobody_confirms_says_what_was_answered_and_nothing_of_its_issue(
    world: ExportWorld,
) -> None:
    page = httpx.Response(502, headers=PAGE, content=b"<html>Try later.</html>")
    world.answering = where(is_upload, page)

    world.export()

    actions = [fix.recommended_action for fix in world.fixes()]
    assert len(actions) == len(ATTACHED)
    assert all("sent twice but cannot be found" in action for action in actions)
    assert all("Jira answered 502 (Bad Gateway: " in action for action in actions)
    assert marks_of(world).given_up_count == 0


def marks_of(world: ExportWorld) -> LedgerMarks:
    """What the ledger says of the session, as its next step reads it."""
    with world.open_store() as store:
        return ledger_marks_of(entries_of(store))


def test_lost_authentication_stops_before_the_first_file(world: ExportWorld) -> None:
    refuse_meta(world, 401)

    with pytest.raises(AccessError):
        world.export()
    sent = requests_to(world, "/attachments")

    world.export()

    assert sent == 0
    assert world.fixes() == ()
    assert world.violations() == []


def test_a_file_of_a_ticket_that_changed_before_it_was_sent_is_left_to_people(
    world: ExportWorld,
) -> None:
    """Its issue names a file that nobody attached, and nothing said so."""
    world.die(ExportWorld.export, "before intent of attachment t02")
    with world.open_store() as store:
        edit(store, "Another title", number=2, at=START)
    world.mark_ready()

    world.export()
    world.export()

    (fix,) = world.fixes()
    assert (fix.fix_type, fix.ticket_id) == (FixType.ATTACHMENT_UPLOAD, "t02")
    assert "the ticket was changed before its file was attached" in fix.recommended_action
    assert requests_to(world, "/attachments") == 1


def test_a_file_whose_answer_alone_was_lost_is_not_waited_for(world: ExportWorld) -> None:
    world.horizon_seconds = 600.0
    lost = raising(httpx.ReadTimeout, is_committed=True)
    world.answering = StrikeOnce(lost, at=1, matches=is_upload)

    world.export()

    assert sum(world.time.slept) < 600.0
    assert world.violations() == []
