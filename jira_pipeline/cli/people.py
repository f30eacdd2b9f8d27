"""Commands about who may use the web: people add, list, revoke, token, tokens."""

from typing import Annotated

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import current_person
from jira_pipeline.cli.serving import web_address
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.json_values import select_fields
from jira_pipeline.model.people import TOKEN_LASTS_DAYS, TOKEN_LASTS_DAYS_MAX, Role
from jira_pipeline.sessions import accounts

NameArgument = Annotated[str, "NAME", "Name or e-mail address."]


def add(
    screen: Screen,
    pipeline: Pipeline,
    name: NameArgument,
    *,
    role: Annotated[Role, "--role", "What the person may do."],
) -> None:
    """Give somebody access or change their role, and print a sign-in link.

    For example:

    jira-pipeline people add anna@example.org --role reviewer
    """
    person = accounts.add_person(pipeline, name, role, by=current_person())
    link = accounts.invite(pipeline, person.name, by=current_person())
    address = f"{web_address(pipeline.settings)}/sign-in?link={link.secret}"
    answer = {
        **select_fields(person, "name role"),
        "link": address,
        **select_fields(link.credential, "expires_at"),
    }
    screen.answer(answer)
    screen.say(f"{person.name} has the role {person.role.value}.")
    screen.say(f"{person.name}’s sign-in link (works once, expires in 24 hours):")
    screen.say_unwrapped(address)


def list_people(screen: Screen, pipeline: Pipeline) -> None:
    """List everyone who has been added, with their roles and tokens."""
    listed = accounts.list_people(pipeline)
    screen.answer(listed)
    rows = []
    for line in listed:
        person = line.person
        role = "revoked" if person.is_revoked else person.role.value
        seen = f"{person.last_seen_at:%F %H:%M}" if person.last_seen_at else "never"
        tokens_text = "; ".join(
            f"{token.label} ({token.role.value}, until {token.expires_at:%F})"
            for token in line.tokens
        )
        rows.append((person.name, role, seen, tokens_text))
    screen.table(("name", "role", "signed in (UTC)", "tokens"), rows)


def revoke(screen: Screen, pipeline: Pipeline, name: NameArgument) -> None:
    """Revoke somebody's access immediately, including browser sessions, links and tokens."""
    person = accounts.revoke(pipeline, name, by=current_person())
    screen.answer({"name": person.name, "is_revoked": True})
    screen.say(f"{person.name} no longer has access.")


def token(
    screen: Screen,
    pipeline: Pipeline,
    name: NameArgument,
    *,
    role: Annotated[
        Role | None, "--role", "Highest role the token grants; defaults to the person's role."
    ] = None,
    days: Annotated[
        int, "--days", "How long the token is valid.", {"min": 1, "max": TOKEN_LASTS_DAYS_MAX}
    ] = TOKEN_LASTS_DAYS,
    label: Annotated[str, "--label", "What the token is for."] = "token",
) -> None:
    """Create a token that lets a program act on a person's behalf; it is shown only once."""
    issued = accounts.issue_token(
        pipeline, name, role=role, days=days, label=label, by=current_person()
    )
    credential = issued.credential
    screen.answer(
        select_fields(credential, "name role label id=credential_id")
        | {"token": issued.secret}
        | select_fields(credential, "expires_at")
    )
    screen.say(f"Valid until {credential.expires_at:%F}; send it as `Authorization: Bearer …`:")
    screen.say_unwrapped(issued.secret)


def tokens(
    screen: Screen,
    pipeline: Pipeline,
    name: Annotated[str | None, "[NAME]", "Only this person's tokens."] = None,
    *,
    revoke: Annotated[
        str | None, "--revoke ID", "Revoke the token with this id immediately."
    ] = None,
) -> None:
    """List tokens with their use and expiry, or revoke a single one.

    For example:

    jira-pipeline people tokens
    jira-pipeline people tokens --revoke 3f2a9c01b7de
    """
    if revoke is not None:
        revoked = accounts.revoke_token(pipeline, revoke, by=current_person())
        screen.say(f"The token {revoked.label} of {revoked.name} is no longer valid.")
    now = pipeline.clock.now()
    answers = []
    rows = []
    for token in accounts.tokens_of(pipeline, name):
        is_expired = token.expires_at <= now
        fields = select_fields(
            token, "id=credential_id name label role created_at last_used_at expires_at"
        )
        answers.append({**fields, "is_expired": is_expired})
        used = f"{token.last_used_at:%F %H:%M}" if token.last_used_at else "never"
        until = f"{token.expires_at:%F}{' (over)' if is_expired else ''}"
        made = f"{token.created_at:%F}"
        rows.append(
            (token.credential_id, token.name, token.label, token.role.value, made, used, until)
        )
    screen.answer(answers)
    screen.table(("id", "person", "for", "at most", "made", "last used (UTC)", "until"), rows)
