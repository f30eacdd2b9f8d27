"""Whether the content of a type is moderated: its items go through the states of a workflow.

The type says y or n, the workflow which types it moderates. Where no workflow names a type, somebody
has to say which one it is; that is asked once for a site, in the ticket of the workflow if there is one.

Source: Drupal core, Content Moderation, `entity_types` of `workflows.workflow.*`.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import things_kept
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.cell_facts import Flag, flag_fact
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.row_names import joined, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import flag_column
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.workflow.applies_to import COLUMN as APPLIES_TO, applies_to_of
from jira_pipeline.drupal.workflow.type import is_moderation
from jira_pipeline.model.entities import Entity, EntityKind, Specification, Status
from jira_pipeline.model.entity_groups import GroupAction

COLUMN = flag_column(
    "Mod.",
    "Moderation",
    "Moderated",
    "Goes through workflow",
    loss="which content types are moderated",
)
_NAMED_MAX = 12
"""So many types are named one by one."""


# The facts: whether a type is moderated, and which are so by a workflow that no row names.


class Moderated(StrEnum):
    """Whether the content of a type is moderated."""

    BY_A_WORKFLOW = "its row says yes, and a workflow names it or a note may say by which"
    BY_NO_WORKFLOW = "its row says yes, and nothing says by which workflow"
    NOT = "its row says no"
    UNSAID = "its row does not say it"


def moderated(bundle: Entity, index: SpecificationIndex) -> Moderated:
    """Read from the row of a type and those of workflows whether its content is moderated."""
    match flag_fact(bundle, COLUMN.name):
        case Flag.NO:
            return Moderated.NOT
        case Flag.UNSAID:
            return Moderated.UNSAID
        case Flag.YES:
            is_without = bundle.key in types_without_workflow(index)
            return Moderated.BY_NO_WORKFLOW if is_without else Moderated.BY_A_WORKFLOW


@once_per_session
def types_without_workflow(index: SpecificationIndex) -> Mapping[str, Entity]:
    """Return the moderated types of which no workflow and no note says by which, by their keys."""
    specification = index.specification
    listed: set[str] = set()
    for workflow in _workflows(specification):
        bundles = applies_to_of(workflow, specification).bundles
        listed.update(bundle.key for bundle in bundles)
    types = {}
    for bundle in specification.live[EntityKind.BUNDLE]:
        if bundle.flag(COLUMN.name) and bundle.key not in listed and not note_of(bundle):
            types[bundle.key] = bundle
    return types


def _workflows(specification: Specification) -> Sequence[Entity]:
    """Return the workflows of Content Moderation that stay or come."""
    return [row for row in specification.live[EntityKind.WORKFLOW] if is_moderation(row)]


@once_per_session
def _ticket_by_asking_head(index: SpecificationIndex) -> Mapping[str, str]:
    """Return the ticket in which each row asks about moderation, by key of the row.

    Those rows are the workflows without a list of types, else the first new type. None asks where
    the note of a workflow may say it.
    """
    types = types_without_workflow(index)
    workflows = _workflows(index.specification)
    if not types or any(note_of(workflow) for workflow in workflows):
        return {}
    tickets = {}
    for group in index.groups:
        if group.action is not GroupAction.REMOVE and not group.is_hollow:
            tickets.update({head.key: group.key for head in group.heads})
    new_types = {key for key, bundle in types.items() if bundle.status is Status.APPROVED}
    asking = []
    for workflow in workflows:
        is_open = workflow.key in tickets and not workflow.cell(APPLIES_TO.name)
        if is_open and (workflow.status is Status.APPROVED or new_types):
            asking.append(workflow.key)
    if not asking:
        asking = [key for key in tickets if key in new_types][:1]
    return {key: tickets[key] for key in asking}


# What follows from it.


def ask(head: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which workflow moderates the moderated types that no row of a workflow names.

    Each workflow without a list of types is asked: `Which types does “Plain” moderate? …`. Where
    there is none, the first new type is asked instead: `Which workflow moderates Boat? …`
    """
    if _ticket_by_asking_head(rows.index).get(head.key) != rows.group.key:
        return
    types = list(types_without_workflow(rows.index).values())
    new_types = [bundle for bundle in types if bundle.status is Status.APPROVED]
    named_types = _named(new_types or types)
    workflows = [f"“{plain(row.label)}”" for row in _workflows(rows.index.specification)]
    is_only_one = len(workflows) == 1
    if head.kind is EntityKind.WORKFLOW:
        answer = "All of them" if is_only_one else ""
        yield question_about("lists.moderates", head, "Type", types=named_types, answer=answer)
        return
    yield question_about(
        "lists.moderated",
        head,
        COLUMN.name,
        answer=workflows[0] if is_only_one else "",
        types=named_types,
        each="each of " if len(new_types) > 1 else "",
        which=f"Which of {joined(workflows)}" if len(workflows) > 1 else "Which workflow",
    )


def _named(types: Sequence[Entity]) -> str:
    if len(types) > _NAMED_MAX:
        return f"{len(types)} types"
    return joined([f"“{plain(bundle.label)}”" for bundle in types])


def check(bundles: TicketBundles) -> tuple[Claim, ...]:
    """Claim that the forms of moderated types offer a state, on a site with a workflow.

    `The form of “Boat” offers a moderation state.`
    """
    session = bundles.ticket.session
    if not session.specification.live[EntityKind.WORKFLOW]:
        return ()
    ticked = []
    for bundle in bundles.set_up:
        match moderated(bundle, session.index):
            case Moderated.BY_A_WORKFLOW | Moderated.BY_NO_WORKFLOW:
                ticked.append(bundle)
            case Moderated.NOT | Moderated.UNSAID:
                continue
    which = clause("asked_elsewhere") if _is_asked_elsewhere(ticked, bundles) else ""
    return claims_about(
        "verification.moderated",
        ticked,
        COLUMN.name,
        name=bundles.names_of(ticked),
        which=which,
    )


def _is_asked_elsewhere(types: Sequence[Entity], bundles: TicketBundles) -> bool:
    """Tell whether another ticket asks which workflow moderates one of these types."""
    index = bundles.ticket.session.index
    asking_tickets = set(_ticket_by_asking_head(index).values())
    if not asking_tickets or bundles.ticket.group.key in asking_tickets:
        return False
    return any(moderated(bundle, index) is Moderated.BY_NO_WORKFLOW for bundle in types)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield of each bundle whether its content is moderated."""
    for bundle in bundles.set_up:
        fact = moderated(bundle, bundles.ticket.session.index)
        yield StatedFact(fact=fact, rows=(bundle,))


COUNTERPART = Counterpart(how=Comparison.FLAG, where="`entity_types` of the workflows")
RULE = Rule(
    key="bundle.moderated",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=things_kept,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
