"""Values of fields an administrator added, on their way in.

Belongs here: what each kind takes and refuses. Does not: Jira's own fields (`field_readers`).
"""

from dataclasses import replace
from datetime import date

from jira_pipeline.jira_sandbox.exchange import refuse_fields
from jira_pipeline.jira_sandbox.field_readers import FieldReader, IssueValues, find_by
from jira_pipeline.jira_sandbox.routing import Call
from jira_pipeline.jira_sandbox.site_rules import CustomField


def custom_reader(custom: CustomField) -> FieldReader:
    """Make the reader of a custom field."""

    def read(_call: Call, values: IssueValues, value: object) -> IssueValues:
        stored = None if value is None else _stored(custom, value)
        return replace(values, custom={**values.custom, custom.id: stored})

    return read


def _stored(custom: CustomField, value: object) -> object:
    match custom.kind:
        case "text":
            if isinstance(value, str):
                return value
            raise refuse_fields({custom.id: "Operation value must be a string"})
        case "number":
            if isinstance(value, int | float) and not isinstance(value, bool):
                return value
            raise refuse_fields({custom.id: "Operation value must be a number"})
        case "date":
            return _date(custom, value)
        case "option":
            return _option(custom, value)


def _date(custom: CustomField, value: object) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise refuse_fields(
            {custom.id: f"Error parsing date string: {value}. Expected format yyyy-MM-dd."}
        ) from error


def _option(custom: CustomField, value: object) -> dict[str, str]:
    wanted = find_by(value, ("value", "id"), str)
    for number, option in enumerate(custom.options, start=1):
        if wanted in {option, str(number)}:
            return {"id": str(number), "value": option}
    raise refuse_fields({custom.id: f"Option '{wanted}' is not valid."})
