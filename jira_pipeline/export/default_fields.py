"""`defaults.fields` of session.yaml: what people named there, in the form that Jira takes.

Belongs here: which field of the create screen a name means, each kind of value in Jira's form, and an
example of what people may give a field. Does not: reading session.yaml (`sheets/manifest`), what a name
of a person or an option means (`jira_names`), what tickets say themselves (`issue_fields`), which fields
of a screen nobody fills (`create_screen`).

Example: `Budget: ["1.5"]` becomes `{"customfield_10020": 1.5}` where Jira's screen has one field of
that name and it takes a number; `Area: Water > Salt` names a parent and its child in a cascading
select. What is given raw goes to Jira as it is, whatever the field's schema.

Source of the forms: Jira Cloud platform REST API 3, "Create issue", and createmeta's `schema`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

import yaml
from pydantic import JsonValue

from jira_pipeline.export.jira_names import Unresolved, choose_account, choose_option
from jira_pipeline.jira.adf import left_out_of_markdown, markdown_to_adf
from jira_pipeline.model.issue_tracker import Account, CreateField, FieldOption
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import GivenFieldValue, RawFieldValue
from jira_pipeline.model.tickets import IssueField

FixedField: TypeAlias = Literal["project", "summary", "description", "issuetype"]
"""What a creation fills beside each `IssueField`: where it goes, and what is hashed by itself."""
OUR_FIELDS = {
    **dict.fromkeys(get_args(FixedField), "the ticket says it"),
    **{field.jira_id: field.given_as for field in IssueField},
    "attachment": "files are attached once the issue is there",
    "issuelinks": "links are made once both issues are there",
}
"""Why people give no value to what we send by itself, by id."""
CHILD_SIGN = ">"
"""What is between parent and child where one text names both: `Water > Salt`."""
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
_EXAMPLES = {"date": "2026-12-31", "datetime": "2026-12-31T09:00:00+01:00", "number": "1.5"}
_RAW_EXAMPLES: Mapping[str, JsonValue] = {
    "option": {"value": "Red"},
    "option-with-child": {"value": "Water", "child": {"value": "Salt"}},
    "timetracking": {"originalEstimate": "2d"},
    "group": {"name": "site-users"},
    "project": {"key": "ABC"},
    "version": {"name": "1.0"},
    "component": {"name": "Website"},
    "issuelink": {"key": "ABC-1"},
    "priority": {"name": "High"},
    "securitylevel": {"name": "Internal"},
    "sd-customerrequesttype": "abc/get-help",
    "com.pyxis.greenhopper.jira:gh-epic-link": "ABC-1",
    "com.pyxis.greenhopper.jira:gh-sprint": 7,
}
"""A value in Jira's form, by the type of a field that lists no values.

Source: Jira Software, "Field input formats"; Jira Cloud platform REST API 3, "Create issue"; read in
December 2026.
"""
_TEAM_ADDRESS = re.compile(r"https?://\S*/teams?/(?P<id>[\w-]+)\S*")
_LONG_TEXT = ":textarea"
_SHOWN = 20
"""Values or fields that an error lists."""


def default_fields(
    given: Mapping[str, GivenFieldValue],
    screen: Sequence[CreateField],
    *,
    find: Callable[[str], Sequence[Account]],
    may_lack: bool = False,
) -> tuple[dict[str, JsonValue], list[str]]:
    """Return what people named as fields of a create screen, by id, and what cannot be filled in.

    `find` asks Jira for people. The screen `may_lack` fields: the embedded sandbox need not have those
    of their Jira, nor a type of epics those of the tickets.
    """
    values: dict[str, JsonValue] = {}
    faults: list[str] = []
    for name, given_value in given.items():
        by_id = [field for field in screen if field.field_id == name]
        by_name = [field for field in screen if field.name.casefold() == name.casefold()]
        candidates = by_id or by_name
        if len(candidates) != 1:
            if candidates or not may_lack:
                reason = _unclear(candidates, screen).reason
                faults.append(f"defaults.fields, {name}: {reason}")
            continue
        [field] = candidates
        value = _value_of(field, given_value, find)
        if isinstance(value, Unresolved):
            faults.append(f"defaults.fields, {name}: {value.reason}")
        else:
            values[field.field_id] = value
    return values, faults


def example_of(field: CreateField) -> str:
    """Return a line of `defaults.fields` that fills a field, as YAML in braces: `{Area: Water > Salt}`.

    Of a field that no text fills, it shows the raw form, whose value Jira's documents of that type say.
    """
    name = field.name or field.field_id
    value: object = _example_value(field)
    if field.kind == "array" and not isinstance(value, Mapping):
        value = [value]
    line = yaml.safe_dump(
        {name: value}, default_flow_style=True, allow_unicode=True, width=float("inf")
    )
    return line.strip()


def offered_values(field: CreateField) -> str:
    """List the values that a field offers, with those of its second list; empty where it lists none."""
    return "; ".join(_offered_below(field.options or (), parents=()))


def _offered_below(options: Sequence[FieldOption], *, parents: tuple[str, ...]) -> Iterator[str]:
    """Yield the names in a list of options, then those of the list below each of them."""
    if options:
        names = _listed(option.name for option in options)
        yield f"{f' {CHILD_SIGN} '.join(parents)}: {names}" if parents else names
    for option in options:
        yield from _offered_below(option.children, parents=(*parents, option.name))


def _example_value(field: CreateField) -> object:
    """Return one value that people may give a field, as session.yaml holds it."""
    kind = field.item_kind if field.kind == "array" else field.kind
    if field.options:
        path = [field.options[0].name]
        below = field.options[0].children
        while below:
            path.append(below[0].name)
            below = below[0].children
        return f" {CHILD_SIGN} ".join(path)
    match kind:
        case "string":
            return "a text"
        case "number" | "date" | "datetime":
            return _EXAMPLES[kind]
        case "user":
            return "anna@example.org"
        case "team":
            return "the id in the address of the team's page"
        case _:
            example = _RAW_EXAMPLES.get(field.custom_type) or _RAW_EXAMPLES.get(kind)
            if example is None:
                return {"raw": f"as Jira's API takes {field.schema}"}
            is_listed = field.kind == "array" and field.custom_type not in _RAW_EXAMPLES
            return {"raw": [example] if is_listed else example}


def _unclear(candidates: Sequence[CreateField], screen: Sequence[CreateField]) -> Unresolved:
    """Say why a name means no field of a screen, or no single one."""
    if candidates:
        ids = _listed(field.field_id for field in candidates)
        return Unresolved(reason=f"{len(candidates)} fields have that name; use an id: {ids}")
    names = _listed(field.name for field in screen if field.field_id not in OUR_FIELDS)
    return Unresolved(reason=f"the create screen has no such field; it has {names}")


def _value_of(
    field: CreateField, given: GivenFieldValue, find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    """Return what people gave a field, in Jira's form."""
    if field.field_id in OUR_FIELDS:
        return Unresolved(reason=OUR_FIELDS[field.field_id])
    if isinstance(given, RawFieldValue):
        return given.raw
    if not field.is_settable:
        return Unresolved(reason="Jira takes no value for it when an issue is created")
    is_list = field.kind == "array"
    if not is_list and any(option.children for option in field.options or ()):
        return _cascade(field.options or (), given)
    if len(given) != 1 and not is_list:
        return Unresolved(reason="the field takes one value")
    kind = field.item_kind if is_list else field.kind
    values = []
    for text in given:
        value = _single(field, kind, text, find)
        if isinstance(value, Unresolved):
            return value
        values.append(value)
    return values if is_list else values[0]


def _cascade(
    options: Sequence[FieldOption], names: tuple[str, ...]
) -> dict[str, JsonValue] | Unresolved:
    """Return an option and those below it, as `[Water, Salt]` or `Water > Salt` names them.

    Jira takes a parent without its child, unless the project wants both.
    """
    if len(names) == 1:
        paths = _paths_in(names[0], options)
        if len(paths) > 1:
            ways = " or ".join(f"[{', '.join(path)}]" for path in paths)
            return Unresolved(reason=f"“{names[0]}” may mean {ways}; write it as such a list")
        names = paths[0] if paths else _nearest_path(names[0], options)
    first, *further = names
    option = choose_option(options, first)
    if isinstance(option, Unresolved):
        return _not_offered(first, options)
    value: dict[str, JsonValue] = {"id": option.option_id}
    if not further:
        return value
    if not option.children:
        return Unresolved(
            reason=f"“{option.name}” has no second list, so not “{further[0]}” either"
        )
    child = _cascade(option.children, tuple(further))
    if isinstance(child, Unresolved):
        return Unresolved(reason=f"below “{option.name}”, {child.reason}")
    return {**value, "child": child}


def _paths_in(text: str, options: Sequence[FieldOption]) -> list[tuple[str, ...]]:
    """Return the paths of options that a text may be; the name of an option may have the sign, too."""
    if not isinstance(choose_option(options, text), Unresolved):
        return [(text,)]
    paths = []
    for before, after in _halves_at_signs(text):
        option = choose_option(options, before)
        if isinstance(option, FieldOption):
            paths += [(before, *path) for path in _paths_in(after, option.children)]
    return paths


def _nearest_path(text: str, options: Sequence[FieldOption]) -> tuple[str, ...]:
    """Return the names of a text of which no option is the whole path: the first one as far as it is."""
    for before, after in reversed([*_halves_at_signs(text)]):
        if isinstance(choose_option(options, before), FieldOption):
            return (before, *(part.strip() for part in after.split(CHILD_SIGN)))
    return tuple(part.strip() for part in text.split(CHILD_SIGN))


def _halves_at_signs(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is before and after each sign between parent and child."""
    for place, character in enumerate(text):
        if character == CHILD_SIGN:
            yield text[:place].strip(), text[place + 1 :].strip()


def _not_offered(text: str, options: Sequence[FieldOption]) -> Unresolved:
    names = _listed(option.name for option in options)
    return Unresolved(reason=f"“{text}” is not one of {names}")


def _single(
    field: CreateField, kind: str, text: str, find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    """Return one text in Jira's form of a kind of value."""
    if field.options is not None:
        option = choose_option(field.options, text)
        if isinstance(option, Unresolved):
            return _not_offered(text, field.options)
        return {"id": option.option_id}
    match kind:
        case "string" if field.custom_type.endswith(_LONG_TEXT) or field.field_id == "environment":
            lost = left_out_of_markdown(text)
            if lost:
                names = _listed(f"{part.what} “{part.quote}”" for part in lost)
                return Unresolved(reason=f"its text would lose {names}")
            return dict(markdown_to_adf(text))
        case "string" | "team":  # a team by its id, also in an address
            return _TEAM_ADDRESS.sub(r"\g<id>", text) if kind == "team" else text
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
            return Unresolved(
                reason=f"no text fills a field of the type {field.schema}; give what Jira's API "
                f"takes: {example_of(field)}"
            )


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
