"""Documents that we write and people edit, by random: what a merge of both must keep.

Belongs here: both hands, the rounds they play, what is wrong after one. Does not: how many are
played (`test_merging`, `benchmarks/merge`).
"""

import copy
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from jira_pipeline.jira.adf.merging import (
    Memory,
    fingerprint,
    is_whole,
    memory_from_json,
    memory_to_json,
    merge,
    remember,
)
from jira_pipeline.jira.sandbox.document_text import is_document
from jira_pipeline_tests.jira.sandbox_faults.unkind_sites import rewritten

Doc = dict[str, Any]
THEIRS, OURS = re.compile(r"\bp\d+\b"), re.compile(r"\bo\w+v\d+\b")


def text(words: str, *marks: str) -> Doc:
    node: Doc = {"type": "text", "text": words}
    return node | ({"marks": [{"type": mark} for mark in marks]} if marks else {})


def node(kind: str, *content: Doc, **attrs: object) -> Doc:
    made: Doc = {"type": kind, "content": list(content)}
    return made | ({"attrs": attrs} if attrs else {})


def paragraph(words: str) -> Doc:
    return node("paragraph", text(words))


def row(*cells: str, kind: str = "tableCell") -> Doc:
    return node("tableRow", *(node(kind, paragraph(cell)) for cell in cells))


class Author:
    """Us: a document with sections and tables whose facts change from version to version."""

    def __init__(self, rnd: random.Random) -> None:
        self.rnd, self.version = rnd, 0
        self.facts = {f"f{n}": 0 for n in range(rnd.randint(1, 8))}
        self.sections = [n for n in ("story", "analysis", "checks", "notes") if rnd.random() < 0.8]
        self.said = dict.fromkeys(("story", "analysis", "checks", "notes"), 0)

    def change(self) -> None:
        self.version += 1
        for name in list(self.facts):
            if self.rnd.random() < 0.25:
                self.facts[name] = self.version
            elif self.rnd.random() < 0.1:
                del self.facts[name]
        if self.rnd.random() < 0.4:
            self.facts[f"f{self.version}x{self.rnd.randint(0, 99)}"] = self.version
        for name in self.said:
            if self.rnd.random() < 0.3:
                self.said[name] = self.version
        if self.rnd.random() < 0.15:
            self.rnd.shuffle(self.sections)
        if self.rnd.random() < 0.15 and self.sections:
            self.sections.pop()

    def document(self) -> Doc:
        blocks = []
        for name in self.sections:
            token = f"o{name}v{self.said[name]}"
            blocks.append(node("heading", text(name.title()), level=3))
            match name:
                case "analysis":
                    items = [node("listItem", paragraph(f"point {n} {token}")) for n in "abc"]
                    blocks.append(node("bulletList", *items))
                case "notes":
                    blocks.append(node("panel", paragraph(f"note {token}"), panelType="info"))
                case _:
                    blocks.append(paragraph(f"we say {token} about {name}"))
        rows = [row(name, f"label {name}", f"o{name}v{at}") for name, at in self.facts.items()]
        if rows:
            blocks.append(node("heading", text("Fields"), level=3))
            blocks.append(node("table", row("Name", "Label", "Help", kind="tableHeader"), *rows))
        blocks.append(node("paragraph", text("Source: "), text("sheets.csv", "em")))
        return {"type": "doc", "version": 1, "content": blocks}


class Person:
    """Somebody at the same document in Jira's editor."""

    def __init__(self, rnd: random.Random) -> None:
        self.rnd, self.count = rnd, 0

    def word(self) -> str:
        self.count += 1
        return f"p{self.count}"

    def edit(self, doc: Doc) -> None:
        acts: list[Callable[[Doc], None]] = [
            self.insert, self.insert, self.type_into, self.type_into, self.rewrite, self.delete,
            self.move, self.copy, self.wrap, self.unwrap, self.split, self.join, self.add_row,
            self.delete_row, self.move_row, self.add_column, self.rename_heading, self.embolden,
            self.widen, self.own_table,
        ]  # fmt: skip
        if self.rnd.random() < 0.01:
            doc["content"] = [paragraph(self.word())]
        else:
            self.rnd.choice(acts)(doc)

    def _block(self, doc: Doc) -> tuple[int, Doc] | None:
        if not doc["content"]:
            return None
        place = self.rnd.randrange(len(doc["content"]))
        return place, doc["content"][place]

    def insert(self, doc: Doc) -> None:
        word = self.word()
        made = self.rnd.choice([
            paragraph(f"we agreed {word}"), node("heading", text(f"Own {word}"), level=2),
            node("bulletList", node("listItem", paragraph(word))),
            node("panel", paragraph(word), panelType="warning"), node("codeBlock", text(word)),
            node("blockquote", paragraph(word)), node("expand", paragraph(word), title="more"),
        ])  # fmt: skip
        doc["content"].insert(self.rnd.randint(0, len(doc["content"])), made)

    def own_table(self, doc: Doc) -> None:
        made = node("table", row("Who", "What"), row(self.word(), self.word()))
        doc["content"].insert(self.rnd.randint(0, len(doc["content"])), made)

    def _texts(self, at: Doc) -> list[Doc]:
        found = [at] if at.get("type") == "text" else []
        return found + [one for child in at.get("content", ()) for one in self._texts(child)]

    def type_into(self, doc: Doc) -> None:
        if texts := self._texts(doc):
            one = self.rnd.choice(texts)
            words = one["text"].split(" ")
            words.insert(self.rnd.randint(0, len(words)), self.word())
            one["text"] = " ".join(words)

    def rewrite(self, doc: Doc) -> None:
        if texts := self._texts(doc):
            self.rnd.choice(texts)["text"] = f"instead {self.word()}"

    def embolden(self, doc: Doc) -> None:
        if texts := self._texts(doc):
            one = self.rnd.choice(texts)
            one["marks"] = [*one.get("marks", ()), {"type": "strong"}]

    def delete(self, doc: Doc) -> None:
        if found := self._block(doc):
            del doc["content"][found[0]]

    def move(self, doc: Doc) -> None:
        if found := self._block(doc):
            one = doc["content"].pop(found[0])
            doc["content"].insert(self.rnd.randint(0, len(doc["content"])), one)

    def copy(self, doc: Doc) -> None:
        if found := self._block(doc):
            doc["content"].insert(self.rnd.randint(0, len(doc["content"])), copy.deepcopy(found[1]))

    def wrap(self, doc: Doc) -> None:
        found = self._block(doc)
        if found and found[1]["type"] in {"paragraph", "bulletList"}:
            kind = self.rnd.choice(["panel", "blockquote", "expand"])
            attrs = {"panel": {"panelType": "note"}, "expand": {"title": self.word()}}
            doc["content"][found[0]] = node(kind, found[1], **attrs.get(kind, {}))

    def unwrap(self, doc: Doc) -> None:
        found = self._block(doc)
        if found and found[1]["type"] in {"panel", "blockquote", "expand"}:
            doc["content"][found[0] : found[0] + 1] = found[1]["content"]

    def split(self, doc: Doc) -> None:
        found = self._block(doc)
        if found and found[1]["type"] == "paragraph" and len(found[1]["content"]) == 1:
            words = found[1]["content"][0]["text"].split(" ")
            if len(words) > 1:
                halves = [paragraph(" ".join(words[:1])), paragraph(" ".join(words[1:]))]
                doc["content"][found[0] : found[0] + 1] = halves

    def join(self, doc: Doc) -> None:
        found = self._block(doc)
        if found and found[0] + 1 < len(doc["content"]):
            one, other = found[1], doc["content"][found[0] + 1]
            if one["type"] == other["type"] == "paragraph":
                one["content"] += [text(" "), *other["content"]]
                del doc["content"][found[0] + 1]

    def _table(self, doc: Doc) -> list[Doc] | None:
        tables = [one for one in doc["content"] if one["type"] == "table"]
        return self.rnd.choice(tables)["content"] if tables else None

    def add_row(self, doc: Doc) -> None:
        if rows := self._table(doc):
            count = len(rows[0]["content"])
            made = row(*(self.word() for _ in range(count)))
            rows.insert(self.rnd.randint(0, len(rows)), made)

    def delete_row(self, doc: Doc) -> None:
        rows = self._table(doc)
        if rows and len(rows) > 1:
            rows.pop(self.rnd.randrange(len(rows)))

    def move_row(self, doc: Doc) -> None:
        if rows := self._table(doc):
            rows.insert(self.rnd.randrange(len(rows)), rows.pop(self.rnd.randrange(len(rows))))

    def add_column(self, doc: Doc) -> None:
        if rows := self._table(doc):
            for one in rows:
                one["content"].append(node("tableCell", paragraph(self.word())))

    def rename_heading(self, doc: Doc) -> None:
        headings = [one for one in doc["content"] if one["type"] == "heading"]
        if headings:
            self.rnd.choice(headings)["content"] = [text(f"Renamed {self.word()}")]

    def widen(self, doc: Doc) -> None:
        if found := self._block(doc):
            found[1].setdefault("attrs", {})["width"] = self.rnd.randint(100, 900)


def words(doc: Doc, pattern: re.Pattern[str]) -> Counter[str]:
    return Counter(pattern.findall(json.dumps(doc)))


def through_jira(memory: Memory) -> Memory:
    """Return a memory as a property of an issue gives it back."""
    given_back = memory_from_json(json.loads(json.dumps(memory_to_json(memory))))
    assert given_back is not None
    return given_back


BELOW = "blocks of ours put below what people rewrote"
LOST = "words of people lost"
UNSAID = "new facts of ours missing"
INVALID = "documents that Jira refuses"
UNSTABLE = "not idempotent"
MISJUDGED = "whose words are whose misjudged"
MOVED = "people's blocks out of their order"
FAULTS = (LOST, UNSAID, UNSTABLE, INVALID, MISJUDGED, MOVED)
"""What must not be after a merge."""


def play(seed: int) -> Counter[str]:
    """Play some rounds of both hands; count rounds, edits, blocks put below, and each fault."""
    rnd = random.Random(seed)  # noqa: S311 - edits, not secrets
    author, person = Author(rnd), Person(rnd)
    sent = author.document()
    memory = through_jira(remember(sent))
    stored: Doc = rewritten(sent, seed=seed)
    said_before, is_edited, seen = words(sent, OURS), False, Counter[str]()
    for number in range(rnd.randint(1, 4)):
        seen[MISJUDGED] += not is_edited and not is_whole(memory, stored)  # Jira's own changes
        theirs: Doc = copy.deepcopy(stored)
        for _ in range(rnd.choice([0, 0, 1, 1, 2, 3, 6, 12])):
            before = json.dumps(theirs)
            person.edit(theirs)
            is_edited |= json.dumps(theirs) != before
            seen["edits"] += 1
        theirs = cast(Doc, rewritten(theirs, seed=seed * 10 + number))
        author.change()
        ours = author.document()
        merged = merge(memory, theirs, ours)

        seen[LOST] += (words(theirs, THEIRS) - words(merged.document, THEIRS)).total()
        new = words(ours, OURS).keys() - said_before.keys()
        seen[UNSAID] += len(new - words(merged.document, OURS).keys())
        seen[INVALID] += not is_document(merged.document)
        if not is_edited:
            seen[MISJUDGED] += bool(merged.below) or fingerprint(merged.document) != fingerprint(
                ours
            )
        seen[MOVED] += not is_in_order(memory, theirs, merged.document)

        memory = through_jira(merged.memory)
        stored = rewritten(merged.document, seed=seed * 100 + number)
        again = merge(memory, stored, ours)
        seen[UNSTABLE] += bool(again.below) or fingerprint(again.document) != fingerprint(stored)
        said_before = words(ours, OURS)
        seen[BELOW] += len(merged.below)
        seen["rounds"] += 1
    return seen


def is_in_order(memory: Memory, theirs: Doc, merged: Doc) -> bool:
    """Tell whether people's own blocks follow each other as before; equal ones say nothing."""
    unedited = {fingerprint(b) for b in theirs["content"]} & {one.mark for one in memory}
    own = [
        json.dumps(b)
        for b in theirs["content"]
        if fingerprint(b) not in unedited and not words(b, OURS)
    ]
    places = [json.dumps(b) for b in merged["content"]]
    found = [places.index(b) for b in own if b in places]
    return found == sorted(found) or len(set(own)) < len(own)
