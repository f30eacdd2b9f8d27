"""Where the storage of a home was: the `dagster.yaml` of an older home still names it here.

Belongs here: the name. Does not: what it is (`dagster_port/home`), which loads Dagster's databases;
who loads the definitions alone needs none.
"""


def __getattr__(name: str) -> object:
    if name != "HomeStorage":
        raise AttributeError(name)
    from jira_pipeline.dagster_port.home import HomeStorage

    return HomeStorage
