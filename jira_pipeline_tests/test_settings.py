"""Settings: where they come from, which values they take, what they never show."""

import os
from pathlib import Path

import pytest

from jira_pipeline.context.settings import (
    Settings,
    adopt_dagster_home,
    find_project_path,
    load_settings,
)
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.tables import each

TOKEN = "canary-token-7f3a"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder with nothing but its mark."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "dagster.yaml").touch()
    return project


def write_env(folder: Path, *lines: str) -> None:
    (folder / ".env").write_text("\n".join(lines), encoding="utf-8")


def refusal_of(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(folder)
    return caught.value.message


def test_nothing_configured_is_a_sandbox_beside_dagster_yaml(folder: Path) -> None:
    settings = load_settings(folder)

    home = folder / ".jira_pipeline"
    assert settings.is_sandbox
    assert settings.home_path == home
    assert settings.database_url == f"sqlite:///{home}/store.sqlite"
    assert [
        settings.inbox_path,
        settings.uploads_path,
        settings.pages_path,
        settings.sandbox_path,
    ] == [home / n for n in ("inbox", "uploads", "pages", "sandbox.sqlite")]


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("some/where", "project/some/where"),
        ("{}/kept", "kept"),
        ("~/pipeline", "pipeline"),
    ],
    ids=["beside dagster.yaml", "absolute", "of the account"],
)
def test_a_home_lies_where_its_path_says_wherever_one_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, expected: str
) -> None:
    """No shell reads `.env`: a folder named `~` was made beside dagster.yaml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    write_env(folder, f"JIRA_PIPELINE_HOME={home.format(tmp_path)}")

    assert load_settings(folder).home_path == tmp_path / expected


def test_a_relative_project_gives_an_absolute_home(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)

    assert load_settings(Path("project")).home_path == folder / ".jira_pipeline"


def test_a_tilde_of_nobody_is_refused(folder: Path) -> None:
    write_env(folder, "JIRA_PIPELINE_HOME=~nobody-of-this-name/pipeline")

    assert "JIRA_PIPELINE_HOME" in refusal_of(folder)


@pytest.mark.parametrize("blank", ["", " ", "\t "], ids=["empty", "space", "tab"])
def test_a_blank_variable_counts_as_unset(
    folder: Path, monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    """A JIRA_BASE_URL of one space was a real Jira."""
    for name, field in Settings.model_fields.items():
        with monkeypatch.context() as environment:
            environment.setenv(name.upper(), blank)

            assert getattr(load_settings(folder), name) == field.default, name


@pytest.mark.parametrize(("variable", "key"), [("", "FILE"), ("SHELL", "SHELL"), (" A ", "A")])
def test_the_environment_outranks_env_unless_it_is_blank(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str, key: str
) -> None:
    write_env(folder, "JIRA_PROJECT_KEY=FILE", "JIRA_EMAIL=")
    monkeypatch.setenv("JIRA_PROJECT_KEY", variable)

    settings = load_settings(folder)

    assert (settings.jira_project_key, settings.jira_email) == (key, None)


def test_what_changes_while_a_process_runs_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server and a daemon read their settings again; a line of `.env` may name any variable."""
    write_env(folder, "JIRA_PROJECT_KEY=${TOWN}")
    monkeypatch.setenv("TOWN", "FIRST")
    keys = [load_settings(folder).jira_project_key]

    monkeypatch.setenv("TOWN", "SECOND")
    keys.append(load_settings(folder).jira_project_key)
    write_env(folder, "JIRA_PROJECT_KEY=THIRD")
    keys.append(load_settings(folder).jira_project_key)

    assert keys == ["FIRST", "SECOND", "THIRD"]


def test_two_homes_with_equal_settings_stay_two(folder: Path, tmp_path: Path) -> None:
    first = load_settings(folder)

    other = load_settings(tmp_path / "other")

    assert first.home_path == folder / ".jira_pipeline"
    assert other.home_path == tmp_path / "other" / ".jira_pipeline"


def test_a_corrected_env_counts_where_the_environment_is_a_copy_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`dagster dev` copies it: a corrected line, executed again, met the same error."""
    monkeypatch.setenv("JIRA_PIPELINE_ENV_COPIED", "yes")
    monkeypatch.setenv("JIRA_PROJECT_KEY", "WRONG")
    monkeypatch.setenv("JIRA_EMAIL", "not.in@the.file")
    write_env(folder, "JIRA_PIPELINE_ENV_COPIED=yes", "JIRA_PROJECT_KEY=RIGHT")

    settings = load_settings(folder)

    assert (settings.jira_project_key, settings.jira_email) == ("RIGHT", "not.in@the.file")


def test_runs_get_the_time_to_start_that_they_need_however_dagster_is_started(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under `dg dev`, which has what .env says, a live run was failed and started twice."""
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    monkeypatch.delenv("DAGSTER_GRPC_TIMEOUT_SECONDS", raising=False)
    adopt_dagster_home()

    line = f"DAGSTER_GRPC_TIMEOUT_SECONDS={os.environ['DAGSTER_GRPC_TIMEOUT_SECONDS']}"  # noqa: TID251 - what it set
    for name in (".env.example", "deploy/README.md", "deploy/kubernetes/Dockerfile"):
        assert line in (CHECKOUT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("address", "site", "is_noted"),
    [
        ("https://x.atlassian.net", "https://x.atlassian.net", False),
        ("https://x.atlassian.net/", "https://x.atlassian.net", False),
        ("https://x.atlassian.net/browse/WEB-1", "https://x.atlassian.net", True),
        (
            "https://x.atlassian.net/jira/software/projects/WEB/boards/1?selectedIssue=WEB-1",
            "https://x.atlassian.net",
            True,
        ),
        ("https://api.atlassian.com/ex/jira/1-2", "https://api.atlassian.com/ex/jira/1-2", False),
        ("https://jira.example.org/jira/", "https://jira.example.org/jira/", False),
        ("sandbox", None, False),
    ],
)
def test_the_address_of_a_page_is_cut_to_its_site_with_a_note(
    folder: Path, monkeypatch: pytest.MonkeyPatch, address: str, site: str | None, is_noted: bool
) -> None:
    monkeypatch.setenv("JIRA_BASE_URL", address)

    settings = load_settings(folder)

    assert (settings.jira_site_url, settings.is_sandbox) == (site, site is None)
    assert bool(settings.jira_site_note) == is_noted
    assert not is_noted or f"using its site: {site}." in settings.jira_site_note


def test_the_env_of_another_folder_is_not_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_env(tmp_path, "JIRA_PROJECT_KEY=OTHER")
    monkeypatch.chdir(tmp_path)

    assert load_settings(folder).jira_project_key is None


def test_what_is_no_setting_is_left_alone(folder: Path) -> None:
    write_env(folder, "SOMEBODY_ELSES=1", "DAGSTER_HOME=/elsewhere")

    assert load_settings(folder) == load_settings(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JIRA_CREATE_DELAY_SECONDS", "-1"),
        ("JIRA_CREATE_DELAY_SECONDS", "61"),
        ("JIRA_CREATE_DELAY_SECONDS", "1,5"),
        ("JIRA_CREATE_DELAY_SECONDS", "nan"),
        ("JIRA_SETTLE_HORIZON_SECONDS", "-1"),
        ("JIRA_SETTLE_HORIZON_SECONDS", "inf"),
        ("JIRA_SETTLE_HORIZON_SECONDS", "nan"),
        ("UPLOAD_MAX_FILE_BYTES", "2 MB"),
        ("UPLOAD_MAX_FILE_BYTES", "0"),
        ("UPLOAD_MAX_SESSION_BYTES", "-5"),
        ("UPLOAD_MAX_FILES", "2.5"),
        ("ADF_BODY_MAX_BYTES", "0"),
        ("UPLOAD_SETTLE_SECONDS", "-0.1"),
        ("UPLOAD_SETTLE_SECONDS", "inf"),
        ("WRITER_CONCURRENCY", "0"),
        ("WRITER_CONCURRENCY", "65"),
        ("WRITER_TIMEOUT_SECONDS", "0"),
        ("WRITER_MAX_REQUESTS", "0"),
        ("WRITER_BUDGET", "0"),
        ("WRITER_BUDGET", "5 $"),
        ("WRITER_BUDGET", "inf"),
        ("WRITER_BASE_URL", "127.0.0.1:11434"),
        ("WRITER_BASE_URL", "https://me:secret@models.example.org/v1"),
        ("WRITER_BASE_URL", "https://models.example.org/v1?key=secret"),
    ],
)
def test_a_wrong_value_is_reported_with_its_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert f"{name}: " in refusal_of(folder)


@each("is_in_file", [True, False])
def test_a_setting_of_an_earlier_version_is_refused_with_what_is_so_now(
    folder: Path, monkeypatch: pytest.MonkeyPatch, is_in_file: bool
) -> None:
    if is_in_file:
        write_env(folder, "WRITER_ANSWER=changes")
    else:
        monkeypatch.setenv("WRITER_ANSWER", "changes")

    refusal = refusal_of(folder)

    assert (
        "WRITER_ANSWER is no longer a setting: models write the tickets of sites whole" in refusal
    )


def test_every_wrong_value_is_reported_at_once_without_the_secrets_beside_it(folder: Path) -> None:
    lines = (f"JIRA_API_TOKEN={TOKEN}", "UPLOAD_MAX_FILES=many", "ADF_BODY_MAX_BYTES=-1")
    write_env(folder, *lines)

    with pytest.raises(ConfigurationError) as caught:
        load_settings(folder)

    assert "UPLOAD_MAX_FILES" in caught.value.message
    assert "ADF_BODY_MAX_BYTES" in caught.value.message
    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_env_of_another_encoding_is_reported(folder: Path) -> None:
    """It ended every command with a traceback."""
    (folder / ".env").write_bytes("JIRA_EMAIL=käte@example.org".encode("cp1252"))

    assert f"{folder / '.env'} is not UTF-8: byte 13" in refusal_of(folder)


def test_secrets_show_in_no_text(folder: Path) -> None:
    """The password in the address of the store showed in `repr`."""
    write_env(
        folder,
        f"JIRA_API_TOKEN={TOKEN}",
        f"JIRA_PIPELINE_DATABASE_URL=postgresql://pipeline:{TOKEN}@db/store",
        f"JIRA_PROXY_URL=http://clerk:{TOKEN}@proxy.example:3128",
    )

    settings = load_settings(folder)

    assert settings.jira_api_token is not None
    assert settings.jira_api_token.get_secret_value() == TOKEN
    assert TOKEN in settings.database_url
    assert TOKEN not in f"{settings!r} {settings}"


def test_the_project_is_found_upwards_and_a_folder_named_as_its_mark_is_none(
    folder: Path,
) -> None:
    """It must be the file: else a stray folder would begin a second ledger."""
    below = folder / "a" / "b"
    (below / "dagster.yaml").mkdir(parents=True)

    assert find_project_path(below) == folder


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example.org/x", "http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]/"],
)
def test_a_webhook_is_https_or_on_this_host(folder: Path, url: str) -> None:
    write_env(folder, f"NOTIFY_WEBHOOK_URL={url}")

    settings = load_settings(folder)

    assert settings.notify_webhook_url is not None
    assert settings.notify_webhook_url.get_secret_value() == url
    assert url not in repr(settings)


@each(
    ("name", "url"),
    [
        ("NOTIFY_WEBHOOK_URL", f"http://hooks.example.org/{TOKEN}"),
        ("NOTIFY_WEBHOOK_URL", f"http://127.0.0.1.example.org/{TOKEN}"),
        ("NOTIFY_WEBHOOK_URL", f"https://me:{TOKEN}@hooks.example.org/"),
        ("NOTIFY_WEBHOOK_URL", f"file:///{TOKEN}"),
        ("NOTIFY_WEBHOOK_URL", f"https:///{TOKEN}"),
        ("NOTIFY_WEBHOOK_URL", f"http://[{TOKEN}"),
        ("JIRA_PROXY_URL", f"proxy:{TOKEN}"),
        ("JIRA_PROXY_URL", f"socks5://u:{TOKEN}@proxy.example:1080"),
    ],
)
def test_an_address_of_another_kind_is_refused_without_being_shown(
    folder: Path, name: str, url: str
) -> None:
    write_env(folder, f"{name}={url}")

    message = refusal_of(folder)

    assert name in message
    assert TOKEN not in message


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["WRITER_MODEL=gpt-5-mini"], "name the provider", id="nobody serves it"),
        pytest.param(
            ["WRITER_MODEL=qwen3:14b"], "name the provider", id="a colon makes no provider"
        ),
        pytest.param(
            ["WRITER_MODEL=big", "WRITER_BASE_URL=http://gpu:8000/v1", f"WRITER_API_KEY={TOKEN}"],
            "sent only over https",
            id="a key in clear",
        ),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused(
    folder: Path, lines: list[str], expected: str
) -> None:
    write_env(folder, *lines)

    refusal = refusal_of(folder)

    assert expected in refusal
    assert TOKEN not in refusal


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["WRITER_MODEL=openai:gpt-5-mini"], "of-openai"),
        (["WRITER_MODEL=anthropic:claude-haiku-4-5"], "of-anthropic"),
        (["WRITER_MODEL=openai:gpt-5-mini", "WRITER_API_KEY=own"], "own"),
        (["WRITER_MODEL=openai:gpt-5-mini", "WRITER_BASE_URL=https://proxy.example.org"], None),
        (["WRITER_MODEL=qwen3:14b", "WRITER_BASE_URL=http://127.0.0.1:11434/v1"], None),
    ],
)
def test_the_key_of_a_provider_goes_to_that_provider_only(
    folder: Path, lines: list[str], expected: str | None
) -> None:
    write_env(folder, "OPENAI_API_KEY=of-openai", "ANTHROPIC_API_KEY=of-anthropic", *lines)

    settings = load_settings(folder)

    key = settings.writer_key
    assert (None if key is None else key.get_secret_value()) == expected
    assert "of-openai" not in repr(settings)


def test_a_relative_ca_bundle_lies_beside_dagster_yaml(folder: Path) -> None:
    write_env(folder, "JIRA_CA_BUNDLE=certificates/company.pem")

    assert load_settings(folder).jira_ca_bundle_path == folder / "certificates" / "company.pem"
