"""What tickets of lists claim: roles, styles, view modes, migrations, rows of sheets of their own."""

from jira_pipeline.writers.claims.claim import Claims
from jira_pipeline.writers.group_facts import GroupFacts


def role_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows make certain."""
    del facts
    return Claims(story=None)


def image_style_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows make certain."""
    del facts
    return Claims(story=None)


def responsive_style_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows make certain."""
    del facts
    return Claims(story=None)


def view_mode_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows make certain."""
    del facts
    return Claims(story=None)


def migration_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows make certain."""
    del facts
    return Claims(story=None)


def custom_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows make certain."""
    del facts
    return Claims(story=None)
