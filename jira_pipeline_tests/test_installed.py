"""The built wheel in a new environment, without any checkout: what is in it, and the first command.

The environment gets the wheel by pip, and what the wheel needs by a path to the packages of this
project's own environment: installing them again would take minutes.
"""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from jira_pipeline_tests.projects import CHECKOUT, EXAMPLE_TICKETS

pytestmark = pytest.mark.xdist_group("installed")
HOME_FILES = ("dagster.yaml", "workspace.yaml", ".env.example")


def start(*words: object) -> None:
    subprocess.run([sys.executable, *map(str, words)], cwd=CHECKOUT, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    start("-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_whole_package_and_what_a_home_and_the_demo_need(wheel: Path) -> None:
    """Templates, styles, scripts and prompts, too."""
    package, examples = CHECKOUT / "jira_pipeline", CHECKOUT / "examples"
    wanted = {
        f"jira_pipeline/{path.relative_to(package)}": path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted |= {
        f"jira_pipeline/packaged/{path.relative_to(CHECKOUT)}": path
        for path in (*(CHECKOUT / name for name in HOME_FILES), *examples.rglob("*"))
        if path.is_file()
    }

    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if name.startswith("jira_pipeline/")}
        differing = [
            name
            for name, path in wanted.items()
            if name in held and opened.read(name) != path.read_bytes()
        ]

    assert held == wanted.keys()
    assert differing == []


def test_the_demo_of_a_newcomer_makes_the_one_home_of_the_account(
    wheel: Path, tmp_path: Path
) -> None:
    environment, work = tmp_path / "environment", tmp_path / "work"
    work.mkdir()
    start("-m", "venv", "--without-pip", environment)
    offline = ("--quiet", "--no-deps", "--no-index", "--no-compile", "--no-warn-script-location")
    start(
        *("-m", "pip", "--python", environment / "bin" / "python", "--disable-pip-version-check"),
        *("install", *offline, wheel),
    )
    (packages,) = environment.glob("lib/python*/site-packages")
    shared = sysconfig.get_path("purelib")  # its own .pth files, such as this project's, do nothing
    (packages / "what_the_wheel_needs.pth").write_text(f"{shared}\n", encoding="utf-8")

    demo = subprocess.run(
        [str(environment / "bin" / "jira-pipeline"), "demo"],
        cwd=work,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )

    home = tmp_path / "jira_pipeline"
    modes = [p.stat().st_mode & 0o777 for p in (home, home / ".env", home / ".jira_pipeline")]
    assert demo.returncode == 0, demo.stdout[-2000:] + demo.stderr[-2000:]
    assert f"Data folder: {home}" in demo.stdout
    assert f"{EXAMPLE_TICKETS} issues and" in demo.stdout
    assert "jira-pipeline sandbox serve" in demo.stdout
    assert "to describe: jira-pipeline questions demo --open" in demo.stdout
    assert modes == [0o700, 0o600, 0o700]
    assert f"\nDAGSTER_HOME={home}\n" in (home / ".env").read_text("utf-8")
    for name in ("dagster.yaml", "workspace.yaml"):
        assert (home / name).read_bytes() == (CHECKOUT / name).read_bytes()
    assert list(work.iterdir()) == []
