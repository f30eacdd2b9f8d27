"""Random documents made from the official schema alone; our grammar has no part in them.

Belongs here: reading the schema as a recipe for valid documents. Does not: what is held against
them.
"""

import copy
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]

_DEEPEST: Final = 14
"""Schema objects within each other; deeper ones take only what is required."""
_BY_PATTERN: Final = {
    "^#[0-9a-fA-F]{6}$": ["#1a2b3c", "#FFFFFF"],
    "^#[0-9a-fA-F]{8}$|^#[0-9a-fA-F]{6}$": ["#1a2b3c", "#1a2b3c4d"],
    "^(neutral|purple|blue|red|yellow|green|#[0-9a-fA-F]{6})$": ["blue", "green", "#1a2b3c"],
}
_STRINGS: Final = ["x", "two words", "größer", "1700000000000", "https://example.org/", "a\nb"]
_ANY_JSON: Final[list[Any]] = [{}, [], None, 1, "x", {"a": [1, {"b": None}]}]


class SchemaDocuments:
    def __init__(self, schema: Json) -> None:
        self.definitions: Mapping[str, Json] = schema["definitions"]

    def document(self, seed: int) -> Json:
        """Make one document; the seed says which."""
        chooser = random.Random(seed)  # noqa: S311 - documents to reproduce, not secrets
        made = self._value(self.definitions["doc_node"], chooser, 0)
        assert isinstance(made, dict)
        return made

    def _value(self, given: Json, chooser: random.Random, depth: int) -> Any:
        rule = given
        while not rule.keys().isdisjoint({"$ref", "allOf", "anyOf"}):
            if "$ref" in rule:
                rule = self._resolved(rule)
            elif "allOf" in rule:
                rule = self._merged(rule["allOf"])
            else:
                rule = self._choose(rule["anyOf"], chooser, depth)
        if rule.get("type") == "object":
            return self._object(rule, chooser, depth + 1)
        if rule.get("type") == "array":
            return self._array(rule, chooser, depth + 1)
        return _scalar(rule, chooser)

    def _resolved(self, rule: Json) -> Json:
        return self.definitions[rule["$ref"].rpartition("/")[2]]

    def _merged(self, rules: Sequence[Json]) -> Json:
        """Put the rules of one object together; the later ones are narrower."""
        merged: Json = {"type": "object", "properties": {}, "required": [], "open": True}
        for given in rules:
            rule = given
            while "$ref" in rule:
                rule = self._resolved(rule)
            if "allOf" in rule:
                rule = self._merged(rule["allOf"])
            is_closed = not merged["open"]
            merged["properties"] |= {
                name: member
                for name, member in rule.get("properties", {}).items()
                if not is_closed or name in merged["properties"]
            }
            merged["required"] = [*merged["required"], *rule.get("required", [])]
            merged["open"] &= rule.get("open", rule.get("additionalProperties", True))
        return merged

    def _choose(self, rules: Sequence[Json], chooser: random.Random, depth: int) -> Json:
        if depth < _DEEPEST:
            return chooser.choice(rules)
        flat = [r for r in rules if "content" not in self._required(r)]
        return (flat or rules)[0]

    def _required(self, rule: Json) -> list[str]:
        if "$ref" in rule:
            return self._required(self._resolved(rule))
        if "allOf" in rule:
            return list(self._merged(rule["allOf"])["required"])
        return list(rule.get("required", []))

    def _object(self, rule: Json, chooser: random.Random, depth: int) -> Json:
        made: Json = {}
        for name, member in rule.get("properties", {}).items():
            is_wanted = depth < _DEEPEST and chooser.random() < (0.75 if name == "content" else 0.3)
            if name in rule.get("required", ()) or is_wanted:
                made[name] = self._value(member, chooser, depth)
        if rule.get("open") and depth < _DEEPEST and chooser.random() < 0.1:
            made["unknown"] = copy.deepcopy(chooser.choice(_ANY_JSON))
        return made

    def _array(self, rule: Json, chooser: random.Random, depth: int) -> list[Any]:
        least, most = rule.get("minItems", 0), rule.get("maxItems", 99)
        items = rule.get("items", {})
        is_small = depth >= _DEEPEST
        count = least if is_small else chooser.randint(least, min(most, max(least, 3)))
        if isinstance(items, list):
            return [
                self._value(items[i] if i < len(items) else {}, chooser, depth)
                for i in range(count)
            ]
        return [self._value(items, chooser, depth) for _ in range(count)]


def _scalar(rule: Json, chooser: random.Random) -> Any:
    if "enum" in rule:
        return chooser.choice(rule["enum"])
    match rule.get("type"):
        case "string":
            return _string(rule, chooser)
        case "number":
            return _number(rule, chooser)
        case "boolean":
            return chooser.choice([True, False])
        case _:
            return copy.deepcopy(chooser.choice(_ANY_JSON))


def _string(rule: Json, chooser: random.Random) -> str:
    if "pattern" in rule:
        return chooser.choice(_BY_PATTERN[rule["pattern"]])
    return chooser.choice(_STRINGS if rule.get("minLength") else [*_STRINGS, ""])


def _number(rule: Json, chooser: random.Random) -> float:
    low, high = rule.get("minimum", 0), rule.get("maximum", 1000)
    choices: list[float] = [low, high, chooser.randint(low, high), low + 0.5]
    return chooser.choice(choices)
