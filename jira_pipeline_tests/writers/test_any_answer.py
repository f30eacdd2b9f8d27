"""Whatever an answer holds, the check ends, and what passes it is plain prose."""

import html
import re
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jira_pipeline.writers.answers import TicketAnswer, prose_of
from jira_pipeline.writers.provenance.check import second_request, unfounded_in
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.writers.harbour import harbour_briefs, harbour_facts

BOAT = "Configure content type: Boat"
TAGS = re.compile(r"</?(?:p|ul|ol|li|strong|code)>|<ul class=\"checklist\">")
PIECES = (
    *(
        "a boat",
        "The field",
        "is required",
        "takes 3 values",
        "Harbour Master",
        "two",
        "12",
        "“",
        "”",
    ),
    *("`", "`field_rig`", "`field_hull_name`", "“hidden on form display”", "editors", "pdf", "…"),
    *("<b>", "</script>", "**", "](", "\n", "\t", "\x00", "\u200b", "\u202e", "\u0430", "&amp;"),
    *("http://", "//", "@", ".", ",", ";", ":", "(", ")", "'", '"', "/", "\\", "{{", "_", "-", "–"),
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), min_size=1, max_size=12).map(
    " ".join
)
SENTENCES = TEXTS.filter(lambda text: 0 < len(text.strip()) <= 600)
ANSWERS = st.builds(
    TicketAnswer,
    user_story=SENTENCES | st.just("As an editor, I want a boat, so that it is there."),
    analysis=st.lists(SENTENCES, min_size=1, max_size=3),
    verification=st.lists(SENTENCES, min_size=1, max_size=3),
    estimated_hours=st.none() | TEXTS.map(lambda text: text[:300]),
    questions=st.lists(
        st.fixed_dictionaries(
            {"question": SENTENCES, "row": TEXTS.map(lambda t: t[:300]), "quote": st.just("")}
        ),
        max_size=2,
    ),
)


@settings(max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answer=ANSWERS)
def test_any_answer_is_judged_and_what_passes_is_plain_prose(answer: TicketAnswer) -> None:
    facts = harbour_facts()[BOAT]
    template = TemplateWriter().write(harbour_briefs()[BOAT])

    unfounded = unfounded_in(answer, facts)

    if unfounded:
        request = second_request(answer, unfounded)
        assert all(c.isprintable() or c == "\n" for c in request)
        return
    prose = prose_of(answer, facts, template=template, writer="test/1")
    parts = prose.parts
    prose_html = parts.user_story + parts.analysis + parts.verification
    words = html.unescape(TAGS.sub("", prose_html))
    assert "<" not in TAGS.sub("", prose_html)
    assert {unicodedata.category(c) for c in words}.isdisjoint({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
