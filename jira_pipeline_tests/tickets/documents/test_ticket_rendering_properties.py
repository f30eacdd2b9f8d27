"""Whatever the sheets and whatever the limit: a body is valid, fits, and loses nothing."""

from hypothesis import HealthCheck, assume, given, settings, strategies as st

from jira_pipeline.jira.adf import adf_to_markdown, adf_to_text, compact_json_bytes, validate_adf
from jira_pipeline.model.ticket_links import by_title, written_out
from jira_pipeline.tickets.documents.adf_validation import check_ticket
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.sheets.made_specifications import Row, specification_of
from jira_pipeline_tests.tickets.documents.made_tickets import (
    MadeTicket,
    faults_in,
    render_whole_document,
    tickets_for,
)
from jira_pipeline_tests.writing.test_any_sheets import SHEETS

LONG = "A note of some length that says how it is to be built. "
FIELD = st.fixed_dictionaries(
    {
        "Bundle": st.just("Page (Content type)"),
        "Field label": st.text(max_size=30),
        "Machine name": st.from_regex(r"field_[a-z0-9_]{1,20}", fullmatch=True),
        "X": st.sampled_from("acxdw"),
        "Field type": st.sampled_from(("Text", "Entity reference", "Link", "Date")),
        "Ref. bundle": st.sampled_from(("", "Topic (Vocabulary)", "Gone (Media type)")),
        "Req'd": st.sampled_from("yn"),
        "Vals.": st.sampled_from(("1", "*")),
        "Form widget": st.sampled_from(("", "Select list", "Autocomplete")),
        "Settings/notes": st.integers(0, 4).map(LONG.__mul__) | st.text(max_size=40),
        "Help text": st.sampled_from(("", "<b>Bold</b> | `x`\n\nüber", LONG)),
    }
)
LIMIT = st.integers(6_000, 40_000)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def faults_of(made: MadeTicket, *, limit: int) -> list[str]:
    """What is wrong with a ticket rendered at a limit."""
    rendered = made.rendered(body_max_bytes=limit)
    kept = render_whole_document(made.ticket, made.group, groups=made.groups)
    whole = written_out(kept, by_title)
    faults = [str(v) for v in validate_adf(rendered.document)]
    is_too_large = compact_json_bytes(kept) > limit
    if rendered.attachment is None:
        faults += ["shortened without an attachment"] if rendered.document != whole else []
    else:
        if adf_to_markdown(whole).rstrip() not in rendered.attachment[1]:
            faults.append("the attachment is not the whole text")
        if rendered.whole_characters != len(adf_to_text(whole)):
            faults.append("the whole text has another length")
    if is_too_large == (rendered.attachment is None):
        faults.append("an attachment that is not needed, or a needed one is missing")
    if made.rendered(body_max_bytes=limit) != rendered:
        faults.append("rendered twice it differs")
    return faults


@settings(max_examples=examples(60), deadline=None, suppress_health_check=SLOW)
@given(rows=st.lists(FIELD, min_size=1, max_size=60), limit=LIMIT)
def test_a_bundle_of_any_fields_fits_any_limit(rows: list[Row], limit: int) -> None:
    bundles = [{"Name": "Page", "Machine name": "page", "Type": "Content type", "X": "a"}]
    made = tickets_for(specification_of(bundles=bundles, fields=rows))
    assume(made)

    checks = [check_ticket(m.rendered(body_max_bytes=limit), body_max_bytes=limit) for m in made]

    assert [fault for m in made for fault in faults_of(m, limit=limit)] == []
    assert [check.error_message for check in checks if not check.is_passed] == []
    assert faults_in(made) == ()


@settings(max_examples=examples(40), deadline=None, suppress_health_check=SLOW)
@given(sheets=SHEETS, limit=st.integers(1, 12_000))
def test_sheets_of_any_kind_render_whole_at_any_limit(
    sheets: dict[str, list[Row]], limit: int
) -> None:
    """Below any sensible limit too: such a ticket is reported, never a crash or half a body."""
    made = tickets_for(specification_of(**sheets), include_waiting=True)

    for one in made:
        rendered = one.rendered(body_max_bytes=limit)
        check = check_ticket(rendered, body_max_bytes=limit)
        assert check.is_passed == (rendered.largest_bytes <= limit)
        assert faults_of(one, limit=limit) == []
