"""The ticket of a group: its claims and questions, rendered as prose.

Belongs here: which module claims for which kind, the names of sentences, the parts. Does not:
claims (a module for each kind), words (`phrases`), hours (`hours`).
"""

from collections.abc import Callable, Mapping, Sequence

from jira_pipeline.model.entity_groups import COMPONENT_KINDS, GroupAction, GroupKind
from jira_pipeline.model.tickets import ProseParts
from jira_pipeline.sources.questions.view_forms import FormRow
from jira_pipeline.writing.claims.bundles import bundle_claims, fieldless_claims
from jira_pipeline.writing.claims.claim import Claim, ClaimedTicket, Claims
from jira_pipeline.writing.claims.components import component_claims
from jira_pipeline.writing.claims.hours import estimated_hours
from jira_pipeline.writing.claims.lists import (
    custom_claims,
    image_style_claims,
    migration_claims,
    responsive_style_claims,
    role_claims,
    view_mode_claims,
)
from jira_pipeline.writing.claims.phrases import rendered
from jira_pipeline.writing.claims.removals import removal_claims
from jira_pipeline.writing.claims.views import view_claims
from jira_pipeline.writing.claims.workflows import workflow_claims
from jira_pipeline.writing.fragments import bullet_list, checklist, label_and_name, paragraph, text
from jira_pipeline.writing.group_facts import GroupFacts
from jira_pipeline.writing.question_wording import questions_part

FORM_TITLE = "Form"


def claimed_ticket(facts: GroupFacts) -> ClaimedTicket:
    """Return what the ticket of a group says, before it is rendered."""
    is_removal = facts.group.action is GroupAction.REMOVE
    claims = (removal_claims if is_removal else _CLAIMS[facts.group.kind])(facts)
    return ClaimedTicket(
        claims=claims, questions=facts.questions, estimated_hours=estimated_hours(facts)
    )


def named_sentences(ticket: ClaimedTicket) -> Mapping[str, Claim]:
    """Return the claims by the names a model and people call them: `s1`, `a1` …, `v1` …."""
    story = () if ticket.claims.story is None else (ticket.claims.story,)
    parts = {"s": story, "a": ticket.claims.analysis, "v": ticket.claims.verification}
    return {
        f"{letter}{number}": claim
        for letter, claims in parts.items()
        for number, claim in enumerate(claims, start=1)
    }


def parts_of(ticket: ClaimedTicket, facts: GroupFacts) -> ProseParts:
    """Render a ticket."""
    claims = ticket.claims
    return ProseParts(
        user_story=paragraph(rendered(claims.story)) if claims.story else "",
        analysis=form_html(claims.form) + bullet_list(map(rendered, claims.analysis)),
        questions=questions_part(facts, ticket.questions),
        verification=checklist(map(rendered, claims.verification)),
    )


def form_html(rows: Sequence[FormRow]) -> str:
    """Render the form of a view: a table with a row for each display; empty where there is none."""
    if not rows:
        return ""
    head = "".join(f"<th>{text(name)}</th>" for name in ("Display", *rows[0].cells))
    body = "".join(f"<tr><td>{label_and_name(row.display)}</td>{_cells(row)}</tr>" for row in rows)
    return (
        f"<p><strong>{FORM_TITLE}</strong></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cells(row: FormRow) -> str:
    return "".join(f"<td>{text(cell.text)}</td>" for cell in row.cells.values())


_CLAIMS: Mapping[GroupKind, Callable[[GroupFacts], Claims]] = {
    GroupKind.BUNDLE: bundle_claims,
    GroupKind.BUNDLES_WITHOUT_FIELDS: fieldless_claims,
    GroupKind.VIEW: view_claims,
    GroupKind.WORKFLOW: workflow_claims,
    GroupKind.USER_ROLES: role_claims,
    GroupKind.IMAGE_STYLES: image_style_claims,
    GroupKind.RESPONSIVE_IMAGE_STYLES: responsive_style_claims,
    GroupKind.VIEW_MODES: view_mode_claims,
    GroupKind.MIGRATION: migration_claims,
    GroupKind.CUSTOM: custom_claims,
    **dict.fromkeys(COMPONENT_KINDS, component_claims),
}
