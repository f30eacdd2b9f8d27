"""What `defaults.fields` of session.yaml gives every issue, as a create screen takes it.

Belongs here: which field is meant, its value in Jira's form, what is wrong with it. Does not: which
fields a project requires (`fields`), reading session.yaml (`sheets/manifest`).

Source of the forms: Jira Cloud platform REST API 3, "Create issue", and createmeta's `schema`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

from pydantic import JsonValue

from jira_pipeline.export.jira_names import Unresolved, choose_account, choose_option
from jira_pipeline.jira.adf import markdown_to_adf
from jira_pipeline.model.issue_tracker import Account, CreateField, FieldOption
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.tickets import IssueField

FixedField: TypeAlias = Literal["project", "summary", "description", "issuetype"]
"""What a creation fills beside each `IssueField`: where it goes, and what is hashed by itself."""
OUR_FIELDS = {
    **dict.fromkeys(get_args(FixedField), "the ticket says it"),
    **{field.jira_id: field.given_as for field in IssueField},
}
"""Who gives what we send by itself, by id."""
WAY_OUT = (
    "Give each a value below defaults.fields in session.yaml, by name or id, and upload it; or give "
    "it a default, or make it optional, in the project."
)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
_EXAMPLES = {"date": "2026-12-31", "datetime": "2026-12-31T09:00:00+01:00", "number": "1.5"}
_LONG_TEXT = ":textarea"
_SHOWN = 20
"""Values or fields that an error lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultFields:
    """The fields that every issue gets, by id, and what nobody can fill in."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def default_fields(
    given: Mapping[str, tuple[str, ...]],
    screen: Sequence[CreateField],
    *,
    find: Callable[[str], Sequence[Account]],
    is_sandbox: bool = False,
) -> DefaultFields:
    """Return what people named as fields of a create screen; `find` asks Jira for people.

    The embedded sandbox need not have the fields of their Jira: it does without them.
    """
    values: dict[str, JsonValue] = {}
    faults: list[str] = []
    for name, texts in given.items():
        meant = [one for one in screen if one.field_id == name] or [
            one for one in screen if one.name.casefold() == name.casefold()
        ]
        if len(meant) != 1 and is_sandbox:
            continue
        value = _value_of(meant[0], texts, find) if len(meant) == 1 else _unclear(meant, screen)
        if isinstance(value, Unresolved):
            faults.append(f"defaults.fields, {name}: {value.reason}")
        else:
            values[meant[0].field_id] = value
    return DefaultFields(values=values, faults=tuple(faults))


def _unclear(meant: Sequence[CreateField], screen: Sequence[CreateField]) -> Unresolved:
    if meant:
        ids = _listed(one.field_id for one in meant)
        return Unresolved(reason=f"{len(meant)} fields have that name; use an id: {ids}")
    names = _listed(one.name for one in screen if one.field_id not in OUR_FIELDS)
    return Unresolved(reason=f"the create screen has no such field; it has {names}")


def _value_of(
    one: CreateField, texts: tuple[str, ...], find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    if one.field_id in OUR_FIELDS:
        return Unresolved(reason=OUR_FIELDS[one.field_id])
    is_list = one.kind == "array"
    if len(texts) != 1 and not is_list:
        return Unresolved(reason="the field takes one value")
    found = [_single(one, one.item_kind if is_list else one.kind, text, find) for text in texts]
    unfit = next((value for value in found if isinstance(value, Unresolved)), None)
    values = [value for value in found if not isinstance(value, Unresolved)]
    return unfit or (values if is_list else values[0])


def _single(
    one: CreateField, kind: str, text: str, find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    if one.options is not None:
        return _option(one.options, text)
    match kind:
        case "string" if one.custom_type.endswith(_LONG_TEXT) or one.field_id == "environment":
            return dict(markdown_to_adf(text))
        case "string":
            return text
        case "number" | "date" | "datetime":
            found = _measured(kind, text)
            no = f"“{text}” is not a {kind}, such as {_EXAMPLES[kind]}"
            return Unresolved(reason=no) if found is None else found
        case "user":
            return _person(text, choose_account(text, find(text)))
        case _:
            return Unresolved(reason=f"nothing fills a field of the type {kind or '(none)'}")


def _measured(kind: str, text: str) -> float | str | None:
    """Return a number, date or time in Jira's form; None where the text is none."""
    try:
        if kind == "date":
            return date.fromisoformat(text).isoformat()
        if kind == "datetime":
            at = datetime.fromisoformat(text)
            return f"{at:%Y-%m-%dT%H:%M:%S.000%z}" if at.tzinfo else None
    except ValueError:
        return None
    return float(text) if _NUMBER.fullmatch(text) else None


def _person(text: str, account: Account | Unresolved) -> JsonValue | Unresolved:
    if isinstance(account, Unresolved):
        return Unresolved(reason=f"“{text}”: {account.reason}")
    return {"id": account.account_id}


def _option(options: Sequence[FieldOption], text: str) -> JsonValue | Unresolved:
    found = choose_option(options, text)
    if isinstance(found, Unresolved):
        return Unresolved(reason=f"“{text}” is not one of {_listed(one.name for one in options)}")
    return {"id": found.option_id}


def _listed(names: Iterator[str]) -> str:
    return first_named(sorted(names), _SHOWN) or "nothing"
