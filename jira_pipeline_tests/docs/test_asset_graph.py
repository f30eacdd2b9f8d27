"""The graph of assets in the README is that of the definitions."""

import re
from pathlib import Path

from jira_pipeline.defs.build import build_definitions

README = Path(__file__).resolve().parents[2] / "README.md"


def drawn_graph() -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Return the group of each asset and the arrows, as drawn; `tickets_` is an asset in its group.

    An asset belongs to the group in which it stands first.
    """
    (drawing,) = re.findall(
        r"```mermaid\nflowchart LR\n(.*?)```", README.read_text("utf-8"), re.DOTALL
    )
    groups: dict[str, str] = {}
    arrows = set()
    for part in drawing.split("subgraph ")[1:]:
        group, *lines = part.split("\n")
        for line in lines:
            names = [name.strip().partition("_[")[0].rstrip("_") for name in line.split("-->")]
            if names in ([""], ["end"]):
                continue
            for name in names:
                groups.setdefault(name, group)
            if len(names) > 1:
                arrows.add((names[0], names[1]))
    return groups, arrows


def test_the_drawing_has_each_asset_in_its_group_and_each_dependency() -> None:
    specs = build_definitions().resolve_all_asset_specs()

    groups, arrows = drawn_graph()

    assert groups == {spec.key.to_user_string(): spec.group_name for spec in specs}
    assert arrows == {
        (dep.asset_key.to_user_string(), spec.key.to_user_string())
        for spec in specs
        for dep in spec.deps
    }
