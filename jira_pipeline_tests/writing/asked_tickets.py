"""What a scripted model was asked about tickets, without the question whether it is there."""

from jira_pipeline.writing.models.health import ASKED
from jira_pipeline_tests.writing.scripted_models import Asked, ScriptedServer


def is_of_ticket(asked: Asked) -> bool:
    return asked.request != ASKED.request


def tickets_asked(server: ScriptedServer) -> list[Asked]:
    """Return the requests about tickets, in order."""
    return [asked for asked in server.asked if is_of_ticket(asked)]
