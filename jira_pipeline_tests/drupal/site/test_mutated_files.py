"""1,000 damaged files: each is refused by name or read, and whatever is read becomes entities."""

import random
from collections.abc import Callable
from pathlib import Path

import yaml

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.errors import SiteConfigurationRefusedError
from jira_pipeline_tests.drupal.site.exports import CLUB, write_export

EXPORTS = 42
"""Of 25 files that are read, each."""
BITS = (
    *("[", "{", "- ", ": ", "&a ", "*a", "!!python/name:os.system "),
    *("\t", "'", "|\n", "~", "\x85"),
)
SHAPES: tuple[object, ...] = (None, [], {}, "text", 7, [{"a": 1}], {"a": ["b"]}, 1e9, True)
Mutation = Callable[[str, random.Random], str | bytes]


def flipped(text: str, chance: random.Random) -> bytes:
    content = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def spliced(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice(BITS) * chance.choice((1, 1, 500)) + text[place:]


def cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


def shuffled(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    chance.shuffle(lines)
    return "".join(lines)


def another_shape(text: str, chance: random.Random) -> str:
    """Put another shape in the place of one value, wherever it is."""
    data = yaml.safe_load(text)
    node = data
    while isinstance(node, dict | list) and node:
        key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if chance.random() < 0.4 or not isinstance(node[key], dict | list):
            node[key] = chance.choice(SHAPES)
            break
        node = node[key]
    return yaml.safe_dump(data)


MUTATIONS: tuple[Mutation, ...] = (flipped, spliced, cut, shuffled, another_shape)


def test_damaged_files_are_refused_or_read_and_never_lost(tmp_path: Path) -> None:
    chance = random.Random(33)  # noqa: S311 - damage, no secret
    refused_count = read_count = 0
    for number in range(EXPORTS):
        texts = {name: yaml.safe_dump(data) for name, data in CLUB.items()}
        damaged = {name: chance.choice(MUTATIONS)(text, chance) for name, text in texts.items()}
        try:
            export = write_export(tmp_path / str(number), damaged)
            configuration = read_configuration(export)
        except SiteConfigurationRefusedError:
            continue

        assert site_entities(configuration).entities
        assert {*configuration.objects, *configuration.refused} == {
            name for name in CLUB if name != "tour.tour.berths"
        }
        refused_count += len(configuration.refused)
        read_count += len(configuration.objects)

    assert refused_count + read_count >= 1_000
    assert min(refused_count, read_count) > 200
