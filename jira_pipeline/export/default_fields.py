"""`defaults.fields` of session.yaml: what people named there, in the form that Jira takes.

Belongs here: which field of the create screen a name means, and each kind of value in Jira's form.
Does not: reading session.yaml (`sheets/manifest`), what a name of a person or an option means
(`jira_names`), what tickets say themselves (`issue_fields`).

Example: `Budget: ["1.5"]` becomes `{"customfield_10020": 1.5}` where Jira's screen has one field of
that name and it takes a number.

Source of the forms: Jira Cloud platform REST API 3, "Create issue", and createmeta's `schema`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

from pydantic import JsonValue

from jira_pipeline.export.jira_names import Unresolved, choose_account, choose_option
from jira_pipeline.jira.adf import left_out_of_markdown, markdown_to_adf
from jira_pipeline.model.issue_tracker import Account, CreateField
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.tickets import IssueField

FixedField: TypeAlias = Literal["project", "summary", "description", "issuetype"]
"""What a creation fills beside each `IssueField`: where it goes, and what is hashed by itself."""
OUR_FIELDS = {
    **dict.fromkeys(get_args(FixedField), "the ticket says it"),
    **{field.jira_id: field.given_as for field in IssueField},
}
"""Who gives what we send by itself, by id."""
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
_EXAMPLES = {"date": "2026-12-31", "datetime": "2026-12-31T09:00:00+01:00", "number": "1.5"}
_LONG_TEXT = ":textarea"
_SHOWN = 20
"""Values or fields that an error lists."""


def default_fields(
    given: Mapping[str, tuple[str, ...]],
    screen: Sequence[CreateField],
    *,
    find: Callable[[str], Sequence[Account]],
    is_sandbox: bool = False,
) -> tuple[dict[str, JsonValue], list[str]]:
    """Return what people named as fields of a create screen, by id, and what cannot be filled in.

    `find` asks Jira for people.

    The embedded sandbox need not have the fields of their Jira: it does without them.
    """
    values: dict[str, JsonValue] = {}
    faults: list[str] = []
    for name, texts in given.items():
        by_id = [field for field in screen if field.field_id == name]
        by_name = [field for field in screen if field.name.casefold() == name.casefold()]
        candidates = by_id or by_name
        if len(candidates) != 1:
            if not is_sandbox:
                reason = _unclear(candidates, screen).reason
                faults.append(f"defaults.fields, {name}: {reason}")
            continue
        [field] = candidates
        value = _value_of(field, texts, find)
        if isinstance(value, Unresolved):
            faults.append(f"defaults.fields, {name}: {value.reason}")
        else:
            values[field.field_id] = value
    return values, faults


def _unclear(candidates: Sequence[CreateField], screen: Sequence[CreateField]) -> Unresolved:
    """Say why a name means no field of a screen, or no single one."""
    if candidates:
        ids = _listed(field.field_id for field in candidates)
        return Unresolved(reason=f"{len(candidates)} fields have that name; use an id: {ids}")
    names = _listed(field.name for field in screen if field.field_id not in OUR_FIELDS)
    return Unresolved(reason=f"the create screen has no such field; it has {names}")


def _value_of(
    field: CreateField, texts: tuple[str, ...], find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    """Return the texts that people gave a field in Jira's form."""
    if field.field_id in OUR_FIELDS:
        return Unresolved(reason=OUR_FIELDS[field.field_id])
    is_list = field.kind == "array"
    if len(texts) != 1 and not is_list:
        return Unresolved(reason="the field takes one value")
    kind = field.item_kind if is_list else field.kind
    values = []
    unfit = []
    for text in texts:
        value = _single(field, kind, text, find)
        if isinstance(value, Unresolved):
            unfit.append(value)
        else:
            values.append(value)
    if unfit:
        return unfit[0]
    return values if is_list else values[0]


def _single(
    field: CreateField, kind: str, text: str, find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    """Return one text in Jira's form of a kind of value."""
    if field.options is not None:
        option = choose_option(field.options, text)
        if isinstance(option, Unresolved):
            names = _listed(offered.name for offered in field.options)
            return Unresolved(reason=f"“{text}” is not one of {names}")
        return {"id": option.option_id}
    match kind:
        case "string" if field.custom_type.endswith(_LONG_TEXT) or field.field_id == "environment":
            lost = left_out_of_markdown(text)
            if lost:
                names = _listed(f"{part.what} “{part.quote}”" for part in lost)
                return Unresolved(reason=f"its text would lose {names}")
            return dict(markdown_to_adf(text))
        case "string":
            return text
        case "number" | "date" | "datetime":
            value = _measured(kind, text)
            if value is None:
                return Unresolved(reason=f"“{text}” is not a {kind}, such as {_EXAMPLES[kind]}")
            return value
        case "user":
            account = choose_account(text, find(text))
            if isinstance(account, Unresolved):
                return Unresolved(reason=f"“{text}”: {account.reason}")
            return {"id": account.account_id}
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


def _listed(names: Iterator[str]) -> str:
    return first_named(sorted(names), _SHOWN) or "nothing"
