"""What tickets of bundles (content types, vocabularies, media) claim: who uses them, fields, form.

Belongs here: in which order the rules of bundles and fields claim. Does not: the rules
(`drupal/bundle`, `drupal/field`), words (`drupal/words`).
"""

from collections.abc import Iterable, Iterator

from jira_pipeline.drupal.bundle import (
    elements,
    fieldless,
    layout,
    listing,
    media_source,
    moderated,
    permissions,
    provider,
    story,
    translated,
    url_alias,
    view_modes,
)
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field import (
    allowed_extensions,
    allowed_values,
    cardinality,
    default_value,
    field_group,
    file_size,
    help_text,
    locked,
    maximum_length,
    modules,
    on_form,
    provider as field_provider,
    required,
    reuse,
    target,
    text_on_form,
    translatable,
    type as field_type,
    widget,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.ticket_rows import TicketRows


def bundle_claims(facts: TicketRows) -> Iterable[Claim]:
    fields = TicketFields(ticket=facts)
    return (*story.say(fields), *_analysis(fields), *_verification(fields))


def fieldless_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim what the rows of bundles without fields make certain."""
    if not facts.to_build:
        return ()
    bundles = TicketBundles(ticket=facts)
    return (
        *fieldless.say(bundles),
        *provider.say(bundles),
        *modules.say(TicketFields(ticket=facts)),
        *listing.check(bundles),
        *elements.check(bundles),
        *_settings(bundles),
        *view_modes.check(bundles),
    )


def _analysis(fields: TicketFields) -> Iterator[Claim]:
    if fields.ticket.group.is_hollow:
        return
    bundles = TicketBundles(ticket=fields.ticket)
    yield from media_source.say(bundles)
    yield from field_provider.say(fields)
    yield from reuse.say(fields)
    yield from allowed_values.say(fields)
    yield from target.say(fields)
    yield from provider.say(bundles)
    yield from modules.say(fields)
    yield from help_text.say(fields)
    yield from translatable.say(fields)
    gone = () if fields.is_new else fields.gone
    yield from claims_about("analysis.gone", gone, "X", name=text(fields.ticket.name))
    yield from locked.say(fields)
    yield from text_on_form.say(fields)


def _verification(fields: TicketFields) -> Iterator[Claim]:
    bundles = TicketBundles(ticket=fields.ticket)
    yield from listing.check(bundles)
    if fields.ticket.group.is_hollow:
        return
    yield from _place_claims(fields)
    yield from _value_claims(fields)
    yield from field_group.check(fields)
    if fields.is_new:
        yield from _settings(bundles)
    yield from view_modes.check(bundles)
    yield from claims_about("verification.gone", fields.gone, "X")


def _settings(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim what the rows of new bundles say of them beside their fields, once where it is the same."""
    yield from moderated.check(bundles)
    yield from translated.check(bundles)
    yield from layout.check(bundles)
    yield from permissions.check(bundles)
    yield from url_alias.check(bundles)


def _place_claims(fields: TicketFields) -> Iterator[Claim]:
    """Claim what Manage fields and Manage form display show."""
    yield from field_type.check(fields)
    yield from widget.check(fields)
    yield from on_form.check(fields)


def _value_claims(fields: TicketFields) -> Iterator[Claim]:
    """Claim what the form refuses, which types references offer, which values fields take."""
    yield from required.check(fields)
    yield from target.check(fields)
    yield from cardinality.check(fields)
    yield from maximum_length.check(fields)
    yield from allowed_extensions.check(fields)
    yield from file_size.check(fields)
    yield from allowed_values.check(fields)
    yield from default_value.check(fields)
