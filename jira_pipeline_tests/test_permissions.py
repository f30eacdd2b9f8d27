"""What `make env` leaves: `.env` holds tokens, and its mode is its owner's."""

import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but what `make env` reads."""
    for name in ("Makefile", ".env.example"):
        (tmp_path / name).write_bytes((CHECKOUT / name).read_bytes())
    return tmp_path


def make_env(checkout: Path) -> tuple[int, str]:
    """Run `make env` under an ordinary umask; return the mode of `.env` and what is in it."""
    subprocess.run(["make", "env"], cwd=checkout, umask=0o022, check=True, capture_output=True)
    path = checkout / ".env"
    return path.stat().st_mode & 0o777, path.read_text(encoding="utf-8")


def test_make_writes_env_for_its_owner_alone(checkout: Path) -> None:
    mode, text = make_env(checkout)

    assert mode == 0o600
    assert text.startswith(f"DAGSTER_HOME={checkout}\n")
    assert text.count("DAGSTER_HOME=") == 1


@pytest.mark.parametrize("mode", [0o600, 0o640], ids=oct)
def test_make_keeps_the_mode_somebody_gave_it(checkout: Path, mode: int) -> None:
    """It turned 600 into 644 whenever the checkout had moved."""
    env = checkout / ".env"
    env.write_text("DAGSTER_HOME=/elsewhere\nJIRA_API_TOKEN=kept\n", encoding="utf-8")
    env.chmod(mode)
    (checkout / ".env.new").write_text("left by a make that was killed", encoding="utf-8")

    assert make_env(checkout) == (mode, f"DAGSTER_HOME={checkout}\nJIRA_API_TOKEN=kept\n")
    assert not (checkout / ".env.new").exists()
