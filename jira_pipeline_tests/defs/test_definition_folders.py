"""What users put into `defs` of a home or of the package is loaded whole, or refused aloud."""

import sys
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline import defs
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.errors import ConfigurationError

EVERY_KIND = {
    "assets.py": """
        import dagster as dg

        from jira_pipeline.defs.tickets.ticket_assets import tickets

        @dg.asset(deps=[tickets])
        def my_asset(my_resource: dg.ResourceParam[str]): ...

        my_external = dg.AssetSpec("my_external")

        @dg.asset_check(asset=tickets)
        def my_check() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=True)
    """,
    "deeper/without_init/jobs.py": """
        import dagster as dg

        from defs.assets import my_asset

        my_job = dg.define_asset_job("my_job", selection=[my_asset])
        my_schedules = [dg.ScheduleDefinition(name="my_schedule", job=my_job, cron_schedule="0 7 * * *")]

        @dg.sensor(job=my_job)
        def my_sensor(): ...
    """,
    "resources.py": """
        import dagster as dg

        @dg.definitions
        def resources() -> dg.Definitions:
            return dg.Definitions(resources={"my_resource": "a value"})
    """,
    "whole.py": """
        import dagster as dg

        @dg.asset
        def my_listed_asset(): ...

        whole = dg.Definitions(assets=[my_listed_asset])
    """,
    "importing.py": """
        from defs.jobs_of_all import everything
        from defs.resources import resources
        from defs.whole import whole
    """,
    "jobs_of_all.py": """
        import dagster as dg

        everything = dg.define_asset_job("everything")
    """,
    ".ipynb_checkpoints/assets-checkpoint.py": """
        import dagster as dg

        @dg.asset
        def my_asset(): ...
    """,
}
"""File and text, of each form in which Dagster's documentation writes definitions."""


def write_modules(folder: Path, modules: dict[str, str]) -> None:
    for name, text in modules.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.removeprefix("        ") for line in text.splitlines()]
        path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def home_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return `defs` of a home, whose modules other tests must not see."""
    for name in [name for name in sys.modules if name.split(".")[0] == "defs"]:
        monkeypatch.delitem(sys.modules, name)
    folder = project / "defs"
    folder.mkdir()
    return folder


def test_a_home_takes_each_kind_of_definition(project: Path, home_folder: Path) -> None:
    """A schedule was dropped without a word, and a home had no place for any of them."""
    write_modules(home_folder, EVERY_KIND)

    definitions = build_definitions(project_path=project)

    dg.Definitions.validate_loadable(definitions)
    keys = {spec.key.to_user_string() for spec in definitions.resolve_all_asset_specs()}
    job = definitions.resolve_job_def("generate_tickets")
    checks = {key.name for key in job.asset_layer.asset_graph.asset_check_keys}
    assert {"my_asset", "my_external", "my_listed_asset", "tickets"} <= keys
    assert {"my_check", "adf_valid"} <= checks
    assert definitions.resolve_job_def("my_job").resource_defs.keys() >= {"my_resource"}
    assert definitions.resolve_schedule_def("my_schedule").cron_schedule == "0 7 * * *"
    assert definitions.resolve_sensor_def("my_sensor").job_name == "my_job"


def test_a_module_of_the_package_is_loaded_with_its_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`dg scaffold defs` writes there in a checkout."""
    write_modules(
        tmp_path,
        {
            "my_new_jobs.py": """
        import dagster as dg

        @dg.job
        def my_new_job(): ...

        my_new_schedule = dg.ScheduleDefinition(
            name="my_new_schedule", job=my_new_job, cron_schedule="0 7 * * *"
        )
    """
        },
    )
    monkeypatch.setattr(defs, "__path__", [*defs.__path__, str(tmp_path)])

    definitions = build_definitions()

    assert definitions.resolve_job_def("my_new_job").name == "my_new_job"
    assert definitions.resolve_schedule_def("my_new_schedule").job_name == "my_new_job"


@pytest.mark.parametrize(
    ("text", "name", "ours"),
    [
        ("@dg.asset\ndef tickets(): ...", "asset `tickets`", "tickets/ticket_assets.py:"),
        (
            "@dg.asset_check(asset='tickets')\ndef no_handmade_issues(): ...",
            "asset check `tickets:no_handmade_issues`",
            "tickets/ticket_assets.py:",
        ),
        ("@dg.job\ndef csv_to_jira(): ...", "job `csv_to_jira`", "sessions/jobs.py:"),
        (
            "@dg.schedule(cron_schedule='0 7 * * *', job_name='x')\ndef export_schedule(): ...",
            "schedule or sensor `export_schedule`",
            "sessions/schedules.py",
        ),
        (
            "@dg.sensor(job_name='csv_to_jira')\ndef upload_sensor(): ...",
            "schedule or sensor `upload_sensor`",
            "sessions/upload_sensor.py:",
        ),
        (
            "mine = dg.Definitions(resources={'pipeline': 1})",
            "resource `pipeline`",
            "defs/build.py",
        ),
        (
            "mine = dg.Definitions(executor=dg.multiprocess_executor)",
            "setting of Dagster `executor`",
            "defs/build.py",
        ),
        (
            "@dg.job\ndef sharedo_to_tickets(): ...",
            "job `sharedo_to_tickets`",
            "sharedo/definitions.py:",
        ),
    ],
)
def test_a_name_of_ours_is_refused_with_both_places(
    project: Path, home_folder: Path, text: str, name: str, ours: str
) -> None:
    mine = home_folder / "mine.py"
    mine.write_text(f"import dagster as dg\n\n{text}\n", encoding="utf-8")

    with pytest.raises(ConfigurationError) as refused:
        build_definitions(project_path=project)

    message = refused.value.message
    assert f"The {name} is defined in " in message
    assert ours in message
    assert str(mine) in message


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("mine.py", "import dagster as dg\n\nasset = dg.no_such_name\n", "AttributeError"),
        ("mine.py", "def broken(:\n", "SyntaxError"),
        ("__init__.py", "raise SystemError('so it is')\n", "SystemError: so it is"),
        ("part/defs.yaml", "type: dagster.DefsFolderComponent\n", "describes a component"),
    ],
)
def test_what_cannot_be_loaded_is_named_with_its_file(
    project: Path, home_folder: Path, file: str, text: str, reason: str
) -> None:
    path = home_folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as refused:
        build_definitions(project_path=project)

    assert str(path) in refused.value.message
    assert reason in refused.value.message


def test_a_home_without_the_folder_is_as_it_was(project: Path) -> None:
    names = {job.name for job in build_definitions(project_path=project).jobs or ()}

    assert "csv_to_jira" in names
    assert not (project / "defs").exists()
