"""`sharedo.yaml`: which environments there are, what is refused, and that it holds no secret."""

from pathlib import Path

import pytest

from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.sharedo.client.environments import Grant, Paths, read_environments
from jira_pipeline_tests.tables import each

DEVELOPMENT = """
environments:
  dev:
    api_url: https://dev.example.org/
    identity_url: https://dev-identity.example.org
    client_id: pipeline
    client_secret_env: SHAREDO_DEV_SECRET
    impersonate_user: someone@example.org
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sharedo.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal_of(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_environments(written(folder, text), is_named=False)
    return caught.value.message


def test_without_a_file_there_are_two_of_the_sandbox(tmp_path: Path) -> None:
    found = read_environments(tmp_path / "sharedo.yaml", is_named=False)

    assert list(found) == ["development", "test"]
    assert all(environment.is_sandbox for environment in found.values())


def test_a_file_that_somebody_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file or folder exists"):
        read_environments(tmp_path / "sharedo.yaml", is_named=True)


def test_an_environment_needs_few_words(tmp_path: Path) -> None:
    found = read_environments(written(tmp_path, DEVELOPMENT), is_named=False)["dev"]

    assert found.api_url == "https://dev.example.org"
    assert (found.grant, found.scope, found.requests_per_minute) == (
        Grant.SPECIFIED,
        "sharedo",
        100,
    )
    assert not found.is_sandbox


CHANGES = [
    (("https://dev.example.org/", "http://dev.example.org"), "must be https"),
    (("https://dev.example.org/", "https://me:s3cr3t@dev.example.org"), "must be https"),
    (("    impersonate_user: someone@example.org\n", ""), "needs impersonate_user"),
    (("SHAREDO_DEV_SECRET", "s3cr3t-with-dashes!"), "client_secret_env"),
    (("client_id", "client_idd"), "client_idd"),
    (("  dev:", "  Dev Environment:"), "Dev Environment"),
    (("environments:", "environment:"), "environments:"),
]
OTHER_FORMS = ["", "- a\n- b", "environments: {}", "a: [", "environments: {a: 1}"]


@each(
    ("text", "message"),
    [
        *((DEVELOPMENT.replace(*change), message) for change, message in CHANGES),
        *((text, "sharedo.yaml") for text in OTHER_FORMS),
        ("#" * 1_000_001, "larger than 1,000,000 bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_and_shows_no_secret(
    tmp_path: Path, text: str, message: str
) -> None:
    """Somebody put the secret itself where its name belongs."""
    refusal = refusal_of(tmp_path, text)

    assert message in refusal
    assert "s3cr3t" not in refusal


def test_a_secret_comes_from_the_environment_or_from_env(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dagster.yaml").touch()
    (tmp_path / ".env").write_text("SHAREDO_ONE=from file\nSHAREDO_TWO=from file", "utf-8")
    monkeypatch.setenv("SHAREDO_TWO", "from environment")
    settings = load_settings(tmp_path)

    found = [settings.secret_named(f"SHAREDO_{number}") for number in ("ONE", "TWO", "THREE")]

    assert [one and one.get_secret_value() for one in found] == [
        "from file",
        "from environment",
        None,
    ]
    assert "from file" not in str(found)


@each(
    ("name", "path"),
    [("create", "https://elsewhere.example.org/x"), ("create", "/{job}"), ("progress", "/{name}")],
)
def test_every_path_is_below_its_host_and_names_nothing_but_its_job(name: str, path: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        Paths.model_validate({name: path})
