"""Writes requirements.lock and those of llm, mcp and dev, from what pyproject.toml resolves to now.

Needs nothing but Python; installs into throw-away environments. `make lock` calls it.
"""

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADERS = {
    "requirements.lock": (
        "# Exact versions of everything the pipeline runs with; `make lock` writes it anew.\n"
    ),
    "requirements-llm.lock": (
        "# Exact versions of what talks to language models (extra llm), "
        "on top of requirements.lock.\n-r requirements.lock\n"
    ),
    "requirements-mcp.lock": (
        "# Exact versions of what serves agents (extra mcp), "
        "on top of requirements.lock.\n-r requirements.lock\n"
    ),
    "requirements-dev.lock": (
        "# Exact versions of the tools of `make check` and `make test`, "
        "on top of the others.\n-r requirements-llm.lock\n-r requirements-mcp.lock\n"
    ),
}


def frozen(requirements: list[str]) -> list[str]:
    """Install requirements into a new environment and return its `name==version` lines."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder, "bin", "python"))
        install = [python, "-m", "pip", "install", "--quiet", *requirements]
        subprocess.run(install, check=True)  # noqa: S603 - our own requirements
        freeze = [python, "-m", "pip", "freeze"]
        listing = subprocess.run(freeze, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words
    return [line for line in listing.stdout.splitlines() if "==" in line]


def main() -> None:
    """Resolve runtime first, then each extra with the versions before it kept."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    runtime = frozen(project["dependencies"])
    models = frozen([*runtime, *extras["llm"]])
    agents = frozen([*runtime, *extras["mcp"]])
    tools = frozen([*models, *agents, *extras["dev"]])
    lines = {
        "requirements.lock": runtime,
        "requirements-llm.lock": [line for line in models if line not in runtime],
        "requirements-mcp.lock": [line for line in agents if line not in runtime],
        "requirements-dev.lock": [line for line in tools if line not in {*models, *agents}],
    }
    for name, content in lines.items():
        text = HEADERS[name] + "\n".join(content) + "\n"
        (ROOT / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {len(content)} packages\n")


if __name__ == "__main__":
    main()
