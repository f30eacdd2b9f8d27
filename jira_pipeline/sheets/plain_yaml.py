"""YAML of settings that people write, read without surprises and within limits.

Belongs here: what of YAML is taken. Does not: which keys there are (`manifest`, `layouts/layout`).
"""

from collections.abc import Hashable
from typing import Any

import yaml
from typing_extensions import override

_TAGS_TAKEN = (None, "!", "tag:yaml.org,2002:str")
"""No tag, and the two that leave a text a text."""


class PlainLoader(yaml.SafeLoader):
    """YAML without what a file of settings never needs and people get wrong.

    A later key silently wins over the same key before it; merged aliases grow without bound
    (each of ten lines ten times the one before: 64 kB would never end); a tag forces a text into
    a type, and PyYAML fails over `!!timestamp abc` with whatever error comes up.
    """

    depth_max = 10
    """Brackets and levels; the scanner takes seconds over 20,000 brackets in one line."""
    nodes_max_count = 10_000
    """Keys and values; 30,000 take two seconds."""
    _node_count = 0
    _depth = 0

    @override
    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:
        if self.flow_level >= self.depth_max:
            raise self._refusal(f"more than {self.depth_max} brackets are open")
        super().fetch_flow_collection_start(TokenClass)

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs lack it
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise self._refusal("aliases are not taken", mark)
        if getattr(event, "tag", None) not in _TAGS_TAKEN:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise self._refusal(f"the tag `{tag}` is not taken", mark)
        self._node_count += 1
        if self._node_count > self.nodes_max_count:
            raise self._refusal(f"it has more than {self.nodes_max_count:,} keys and values")
        if self._depth >= self.depth_max:
            raise self._refusal(f"it is nested more than {self.depth_max} deep")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":float"):
            node.tag = "tag:yaml.org,2002:str"  # version 1.10 is not 1.1
        return node

    def _refusal(self, reason: str, mark: yaml.Mark | None = None) -> yaml.YAMLError:
        return yaml.constructor.ConstructorError(None, None, reason, mark or self.get_mark())

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else key
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"`{key.value}` appears twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep=deep)
