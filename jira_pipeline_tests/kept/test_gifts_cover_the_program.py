"""Whatever people can give is in the table of gifts, or has a reason not to be.

A new verb, a new field of one, a new form or a new act in the audit trail fails here until somebody says
where its words have to stay.
"""

from collections.abc import Iterator

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.review.verbs import VERBS
from jira_pipeline_tests.kept.gifts import GIFTS, NO_GIFTS
from jira_pipeline_tests.web.routes_and_roles import ROUTES

COVERED = {place for gift in GIFTS for place in gift.covers}


def _fields_of_verbs() -> Iterator[str]:
    for name, verb in VERBS.items():
        for parameter in verb.parameters:
            yield f"{name}.{parameter}"


def _forms() -> Iterator[str]:
    for method, address in ROUTES:
        if method == "POST":
            yield f"POST {address}"


def test_every_field_of_a_verb_is_given_or_has_a_reason() -> None:
    fields = {*_fields_of_verbs()}

    missing = fields - COVERED - NO_GIFTS.keys()

    assert missing == set()


def test_every_form_is_given_or_has_a_reason() -> None:
    missing = {*_forms()} - COVERED - NO_GIFTS.keys()

    assert missing == set()


def test_every_act_of_the_audit_trail_is_given_or_has_a_reason() -> None:
    missing = {action.name for action in AuditAction} - COVERED - NO_GIFTS.keys()

    assert missing == set()


def test_no_reason_is_left_of_what_is_gone() -> None:
    known = {*_fields_of_verbs(), *_forms(), *(action.name for action in AuditAction)}

    assert {*NO_GIFTS} - known == set()
    assert COVERED - known == set()
    assert COVERED.isdisjoint(NO_GIFTS)


def test_the_words_of_a_gift_are_its_own() -> None:
    words = [gift.words for gift in GIFTS if gift.has_words]

    assert len({*words}) == len(words)
