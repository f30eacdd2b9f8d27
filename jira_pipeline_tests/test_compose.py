"""deploy/compose.yaml against what it names: no Docker is there to start it.

Each command, path, port and variable is looked up where it is defined: in the Dockerfile, the
settings, the routes, the commands and the `dagster.yaml` that is put in.
"""

import ast
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer.main
import yaml

from jira_pipeline.cli.app import app
from jira_pipeline.context.settings import Settings
from jira_pipeline.web.application import router
from jira_pipeline_tests.projects import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
DOCKERFILE = (DEPLOY / "kubernetes" / "Dockerfile").read_text(encoding="utf-8")
PASSWORD = "canary"


def chosen(text: str) -> str:
    """Put in the variables of deploy/.env, each with its default, as Docker does."""
    text = re.sub(r"\$\{POSTGRES_PASSWORD[^}]*\}", PASSWORD, text)
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def named_in_dockerfile(pattern: str) -> str:
    (found,) = re.findall(pattern, DOCKERFILE, re.MULTILINE)
    return str(found)


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load(chosen(TEXT))


def test_the_image_is_made_of_the_dockerfile_of_this_checkout(compose: Any) -> None:
    build = compose["services"]["program"]["build"]

    context = (DEPLOY / build["context"]).resolve()

    assert context == CHECKOUT
    assert (context / build["dockerfile"]).read_text(encoding="utf-8") == DOCKERFILE


def test_its_command_is_one_of_ours_with_options_that_it_takes(compose: Any) -> None:
    program, name, *options = compose["services"]["program"]["command"]
    command = typer.main.get_command(app)
    with command.make_context(program, [], resilient_parsing=True) as context:
        serve = command.get_command(context, name)  # type: ignore[attr-defined] # of a group
        taken = serve.make_context(name, options).params

    assert (program, taken["host"], taken["port"]) == ("jira-pipeline", "0.0.0.0", 3000)  # noqa: S104 - within its container


def test_the_data_folder_is_the_one_of_the_image_with_the_file_for_postgresql(
    compose: Any,
) -> None:
    home = named_in_dockerfile(r"DAGSTER_HOME=(\S+)")
    volumes = [volume.split(":") for volume in compose["services"]["program"]["volumes"]]

    assert 'install --directory --owner=10001 --group=10001 --mode=0700 "$DAGSTER_HOME"' in (
        DOCKERFILE
    )
    assert volumes == [
        ["home", home],
        ["./dagster.postgres.yaml", f"{home}/dagster.yaml", "ro"],
    ]
    assert (DEPLOY / "dagster.postgres.yaml").is_file()
    used = {service["volumes"][0].split(":")[0] for service in compose["services"].values()}
    assert used == set(compose["volumes"])


def test_its_ports_are_one_port_and_its_health_is_a_route(compose: Any) -> None:
    program = compose["services"]["program"]
    kind, python, option, code = program["healthcheck"]["test"]
    (address,) = (
        str(node.value)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and str(node.value).startswith("http")
    )
    parts = urlsplit(address)
    routes = {getattr(route, "path", "") for route in router.routes}

    assert (kind, python, option) == ("CMD", "python", "-c")
    assert "PATH=/opt/jira_pipeline/bin:$PATH" in DOCKERFILE
    assert parts.path in routes
    assert parts.hostname == "localhost"  # by which the guard knows who asks
    assert program["command"][-1] == str(parts.port)
    assert program["ports"] == [f"127.0.0.1:{parts.port}:{parts.port}"]
    assert urlsplit(program["environment"]["WEB_BASE_URL"]).port == parts.port


def test_its_variables_are_settings_that_lead_to_the_database_beside_it(compose: Any) -> None:
    database = compose["services"]["database"]
    given = compose["services"]["program"]["environment"]
    of_server = database["environment"]
    dagster = yaml.safe_load((DEPLOY / "dagster.postgres.yaml").read_text(encoding="utf-8"))
    of_dagster = dagster["storage"]["postgres"]["postgres_url"]["env"]
    settings = {name.upper() for name in Settings.model_fields}

    assert set(given) - settings == {of_dagster}
    for name in ("JIRA_PIPELINE_DATABASE_URL", of_dagster):
        url = urlsplit(given[name])
        assert url.hostname == "database"
        assert url.username == of_server["POSTGRES_USER"]
        assert url.password == of_server["POSTGRES_PASSWORD"] == PASSWORD
        assert url.path == f"/{of_server['POSTGRES_DB']}"
    assert database["healthcheck"]["test"][1:] == [
        *("pg_isready", "--username", of_server["POSTGRES_USER"]),
        *("--dbname", of_server["POSTGRES_DB"]),
    ]
    assert compose["services"]["program"]["depends_on"] == {
        "database": {"condition": "service_healthy"}
    }


def test_the_page_names_each_variable_of_its_env_and_that_nobody_started_it() -> None:
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", TEXT))

    assert asked == {"POSTGRES_PASSWORD", "WEB_BASE_URL"}
    assert all(f"{name}=" in page or f"`{name}`" in page for name in asked)
    assert "docker compose --file deploy/compose.yaml up --detach" in page
    assert "`compose.yaml` was never started" in page
