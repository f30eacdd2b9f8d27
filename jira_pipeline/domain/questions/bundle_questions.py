"""Questions about bundles as wholes: their settings, addresses, and who holds them.

Belongs here: what the bundles sheet leaves open or contradicts. Does not: fields
(`field_questions`), which workflow moderates (`workflow_questions`).
"""

import re
from collections.abc import Iterator

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.domain.note_sentences import comparable, readable, sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, plain
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of, stems_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.questions.workflow_questions import moderation_doubts
from jira_pipeline.domain.role_notes import roles_named_in

ALIAS = "URL alias pattern"
NOTES = "Settings/notes"
_GONE = frozenset({Status.DELETED, Status.WAITING})
FLAG_COLUMNS = ("Mod.", "Layout", "Trns.", "Cmnt.", "Migr.", "Meta", "Sched.", "Srch.")
"""Settings of a bundle that are either on or off."""
_ITEM = re.compile(r"^(.+) items?$", re.IGNORECASE)


def bundle_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the row of a bundle leaves open."""
    yield from moderation_doubts(bundle, index)
    yield from _flag_doubts(bundle)
    yield from _holder_doubts(bundle, index)
    yield from function_doubts(bundle, index)
    yield from _moderated_host_doubts(bundle, index)
    yield from _people_doubts(bundle, index)
    yield from _bare_access_doubts(bundle, index)
    yield from _term_doubts(bundle, index)
    yield from _source_change_doubts(bundle, index)
    yield from _named_machine_doubts(bundle, index)
    if index.is_fields_sheet_read:
        yield from _empty_doubts(bundle, index)
        yield from _enumerated_doubts(bundle, index)
    else:
        yield Doubt(
            rank=1,
            topic="fields sheet",
            entity=bundle,
            column="Machine name",
            quote="",
            question=f"No fields sheet was uploaded: does {SUBJECTS} have fields?",
            question_for_many=f"No fields sheet was uploaded: do {SUBJECTS} have fields?",
        )


def _flag_doubts(bundle: Entity) -> Iterator[Doubt]:
    """Find settings of a bundle that say neither yes nor no; the words name no bundle."""
    for column in FLAG_COLUMNS:
        value = bundle.cell(column)
        if value.casefold() not in {"", "-", "y", "n", "yes", "no"}:
            yield Doubt(
                rank=45,
                topic=f"flag {column} {comparable(value)}",
                entity=bundle,
                column=column,
                quote=value,
                question=f"What does “{plain(value)}” in the column {column} stand for? The format "
                "knows y and n.",
            )


_ENTERED = re.compile(
    r"\b(?:texts?|images?|photos?|pictures?|videos?|links?|files?|headings?|headlines?|titles?"
    r"|quotes?|captions?|buttons?|icons?|logos?)\b",
    re.IGNORECASE,
)
"""What somebody has to enter into a field before it can be shown."""


def _empty_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a paragraph type without any field whose description speaks of something to enter."""
    match = _ENTERED.search(bundle.cell("Description"))
    is_paragraph = bundle.bundle_type is BundleType.PARAGRAPH
    is_denied = re.search(r"\bno fields?\b", bundle.note, re.IGNORECASE)
    if (
        match
        and is_paragraph
        and not is_denied
        and not index.specification.members_of.get(bundle.key)
    ):
        yield Doubt(
            rank=20,
            topic=f"no field for {bundle.key}",
            entity=bundle,
            column="Description",
            quote=bundle.cell("Description"),
            question=f"The sheets give {SUBJECTS} no field: which one holds the {match[0].casefold()}"
            " of its description?",
        )


_ENUMERATION = re.compile(r"[\w-]+(?: [\w-]+)?(?:, (?:an? )?[\w-]+(?: [\w-]+)?)+,? and [\w -]+")
_ARTICLE = re.compile(r"^(?:an?|the|one) ", re.IGNORECASE)


def _enumerated_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a bundle that has a field for each thing its description lists, save one."""
    sentences = sentences_of(bundle.cell("Description"))
    description = readable(sentences[0]).strip(" .") if sentences else ""
    is_list = bundle.status is Status.APPROVED and _ENUMERATION.fullmatch(
        _ARTICLE.sub("", description)
    )
    items = (
        [_ARTICLE.sub("", item) for item in re.split(r", and |, | and ", description)]
        if is_list
        else []
    )
    names = [
        stems_of(
            f"{m.label} {m.machine_name.replace('_', ' ')} {m.cell('Field type')} "
            f"{m.cell('Ref. bundle')}"
        )
        for m in index.specification.members_of.get(bundle.key, ())
        if m.status not in _GONE
    ]
    lacking = [i for i in items if not any(stems_of(i.split()[-1]) & name for name in names)]
    if len(lacking) == 1 and len(names) == len(items) - 1 and _ENTERED.search(lacking[0]):
        yield Doubt(
            rank=20,
            topic=f"no field for {bundle.key}",
            entity=bundle,
            column="Description",
            quote=sentences[0],
            question=f"The description of {SUBJECTS} lists “{plain(lacking[0])}”, and none of its "
            "fields goes by that name: which one holds it?",
        )


_SOURCE_TYPES = frozenset({"image", "file", "document", "audio", "video"})
"""Types of the field that holds an item of a media type."""


def _source_change_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask about a media type that exists and loses the field of its source."""
    if bundle.bundle_type is not BundleType.MEDIA or bundle.status is Status.APPROVED:
        return
    for field in index.specification.members_of.get(bundle.key, ()):
        type_ = field.cell("Field type").casefold()
        if field.status is Status.DELETED and type_ in _SOURCE_TYPES:
            yield Doubt(
                rank=21,
                topic="media source changes",
                entity=bundle,
                column="Machine name",
                quote="",
                question=f"{SUBJECTS} loses its field “{plain(name_of(field))}”, and Drupal cannot "
                "change the source of a media type: is a new media type meant, and what becomes "
                "of the items there are?",
            )
            return


_OUTSIDERS = (
    r"export|registry|register|database|excel|spreadsheet|crm|erp|api|catalog(?:ue)?|directory"
    r"|system|service|platform|feed|interface|provider"
)
"""What values come from that no sheet describes."""
_FUNCTION = re.compile(
    r"\b(?:gets?|receives?|sends?|sent|triggers?)\b[^.;]{0,40}"
    r"\b(?:e-?mails?|mails?|sms|invitations?|reminders?|notifications?|newsletters?)\b"
    r"|\b(?:notify|notified|notifies|e-?mailed|reminded|invited)\b"
    r"|\b(?:imported|import|synchroni[sz]ed|synced|pushed|pulled|fed)\b[^.;]{0,20}"
    r"\b(?:by|from|with)\b"
    r"|\b(?:created|filled|written|pushed|entered) (?:by|from) (?:the |an? )?(?:\w+ )?"
    r"(?:import|script|feed|sync|system|interface|api)\b"
    r"|\bpaid (?:by|with|via|online)\b|\bpayments?\b|\bwithout reloading\b|\bin real time\b|\bmigrated from\b"
    r"|\b(?:is|are) (?:refused|rejected|blocked)\b|\bticks? (?:the|a) box\b"
    r"|\b(?:comes?|filled|taken|pulled) from (?:the |an? |our )?(?:[\w']+ ){0,2}"
    rf"(?:{_OUTSIDERS})\b"
    r"|^automatically\b|\bsent to the\b|\bgets? an? (?:list|report|summary)\b"
    r"|\b(?:un)?(?:publish|archiv|delet|expir)\w*\b[^.;]{0,20}\b(?:automatically|by itself)\b"
    r"|\bautomatically (?:un)?(?:publish|archiv|delet)\w*",
    re.IGNORECASE,
)
"""What a bundle does beyond its fields: mail, import, payment, automatic steps."""
_MEANS = re.compile(
    r"\b(?:module|template|scheduler|webform|display|view)\b"
    r"|\b(?:via|through|using|with) (?:the )?(?-i:[A-Z])\w+",
    re.IGNORECASE,
)
"""Words that say how that is done."""


def function_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask how a note's mail, import or payment is made: no cell carries it.

    Of a bundle and its fields it is asked once, unless a field by that name carries it.
    """
    members = [m for m in index.specification.members_of.get(row.key, ()) if m.status not in _GONE]
    names = [stems_of(f"{m.label} {m.machine_name.replace('_', ' ')}") for m in members]
    runs = index.specification.by_kind[EntityKind.MIGRATION]
    named = re.compile(rf"(?:^|-> ?){re.escape(name_of(row))}(?: \(|$)")
    lists = index.views_listing.get(row.key, ())
    for source in (row, *members):
        for column in ("Description", NOTES, "Notes"):
            for sentence in sentences_of(source.cell(column)):
                match = _FUNCTION.search(sentence)
                before = _CLAUSE_END.split(sentence[: match.start()])[-1] if match else ""
                is_denied = _DENIED.search(before) or _DENIED.match(readable(sentence))
                is_settled = match and _IMPORTED.search(sentence) and _FORMAT.search(sentence)
                is_denied = is_denied or is_settled
                if not match or is_denied or _MEANS.search(sentence) or is_open(sentence):
                    continue
                is_carried = (
                    row.cell("Migr.").casefold() == "y"
                    and _IMPORT.search(sentence)
                    and not _AGAIN.search(sentence)
                ) or any(len(stems_of(sentence) & name) >= _CARRIED_STEMS_MIN for name in names)
                if _IMPORTED.search(sentence):
                    is_carried |= any(named.search(c) for run in runs for c in run.cells.values())
                if not is_carried and (source is row or _OUTSIDE.search(sentence)):
                    yield Doubt(
                        rank=27,
                        topic=f"function {comparable(sentence)}",
                        entity=source,
                        column=column,
                        quote=sentence,
                        question=f"Is this list the view “{plain(lists[0].label)}”, and how is it "
                        "sent?"
                        if len(lists) == 1 and _A_LIST.search(sentence)
                        else "Is this part of this ticket, and by which interface or in which "
                        "format does it come"
                        f"{'' if _HOW_OFTEN.search(sentence) else ', and how often'}?"
                        if _IMPORTED.search(sentence)
                        else "Is this part of this ticket, and how is it done?",
                    )
                    return


_HOW_OFTEN = re.compile(
    r"\b(?:every|once|hourly|daily|nightly|weekly|monthly|yearly)\b", re.IGNORECASE
)
_A_LIST = re.compile(r"\b(?:list|report|summary|overview)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:no|not|never|nobody|without|none)\b|n['’]t\b", re.IGNORECASE)
"""What a sentence rules out needs no means."""
_CLAUSE_END = re.compile(r"[;,.]")
_IMPORTED = re.compile(
    rf"\bimport|\bsync|\b(?:{_OUTSIDERS})\b|\bpushed\b",
    re.IGNORECASE,
)
_FORMAT = re.compile(
    r"\b(?:csv|json|xml|xlsx?|pdf|ical|ics|rss|atom|rest|soap|s?ftp)\b", re.IGNORECASE
)
"""The format or interface by which something comes."""
_IMPORT = re.compile(r"\b(?:excel|spreadsheet)\b|import|migrat", re.IGNORECASE)
_CARRIED_STEMS_MIN = 2
_AGAIN = re.compile(r"\bevery\b|\b(?:nightly|hourly|daily|weekly)\b", re.IGNORECASE)
"""An import that runs again and again is no migration."""
_OUTSIDE = re.compile(r"\bsent to\b|\bbox\b|\bgets?\b|\be-?mail|\bnotif", re.IGNORECASE)
"""What the note of a field may ask for beyond the bundle: a message to somebody."""


_BARE_ACCESS = re.compile(
    r"(?:only )?[\w ,&/-]{3,60} (?:only|and up)|only [\w ,&/-]{3,60}", re.IGNORECASE
)
_PEOPLE = re.compile(
    r"\b(?:admin|administrator|editor|manager|user|member|staff|owner)s?\b", re.IGNORECASE
)
_DEED = re.compile(
    r"\b(?:can|may|creates?|created|adds?|added|edits?|edited|editing|uses?|used|access|accessed"
    r"|publish(?:es)?|deletes?|views?|sees?|places?|maintains?|inside|in|on|for|within)\b",
    re.IGNORECASE,
)


def _bare_access_doubts(bundle: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    """Find people who alone may do something, without the word for it: `Web editors only`."""
    for sentence in sentences_of(bundle.note):
        rule = sentence.strip(" .")
        if _BARE_ACCESS.fullmatch(rule) and _PEOPLE.search(rule) and not _DEED.search(rule):
            yield Doubt(
                rank=27,
                topic=f"access {comparable(sentence)}",
                entity=bundle,
                column=NOTES,
                quote=sentence,
                question="May only they see this type, create it, or edit it?",
            )
            return


def _term_doubts(bundle: Entity, _: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the terms of a vocabulary whose list only begins, unless a migration brings them."""
    if bundle.bundle_type is not BundleType.VOCABULARY or bundle.cell("Migr.").casefold() == "y":
        return
    begun = (s for s in sentences_of(bundle.cell("Description")) if _BEGUN_LIST.search(s))
    if sentence := next(begun, ""):
        yield Doubt(
            rank=26,
            topic=f"more terms {bundle.key}",
            entity=bundle,
            column="Description",
            quote=sentence,
            question=f"The list of the terms of {SUBJECTS} goes on: which are the others, and who "
            "enters them?",
        )


_BEGUN_LIST = re.compile(r"^\w+(?: \w+)?(?:, \w+(?: \w+)?)+(?:\.{2,}|…|,? etc\.?)$")
"""Items of one or two words that end with dots: `oak, elm, birch...`"""


_AT_ONCE = re.compile(
    r"\b(?:published at once|(?:no|without) (?:review|approval|moderation))\b", re.IGNORECASE
)


def _moderated_host_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a part that is published at once inside content that is moderated.

    Content and terms that it only refers to are published by themselves.
    """
    if bundle.bundle_type in {BundleType.CONTENT, BundleType.VOCABULARY}:
        return
    for column in ("Description", NOTES):
        for sentence in sentences_of(bundle.cell(column)):
            for field, _ in index.specification.referrers_of.get(bundle.key, ()):
                hosts = index.specification.by_key.get(field.owner_key or "", ())
                if _AT_ONCE.search(sentence) and hosts and hosts[0].cell("Mod.").casefold() == "y":
                    yield Doubt(
                        rank=22,
                        topic=f"at once {bundle.key}",
                        entity=bundle,
                        column=column,
                        quote=sentence,
                        question=f"{plain(name_of(hosts[0]))} holds {SUBJECTS} and is moderated: "
                        "how is it published without review?",
                    )
                    return


_ONLY_PEOPLE = re.compile(
    r"\bonly (?:the )?(?P<who>[a-z]+(?: [a-z]+){0,2}) "
    r"(?:can|may|places?|creates?|edits?|adds?|publishes|deletes?|uses?|sees?)\b",
    re.IGNORECASE,
)


def _people_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask which role is meant where a sentence lets some people only, whom no sheet knows."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    for column in ("Description", NOTES):
        for sentence in sentences_of(bundle.cell(column)):
            match = _ONLY_PEOPLE.search(sentence)
            words = set(re.findall(r"[a-z]+", match["who"].casefold())) if match else set()
            known = word_list("story_roles") | word_list("role_nouns")
            is_known = any(w in known or w.removesuffix("s") in known for w in words)
            if match and roles and not is_known and not roles_named_in(sentence, roles):
                yield Doubt(
                    rank=22,
                    topic=f"people {comparable(match['who'])}",
                    entity=bundle,
                    column=column,
                    quote=sentence,
                    question=f"No role of the sheets is called “{plain(match['who'])}”: which role "
                    "is meant?",
                )
                return


_FIELD_NAME = re.compile(r"(?<![:\w])field_[a-z0-9_]+\b")
_ALIAS_FIELD = re.compile(r"\[node:((?:field_|body)[a-z0-9_]*)")
_BY_ITSELF = re.compile(r"\bautomatic\w*|\bby itself\b|\bcron\b|\bscheduler\b", re.IGNORECASE)


def _named_machine_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what builds on a field no bundle has, or that goes, or that may be empty."""
    fields = {f.machine_name: f for f in index.specification.members_of.get(bundle.key, ())}
    named = [(NOTES, s, n) for s in sentences_of(bundle.note) for n in _FIELD_NAME.findall(s)]
    alias = bundle.cell(ALIAS)
    named += [(ALIAS, alias, name) for name in dict.fromkeys(_ALIAS_FIELD.findall(alias))]
    for column, quote, name in named if fields else ():
        field = fields.get(name)
        is_needed = column == ALIAS or _BY_ITSELF.search(quote)
        if field is None and not any(known == name for _, known in index.storages):
            asks = f"{SUBJECTS} has no field `{name}`: which field is meant?"
        elif field is None:
            continue  # that of another bundle
        elif field.status is Status.DELETED and column == ALIAS:
            asks = f"`{name}` is to be removed: what takes its place in {SUBJECTS}?"
        elif field.cell("Req'd").casefold() in {"n", "no"} and is_needed:
            asks = f"`{name}` is optional: what happens to {SUBJECTS} while it is empty?"
        else:
            continue
        yield Doubt(
            rank=22,
            topic=f"named field {name}",
            entity=bundle,
            column=column,
            quote=quote,
            question=asks,
        )
        return


def holder_of(bundle: Entity, index: QuestionIndex) -> Entity | None:
    """Return the paragraph type whose items a paragraph type is by its name: `Rope Item`, `Ropes`."""
    match = _ITEM.match(name_of(bundle))
    if match is None or bundle.bundle_type is not BundleType.PARAGRAPH:
        return None
    name = match[1].casefold()
    return next(
        (
            holder
            for spelling in (name, f"{name}s", f"{name}es")
            for holder in index.bundles_by_name.get(spelling, ())
            if holder.bundle_type is BundleType.PARAGRAPH and holder.status not in _GONE
        ),
        None,
    )


def _holder_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    holder = holder_of(bundle, index) if index.is_fields_sheet_read else None
    referrers = index.specification.referrers_of.get(bundle.key, ())
    if holder is None or any(
        row.kind is EntityKind.FIELD and row.status not in _GONE for row, _ in referrers
    ):
        return
    yield Doubt(
        rank=20,
        topic=f"holder {holder.key}",
        entity=bundle,
        column="Name",
        quote=name_of(bundle),
        question=f"No field refers to {SUBJECTS}: which field of {plain(name_of(holder))} holds "
        "its items?",
    )
