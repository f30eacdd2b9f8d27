"""The grammar of Atlassian Document Format as data: what is allowed where, with which attributes.

Belongs here: two tables of node rules and mark rules, `FULL` (the official schema) and `JIRA`
(what a Jira description takes; each document valid for it is valid for `FULL`). Does not: walking
a document (`validation`) or making one.

Source: Atlassian's ADF JSON schema, `full.json` (draft-04, 84 definitions); Jira's node set from
the same package and Atlassian's pages on Jira's nodes, read in 2026.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyValue:
    """Every JSON value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StringValue:
    """A string, its length counted in code points."""

    minimum_length: int = 0
    pattern: re.Pattern[str] | None = None
    hint: str = ""
    """What the pattern asks for, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HrefValue:
    """The address of a link that is safe to click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberValue:
    """A number in a closed range."""

    minimum: float | None = None
    maximum: float | None = None
    is_integer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanValue:
    """True or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceValue:
    """One of some strings."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayValue:
    """An array of equal values."""

    items: "ValueRule"
    minimum_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectValue:
    """An object with named members and no others."""

    members: Mapping[str, "ValueRule"]
    required: frozenset[str] = frozenset()


ValueRule: TypeAlias = (
    AnyValue
    | StringValue
    | HrefValue
    | NumberValue
    | BooleanValue
    | ChoiceValue
    | ArrayValue
    | ObjectValue
)

MarkSet: TypeAlias = frozenset[str] | None
"""Types of marks that go together; `None` allows any JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How a type of node may be in a parent: the alternatives for its marks, and its rule."""

    marks: tuple[MarkSet, ...] = ()
    rule: str = ""
    """Name of the rule in the grammar; empty = the type's own name."""


Children: TypeAlias = Mapping[str, Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRule:
    """What `content` may hold."""

    children: Children = field(default_factory=dict)
    minimum: int = 0
    maximum: int | None = None
    positions: tuple[Children, ...] = ()
    """Rules for the first children, one each; those after them are free unless `maximum` ends."""
    is_required: bool = True
    is_free: bool = False
    """Anything at all is allowed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRule:
    """What one type of node may consist of."""

    content: ContentRule | None = None
    attrs: tuple[ObjectValue, ...] = ()
    """Alternatives; none = no `attrs` allowed."""
    is_attrs_required: bool = False
    has_marks: bool = False
    is_open: bool = False
    """Whether other members are allowed beside type, attrs, marks and content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The rules of one profile."""

    name: str
    nodes: Mapping[str, NodeRule]
    marks: Mapping[str, ObjectValue | None]
    """Attributes of each mark; `None` = none allowed."""
    forbids_repeated_marks: bool = False
    has_depth_limit: bool = False
    refuses_half_characters: bool = False
    """Whether text must have a UTF-8 form: half a surrogate pair has none, so cannot be sent."""

    def allows_child(self, parent: str, child: str) -> bool:
        """Tell whether a type of node may be in another, in any position."""
        content = self.nodes[parent].content
        if content is None:
            return False
        return child in content.children or any(child in p for p in content.positions)


_STRING = StringValue()
_FILLED = StringValue(minimum_length=1)
_NUMBER = NumberValue()
_BOOLEAN = BooleanValue()
_ANY = AnyValue()
_LOCAL_ID: Mapping[str, ValueRule] = {"localId": _STRING}
_COLOR = StringValue(pattern=re.compile(r"^#[0-9a-fA-F]{6}\Z"), hint="a colour like #1a2b3c")
_NO_MARKS: Final = Place(marks=(frozenset(),))
_OWN: Final = Place()


def _choice(*choices: str) -> ChoiceValue:
    return ChoiceValue(choices=choices)


def _attrs(
    members: Mapping[str, ValueRule] | None = None, *required: str, has_local_id: bool = True
) -> tuple[ObjectValue, ...]:
    known = {**(members or {}), **(_LOCAL_ID if has_local_id else {})}
    return (ObjectValue(members=known, required=frozenset(required)),)


def _mark(members: Mapping[str, ValueRule], *required: str) -> ObjectValue:
    return ObjectValue(members=members, required=frozenset(required))


def _own(*types: str) -> dict[str, Place]:
    return dict.fromkeys(types, _OWN)


def _alternatives(*mark_types: str) -> Place:
    """Allow no marks, or marks of exactly one of these types."""
    return Place(marks=tuple(frozenset({m}) for m in mark_types))


_LAYOUT = _choice(
    "wide", "full-width", "center", "wrap-right", "wrap-left", "align-end", "align-start"
)
_FORMATTED_MARKS = frozenset(
    {
        "link", "em", "strong", "strike", "subsup", "underline", "textColor", "annotation",
        "backgroundColor",
    }
)  # fmt: skip
_CODE_MARKS = frozenset({"code", "link", "annotation"})
_EXTENSION = Place(marks=(frozenset({"dataConsumer", "fragment"}),))
_ALIGNED = Place(marks=(frozenset({"alignment"}), frozenset({"indentation"})))
_ALIGNED_PARAGRAPH = Place(
    marks=(frozenset({"fontSize", "alignment"}), frozenset({"fontSize", "indentation"}))
)
_SMALL_PARAGRAPH = _alternatives("fontSize")
_MEDIA = _own("mediaSingle", "mediaGroup")
_LISTS = _own("bulletList", "orderedList")

_INLINE: Children = {
    "text": Place(marks=(_FORMATTED_MARKS, _CODE_MARKS)),
    "inlineExtension": _EXTENSION,
    **_own(
        "date",
        "emoji",
        "hardBreak",
        "inlineCard",
        "mention",
        "placeholder",
        "status",
        "mediaInline",
    ),
}
_CAPTION_INLINE: Children = {
    name: place for name, place in _INLINE.items() if name not in {"inlineExtension", "mediaInline"}
}
_CELL_BLOCKS: Children = {
    "paragraph": Place(marks=(frozenset({"fontSize", "alignment"}),)),
    "heading": _ALIGNED,
    "codeBlock": _NO_MARKS,
    "extension": _EXTENSION,
    "nestedExpand": _OWN,
    **_LISTS,
    **_MEDIA,
    **_own("panel", "blockquote", "rule", "decisionList", "taskList", "blockCard", "embedCard"),
}
_NON_NESTABLE: Children = {
    "paragraph": _SMALL_PARAGRAPH,
    "heading": _NO_MARKS,
    "codeBlock": _NO_MARKS,
    "extension": _EXTENSION,
    **_LISTS,
    **_MEDIA,
    **_own(
        "panel", "blockquote", "rule", "decisionList", "taskList", "table", "blockCard", "embedCard"
    ),
}
_BLOCKS: Children = {
    **_NON_NESTABLE,
    "paragraph": _ALIGNED_PARAGRAPH,
    "heading": _ALIGNED,
    "expand": _NO_MARKS,
    "bodiedExtension": _EXTENSION,
}
_DOC_BLOCKS: Children = {
    **_BLOCKS,
    "codeBlock": _alternatives("breakout"),
    "expand": _alternatives("breakout"),
    "layoutSection": _OWN,
    "syncBlock": _OWN,
    "bodiedSyncBlock": _OWN,
}
_SYNC_BLOCKS: Children = {
    "paragraph": Place(marks=(None,)),
    "heading": Place(marks=(None,)),
    "codeBlock": _NO_MARKS,
    "expand": _NO_MARKS,
    "layoutSection": Place(rule="layoutSection (any)"),
    "mediaSingle": Place(rule="mediaSingle (any)"),
    "mediaGroup": _OWN,
    **_LISTS,
    **_own(
        "blockCard", "blockquote", "decisionList", "embedCard", "panel", "rule", "table", "taskList"
    ),
}
_NESTED_EXPAND_BLOCKS: Children = {
    "paragraph": _SMALL_PARAGRAPH,
    "heading": _NO_MARKS,
    "codeBlock": _NO_MARKS,
    "extension": _EXTENSION,
    **_LISTS,
    **_MEDIA,
    **_own("taskList", "decisionList", "rule", "panel", "blockquote"),
}
_EXPAND_BLOCKS: Children = {**_NON_NESTABLE, "nestedExpand": _OWN}
_PANEL_BLOCKS: Children = {
    "paragraph": _SMALL_PARAGRAPH,
    "heading": _NO_MARKS,
    "codeBlock": _NO_MARKS,
    "extension": _EXTENSION,
    **_LISTS,
    **_MEDIA,
    **_own("blockCard", "taskList", "rule", "decisionList"),
}
_QUOTE_BLOCKS: Children = {
    "paragraph": _NO_MARKS,
    "codeBlock": _NO_MARKS,
    "extension": _EXTENSION,
    **_LISTS,
    **_MEDIA,
}
_ITEM_BLOCKS: Children = {
    "paragraph": _SMALL_PARAGRAPH,
    "codeBlock": _NO_MARKS,
    "extension": _EXTENSION,
    **_LISTS,
    **_own("taskList", "mediaSingle"),
}
_TASK_PARAGRAPH: Children = {"paragraph": _SMALL_PARAGRAPH, "extension": _EXTENSION}

_OPTIONAL_INLINE = ContentRule(children=_INLINE, is_required=False)
_CELL = NodeRule(
    content=ContentRule(children=_CELL_BLOCKS, minimum=1),
    attrs=_attrs(
        {
            "colspan": _NUMBER,
            "rowspan": _NUMBER,
            "colwidth": ArrayValue(items=_NUMBER),
            "background": _STRING,
            "valign": _choice("top", "middle", "bottom"),
        }
    ),
)
_EXTENSION_MEMBERS: Mapping[str, ValueRule] = {
    "extensionKey": _FILLED,
    "extensionType": _FILLED,
    "parameters": _ANY,
    "text": _STRING,
    "localId": _FILLED,
}
_BLOCK_EXTENSION_ATTRS = _attrs(
    {**_EXTENSION_MEMBERS, "layout": _choice("wide", "full-width", "default")},
    "extensionKey",
    "extensionType",
    has_local_id=False,
)
_STATE = _choice("TODO", "DONE")
_CARD_DATASOURCE = ObjectValue(
    members={
        "id": _STRING,
        "parameters": _ANY,
        "views": ArrayValue(
            items=ObjectValue(
                members={"properties": _ANY, "type": _STRING}, required=frozenset({"type"})
            ),
            minimum_length=1,
        ),
    },
    required=frozenset({"id", "parameters", "views"}),
)
_SYNC_ATTRS = _attrs({"resourceId": _STRING}, "resourceId", "localId")
_MEDIA_SINGLE_ATTRS = (
    *_attrs(
        {
            "width": NumberValue(minimum=0, maximum=100),
            "layout": _LAYOUT,
            "widthType": _choice("percentage"),
        },
        "layout",
    ),
    *_attrs(
        {"width": NumberValue(minimum=0), "widthType": _choice("pixel"), "layout": _LAYOUT},
        "width",
        "widthType",
        "layout",
    ),
)


def _with_content(
    children: Children, attrs: tuple[ObjectValue, ...] = (), *, is_attrs_required: bool = False
) -> NodeRule:
    """Make the rule of a node that needs at least one of some children."""
    return NodeRule(
        content=ContentRule(children=children, minimum=1),
        attrs=attrs or _attrs(),
        is_attrs_required=is_attrs_required,
    )


def _leaf(attrs: tuple[ObjectValue, ...], *, has_marks: bool = False) -> NodeRule:
    """Make the rule of a node without content whose attributes say everything."""
    return NodeRule(attrs=attrs, is_attrs_required=True, has_marks=has_marks)


_FULL_NODES: Mapping[str, NodeRule] = {
    "doc": NodeRule(content=ContentRule(children=_DOC_BLOCKS)),
    "paragraph": NodeRule(content=_OPTIONAL_INLINE, attrs=_attrs(), has_marks=True),
    "heading": NodeRule(
        content=_OPTIONAL_INLINE,
        attrs=_attrs({"level": NumberValue(minimum=1, maximum=6)}, "level"),
        is_attrs_required=True,
        has_marks=True,
    ),
    "text": NodeRule(has_marks=True),
    "hardBreak": NodeRule(attrs=_attrs({"text": _choice("\n")})),
    "rule": NodeRule(attrs=_attrs()),
    "bulletList": _with_content(_own("listItem")),
    "orderedList": _with_content(_own("listItem"), _attrs({"order": NumberValue(minimum=0)})),
    "listItem": _with_content(_ITEM_BLOCKS),
    "taskList": _with_content(
        _own("taskItem", "taskList", "blockTaskItem"),
        _attrs(None, "localId"),
        is_attrs_required=True,
    ),
    "taskItem": NodeRule(
        content=_OPTIONAL_INLINE,
        attrs=_attrs({"state": _STATE}, "localId", "state"),
        is_attrs_required=True,
    ),
    "blockTaskItem": NodeRule(
        content=ContentRule(positions=(_TASK_PARAGRAPH, _TASK_PARAGRAPH), minimum=1),
        attrs=_attrs({"state": _STATE}, "localId", "state"),
        is_attrs_required=True,
    ),
    "decisionList": _with_content(
        _own("decisionItem"), _attrs(None, "localId"), is_attrs_required=True
    ),
    "decisionItem": NodeRule(
        content=_OPTIONAL_INLINE,
        attrs=_attrs({"state": _STRING}, "localId", "state"),
        is_attrs_required=True,
    ),
    "codeBlock": NodeRule(
        content=ContentRule(children={"text": _NO_MARKS}, is_required=False),
        attrs=_attrs(
            {
                "language": _STRING,
                "uniqueId": _STRING,
                "wrap": _BOOLEAN,
                "hideLineNumbers": _BOOLEAN,
            }
        ),
        has_marks=True,
    ),
    "blockquote": _with_content(_QUOTE_BLOCKS),
    "panel": _with_content(
        _PANEL_BLOCKS,
        _attrs(
            {
                "panelType": _choice(
                    "info", "note", "tip", "warning", "error", "success", "custom"
                ),
                "panelIcon": _STRING,
                "panelIconId": _STRING,
                "panelIconText": _STRING,
                "panelColor": _STRING,
            },
            "panelType",
        ),
        is_attrs_required=True,
    ),
    "expand": NodeRule(
        content=ContentRule(children=_EXPAND_BLOCKS, minimum=1),
        attrs=_attrs({"title": _STRING}),
        has_marks=True,
    ),
    "nestedExpand": _with_content(
        _NESTED_EXPAND_BLOCKS, _attrs({"title": _STRING}), is_attrs_required=True
    ),
    "table": NodeRule(
        content=ContentRule(children=_own("tableRow"), minimum=1),
        attrs=_attrs(
            {
                "displayMode": _choice("default", "fixed"),
                "isNumberColumnEnabled": _BOOLEAN,
                "layout": _choice(
                    "wide", "full-width", "center", "align-end", "align-start", "default"
                ),
                "localId": _FILLED,
                "width": _NUMBER,
            },
            has_local_id=False,
        ),
        has_marks=True,
    ),
    "tableRow": NodeRule(
        content=ContentRule(children=_own("tableCell", "tableHeader")), attrs=_attrs()
    ),
    "tableCell": _CELL,
    "tableHeader": _CELL,
    "mediaGroup": NodeRule(content=ContentRule(children=_own("media"), minimum=1)),
    "mediaSingle": NodeRule(
        content=ContentRule(positions=(_own("media"), _own("caption")), minimum=1, maximum=2),
        attrs=_MEDIA_SINGLE_ATTRS,
        has_marks=True,
        is_open=True,
    ),
    "mediaSingle (any)": NodeRule(
        content=ContentRule(is_free=True, is_required=False),
        attrs=_MEDIA_SINGLE_ATTRS,
        has_marks=True,
        is_open=True,
    ),
    "media": _leaf(
        (
            *_attrs(
                {
                    "type": _choice("link", "file"),
                    "id": _FILLED,
                    "alt": _STRING,
                    "collection": _STRING,
                    "height": _NUMBER,
                    "occurrenceKey": _FILLED,
                    "width": _NUMBER,
                },
                "type",
                "id",
                "collection",
            ),
            *_attrs(
                {
                    "type": _choice("external"),
                    "alt": _STRING,
                    "height": _NUMBER,
                    "width": _NUMBER,
                    "url": _STRING,
                },
                "type",
                "url",
            ),
        ),
        has_marks=True,
    ),
    "caption": NodeRule(
        content=ContentRule(children=_CAPTION_INLINE, is_required=False), attrs=_attrs()
    ),
    "mediaInline": _leaf(
        _attrs(
            {
                "type": _choice("link", "file", "image"),
                "id": _FILLED,
                "alt": _STRING,
                "collection": _STRING,
                "occurrenceKey": _FILLED,
                "width": _NUMBER,
                "height": _NUMBER,
                "data": _ANY,
            },
            "id",
            "collection",
        ),
        has_marks=True,
    ),
    "mention": _leaf(
        _attrs(
            {
                "id": _STRING,
                "text": _STRING,
                "accessLevel": _STRING,
                "userType": _choice("DEFAULT", "SPECIAL", "APP"),
            },
            "id",
        )
    ),
    "emoji": _leaf(_attrs({"shortName": _STRING, "id": _STRING, "text": _STRING}, "shortName")),
    "date": _leaf(_attrs({"timestamp": _FILLED}, "timestamp")),
    "status": _leaf(
        _attrs(
            {
                "text": _FILLED,
                "color": StringValue(
                    pattern=re.compile(
                        r"^(neutral|purple|blue|red|yellow|green|#[0-9a-fA-F]{6})\Z"
                    ),
                    hint="neutral, purple, blue, red, yellow, green or a colour like #1a2b3c",
                ),
                "style": _STRING,
            },
            "text",
            "color",
        )
    ),
    "placeholder": _leaf(_attrs({"text": _STRING}, "text")),
    "inlineCard": _leaf((*_attrs({"url": _STRING}, "url"), *_attrs({"data": _ANY}, "data"))),
    "blockCard": _leaf(
        (
            *_attrs(
                {
                    "url": _STRING,
                    "datasource": _CARD_DATASOURCE,
                    "width": _NUMBER,
                    "layout": _LAYOUT,
                },
                "datasource",
            ),
            *_attrs({"url": _STRING}, "url"),
            *_attrs({"data": _ANY}, "data"),
        )
    ),
    "embedCard": _leaf(
        _attrs(
            {
                "url": _STRING,
                "layout": _LAYOUT,
                "width": NumberValue(minimum=0, maximum=100),
                "originalHeight": _NUMBER,
                "originalWidth": _NUMBER,
            },
            "url",
            "layout",
        )
    ),
    "extension": _leaf(_BLOCK_EXTENSION_ATTRS, has_marks=True),
    "bodiedExtension": NodeRule(
        content=ContentRule(children=_NON_NESTABLE, minimum=1),
        attrs=_BLOCK_EXTENSION_ATTRS,
        is_attrs_required=True,
        has_marks=True,
    ),
    "inlineExtension": _leaf(
        _attrs(_EXTENSION_MEMBERS, "extensionKey", "extensionType", has_local_id=False),
        has_marks=True,
    ),
    "layoutSection": NodeRule(
        content=ContentRule(children=_own("layoutColumn"), minimum=2, maximum=3),
        attrs=_attrs(),
        has_marks=True,
    ),
    "layoutSection (any)": NodeRule(
        content=ContentRule(children=_own("layoutColumn")), attrs=_attrs(), has_marks=True
    ),
    "layoutColumn": _with_content(
        _BLOCKS,
        _attrs(
            {
                "width": NumberValue(minimum=0, maximum=100),
                "valign": _choice("top", "middle", "bottom"),
            },
            "width",
        ),
        is_attrs_required=True,
    ),
    "syncBlock": _leaf(_SYNC_ATTRS, has_marks=True),
    "bodiedSyncBlock": NodeRule(
        content=ContentRule(children=_SYNC_BLOCKS, minimum=1),
        attrs=_SYNC_ATTRS,
        is_attrs_required=True,
        has_marks=True,
    ),
}

OWN_MARKS: Mapping[str, frozenset[str]] = {
    "expand": frozenset(),
    "codeBlock": frozenset(),
    "table": frozenset({"fragment"}),
    "mediaSingle": frozenset({"link"}),
    "media": frozenset({"dataConsumer", "link", "annotation", "border"}),
    "mediaInline": frozenset({"dataConsumer", "link", "annotation", "border"}),
    "layoutSection": frozenset({"breakout"}),
    "syncBlock": frozenset({"breakout"}),
    "bodiedSyncBlock": frozenset({"breakout"}),
}
"""Marks of a node whose place does not name any."""

_FULL_MARKS: Mapping[str, ObjectValue | None] = {
    "strong": None,
    "em": None,
    "underline": None,
    "strike": None,
    "code": None,
    "subsup": _mark({"type": _choice("sub", "sup")}, "type"),
    "textColor": _mark({"color": _COLOR}, "color"),
    "backgroundColor": _mark({"color": _COLOR}, "color"),
    "link": _mark(
        {
            "href": _STRING,
            "title": _STRING,
            "id": _STRING,
            "collection": _STRING,
            "occurrenceKey": _STRING,
        },
        "href",
    ),
    "alignment": _mark({"align": _choice("center", "end")}, "align"),
    "indentation": _mark({"level": NumberValue(minimum=1, maximum=6)}, "level"),
    "fontSize": _mark({"fontSize": _choice("small")}, "fontSize"),
    "annotation": _mark(
        {"id": _STRING, "annotationType": _choice("inlineComment")}, "id", "annotationType"
    ),
    "border": _mark(
        {
            "size": NumberValue(minimum=1, maximum=3),
            "color": StringValue(
                pattern=re.compile(r"^#[0-9a-fA-F]{8}\Z|^#[0-9a-fA-F]{6}\Z"),
                hint="a colour like #1a2b3c",
            ),
        },
        "size",
        "color",
    ),
    "breakout": _mark({"mode": _choice("wide", "full-width"), "width": _NUMBER}, "mode"),
    "dataConsumer": _mark({"sources": ArrayValue(items=_STRING, minimum_length=1)}, "sources"),
    "fragment": _mark({"localId": _FILLED, "name": _STRING}, "localId"),
}

FULL: Final = Grammar(name="full", nodes=_FULL_NODES, marks=_FULL_MARKS)

_JIRA_NODES = frozenset(
    {
        "doc", "paragraph", "text", "hardBreak", "heading", "rule", "orderedList", "bulletList",
        "listItem", "mention", "emoji", "codeBlock", "blockquote", "mediaGroup", "mediaSingle",
        "media", "caption", "mediaInline", "table", "tableRow", "tableHeader", "tableCell",
        "panel", "expand", "nestedExpand", "inlineCard", "date", "status", "taskList", "taskItem",
    }
)  # fmt: skip
_JIRA_MARKS = frozenset(
    {"strong", "em", "underline", "link", "strike", "code", "subsup", "textColor"}
)
_SPAN = NumberValue(minimum=1, is_integer=True)
_JIRA_VALUES: Mapping[str, Mapping[str, ValueRule]] = {
    "heading": {"level": NumberValue(minimum=1, maximum=6, is_integer=True)},
    "orderedList": {"order": NumberValue(minimum=0, is_integer=True)},
    "taskList": {"localId": _FILLED},
    "taskItem": {"localId": _FILLED},
    "tableCell": {"colspan": _SPAN, "rowspan": _SPAN},
    "tableHeader": {"colspan": _SPAN, "rowspan": _SPAN},
    "mention": {"id": _FILLED},
    "panel": {"panelType": _choice("info", "note", "warning", "success", "error", "tip")},
    "date": {
        "timestamp": StringValue(
            pattern=re.compile(r"^-?[0-9]+\Z"), hint="milliseconds since 1970, in digits"
        )
    },
    "inlineCard": {"url": HrefValue()},
}
"""Where Jira takes less than the schema: the values of single attributes."""


def _jira_place(place: Place) -> Place:
    if not place.marks:
        return place
    marks = (frozenset() if m is None else m & _JIRA_MARKS for m in place.marks)
    return replace(place, marks=tuple(dict.fromkeys(marks)))


def _jira_children(children: Children) -> Children:
    return {name: _jira_place(p) for name, p in children.items() if name in _JIRA_NODES}


def _jira_content(name: str, content: ContentRule | None) -> ContentRule | None:
    if content is None:
        return None
    return replace(
        content,
        children=_jira_children(content.children),
        positions=tuple(_jira_children(children) for children in content.positions),
        minimum=max(content.minimum, 1) if name == "tableRow" else content.minimum,
    )


def _jira_attrs(name: str, attrs: Iterable[ObjectValue]) -> tuple[ObjectValue, ...]:
    narrowed = _JIRA_VALUES.get(name, {})
    return tuple(
        replace(o, members={k: narrowed.get(k, v) for k, v in o.members.items()}) for o in attrs
    )


JIRA: Final = Grammar(
    name="jira",
    nodes={
        name: replace(
            node,
            content=_jira_content(name, node.content),
            attrs=_jira_attrs(name, node.attrs),
            is_open=False,
        )
        for name, node in _FULL_NODES.items()
        if name in _JIRA_NODES
    },
    marks={
        **{name: attrs for name, attrs in _FULL_MARKS.items() if name in _JIRA_MARKS},
        "link": _mark(
            {"href": HrefValue(), "title": _STRING, "id": _STRING, "collection": _STRING,
             "occurrenceKey": _STRING},
            "href",
        ),
    },
    forbids_repeated_marks=True,
    has_depth_limit=True,
    refuses_half_characters=True,
)  # fmt: skip
