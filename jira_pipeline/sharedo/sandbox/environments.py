"""What the two environments of the sandbox hold: the same site, of which `test` lags behind.

Belongs here: their descriptions. Does not: making components and packages of them
(`made_packages`).
"""

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any

from jira_pipeline.sharedo.sandbox.made_packages import (
    MadeEnvironment,
    environment_from,
    made_content,
)


@cache
def sandbox_environments() -> Mapping[str, MadeEnvironment]:
    """Return what each environment holds, by name."""
    return {
        "development": environment_from(describe_development()),
        "test": environment_from(describe_test()),
    }


def describe_development() -> dict[str, Any]:
    """Describe the environment where consultants work."""
    description: dict[str, Any] = copy.deepcopy(made_content()["development"])
    return description


def describe_test() -> dict[str, Any]:
    """Describe the environment that waits for what was built: some is missing, some differs."""
    made = describe_development()
    made["url"] = "https://test.sharedo.invalid"
    matter = made["work_types"]["Matter"]
    matter["phases"].remove("Negotiation")
    matter["rights"]["Supervisor"] = ["core-read"]
    matter["aspects"].remove("Task list")
    matter["fields"].remove("Next review")
    made["option_sets"]["Claim track"] = made["option_sets"]["Claim track"][:-1]
    made["workflows"]["Chase instruction"] = made["workflows"]["Chase instruction"][:-1]
    last = list(made["work_types"])[-1]
    del made["work_types"][last]
    for holds in made["work_types"].values():
        holds["related"] = [name for name in holds["related"] if name != last]
    return made
