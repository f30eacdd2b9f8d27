"""The jobs of ShareDo as the documents start them: `dagster job execute`."""

from pathlib import Path

import pytest
import yaml

from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.processes import finished, fork

CONFIG: dict[str, dict[str, dict[str, object]]] = {
    "sharedo_to_tickets": {
        "register_packages": {"environment": "development", "items": ["worktype:matter"]}
    },
    "compare_environments": {
        "register_differences": {
            "first": "development",
            "second": "test",
            "items": ["worktype:matter"],
            "with_dependencies": False,
        }
    },
}
REGISTERED = {
    "sharedo_to_tickets": "development-matter",
    "compare_environments": "development-to-test",
}


@pytest.mark.parametrize("job", CONFIG)
def test_a_job_of_sharedo_registers_a_session(project: Path, job: str) -> None:
    config = {"ops": {op: {"config": values} for op, values in CONFIG[job].items()}}
    (project / "run.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    module = ("-m", "jira_pipeline.definitions")

    code, output = finished(
        fork(project, "dagster", "job", "execute", *module, "-j", job, "-c", "run.yaml")
    )

    assert code == 0, output[-3000:]
    with projects.opened(project) as pipeline:
        [session] = pipeline.store.sessions.list_all()
    assert session.session_key == REGISTERED[job]
