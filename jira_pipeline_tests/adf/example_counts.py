"""How many examples hypothesis makes: 2,000, or as many as the command asks for."""

import os


def example_count(default: int = 2_000) -> int:
    """Read `ADF_EXAMPLES`, which `make adf-any` sets."""
    return int(os.environ.get("ADF_EXAMPLES") or default)  # noqa: TID251 - a matter of tests
