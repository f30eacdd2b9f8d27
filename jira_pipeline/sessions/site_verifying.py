"""Verifying a built site: compares its exported configuration with the rows of the sheets.

In: the folder or zip of a Drupal configuration export. Out: a `Verification` with a verdict on each
row (met, differs, missing …) and on each ticket (built, partly, not begun …), which is stored, and
what changed since the last one. An export that may be of another site is refused, unless a person
says otherwise.

Belongs here: putting rows, tickets, causes and questions of one comparison together. Does not: each
of them, and how it is shown (`verification`), reading a configuration (`drupal/site`).
"""

import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from pydantic import TypeAdapter

from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_cells import Site, SiteEntity
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.entities import (
    AnyBundleType,
    Entity,
    EntityKind,
    RowSource,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import (
    ManifestError,
    NotFoundError,
    NotFoundKind,
    PipelineError,
    SiteConfigurationRefusedError,
    SiteInQuestionError,
)
from jira_pipeline.model.line_numbers import first_named, format_count
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.site_verifications import (
    ChangedVerdict,
    KeptVerification,
    ListedVerification,
    TicketVerdict,
    Verdict,
    VerdictChanges,
    Verification,
    VerifiedRow,
    VerifiedTicket,
)
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.verification.causes import causes_of
from jira_pipeline.verification.names import Names
from jira_pipeline.verification.reports import ticket_verdict_text
from jira_pipeline.verification.rows import (
    ANOTHER_ROW_ASKS,
    EVERY_ITEM_HAS_IT,
    additional_items,
    compare_rows,
)
from jira_pipeline.verification.unresolved_names import proposed_aliases, unresolved_names

GAPS_NAMED = 10
"""How many missing files of an export one text names."""
BUNDLES_MET_SHARE = 0.2
"""Where fewer of the sheets' bundles are on the site, it may be another site.

Of 80 and 214 bundles of two sites, an export that is a year older has 86 and 90 %, that of the other
site has none.
"""
COMPARED_SHARE = 0.9
"""A ticket is called built only where so large a part of its rows could be compared."""
_OF_EVERY_EXPORT = {
    "core.entity_form_display": "widgets and groups of fields are",
    "core.entity_view_display": "layouts and the use of view modes are",
}
_COMPARED_AGAIN = AuditAction.SITE_VERIFIED_AGAIN
_LISTED_VERIFICATION = TypeAdapter(ListedVerification)
_NO_WORK = {EVERY_ITEM_HAS_IT, ANOTHER_ROW_ASKS}
_STATUSES_ON_SITE = frozenset({Status.APPROVED, Status.CHANGED, Status.IMPLEMENTED})
_STATUSES_TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED, Status.DELETED})
_VERDICTS_OF_COMPARED = frozenset(
    {Verdict.MET, Verdict.DIFFERS, Verdict.MISSING, Verdict.LEFT_OVER}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSite:
    """The result of a comparison."""

    verification: Verification
    kept: KeptVerification
    """The verification as it is stored, without cells that are met."""
    changes: VerdictChanges | None
    """What changed since the last comparison; None where this is the first."""


def _read_export(
    _source: SpecificationSource, *, path: Path, splits: Sequence[Path]
) -> tuple[Site, str]:
    """Return the site that an export describes, and the export's hash; runs in another process."""
    configuration = read_configuration(path, splits=splits)
    return site_entities(configuration), configuration.sha256


def is_compared(session: OpenSession, path: Path) -> bool:
    """Tell whether a session was compared with this export before.

    False also where the export cannot be read; the comparison then says why.
    """
    try:
        _, sha256 = session.pipeline.source.run_in_subprocess(
            partial(_read_export, path=path, splits=())
        )
    except PipelineError:
        return False
    return session.store.site_verifications.is_compared(session.key, config_sha256=sha256)


def verify_site(
    session: OpenSession,
    path: Path,
    *,
    splits: Sequence[Path] = (),
    config: str = "",
    anyway: bool = False,
    by: str,
) -> VerifiedSite:
    """Compare the sheets of a session with a configuration export, and store the result.

    The same result for the same export is not stored twice; an audit entry says that it was compared
    again. `config` is the export's name for people, by default that of its path; `splits` are
    folders of configuration that override it, each those before it.

    Raises:
        SiteConfigurationRefusedError: There is no export, or it exceeds a limit.
        SiteInQuestionError: It may be of another site, or only a part, and `anyway` is false.
        ReadingLimitError: It took more time or memory than there is.
    """
    site, sha256 = session.pipeline.source.run_in_subprocess(
        partial(_read_export, path=path, splits=splits)
    )
    contents = session.contents
    verification = compare_site(
        contents.specification,
        contents.groups,
        site,
        session_key=session.key,
        config=config or path.name,
        titles={ticket.ticket_id: ticket.title for ticket in session.listed},
    )
    verification = replace(verification, content_sha256=session.stored.content_sha256)
    store = session.store.site_verifications
    short = verification.without_met_cells
    latest = store.latest(session.key)
    doubts = "" if anyway else _doubts(site, verification, latest)
    if doubts:
        raise SiteInQuestionError(config=verification.config, doubts=doubts)
    if latest is None or latest.verification != short or latest.config_sha256 != sha256:
        latest = store.keep(
            short, counts=verification.counts, config_sha256=sha256, by=by, at=session.clock.now()
        )
    else:
        number = latest.verification_id
        session.note(_COMPARED_AGAIN, by=by, verification_id=number, config=config or path.name)
    return VerifiedSite(
        verification=verification, kept=latest, changes=changes_before(session, latest)
    )


def verify_sent_site(
    session: OpenSession, content: BinaryIO, *, config: str, anyway: bool = False, by: str
) -> VerifiedSite:
    """Compare the sheets of a session with a zip that somebody sent, like `verify_site`.

    Raises:
        SiteInQuestionError: It may be of another site, or only a part, and `anyway` is false.
        SiteConfigurationRefusedError: It is no export, or exceeds a limit.
        ReadingLimitError: It took more time or memory than there is.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, "configuration.zip")
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)
        name = PurePath(config).name
        try:
            return verify_site(session, path, config=name, anyway=anyway, by=by)
        except SiteConfigurationRefusedError as error:
            raise SiteConfigurationRefusedError(path=name, reason=error.reason) from error


def past_verifications(
    session: OpenSession, *, most: int | None = None
) -> tuple[ListedVerification, ...]:
    """Return the verifications of a session from its audit trail, newest first, `most` at most."""
    audit = session.store.audit
    entries = audit.latest(session.key, actions={AuditAction.SITE_VERIFIED}, most=most)
    discards = audit.latest(session.key, actions={AuditAction.SITE_VERIFICATION_DISCARDED})
    discarded_ids = {entry.details["verification_id"] for entry in discards}
    verifications = []
    for entry in entries:
        if entry.details["verification_id"] in discarded_ids:
            continue
        rows = {verdict.value: entry.details[verdict.value] for verdict in Verdict}
        verifications.append(
            _LISTED_VERIFICATION.validate_python(
                {**entry.details, "at": entry.at, "by": entry.actor, "rows": rows}
            )
        )
    return tuple(verifications)


def find_verification(session: OpenSession, verification_id: int) -> KeptVerification:
    """Return the verification with an id.

    Raises:
        NotFoundError: The session has none of that id.
    """
    latest = session.store.site_verifications.latest(session.key, before=verification_id + 1)
    if latest is None or latest.verification_id != verification_id:
        raise NotFoundError(kind=NotFoundKind.VERIFICATION, verification_id=verification_id)
    return latest


def compared_again(session: OpenSession, verification: KeptVerification) -> AuditEntry | None:
    """Return the last audit entry of a comparison that had the same result; None where none had."""
    entries = session.store.audit.latest(session.key, actions={_COMPARED_AGAIN}, most=1)
    for entry in entries:
        if entry.details["verification_id"] == verification.verification_id:
            return entry
    return None


def is_outdated(session: OpenSession) -> bool:
    """Tell whether the sheets changed since the last comparison."""
    latest = session.site_verification
    compared_sha256 = "" if latest is None else latest.verification.content_sha256
    return compared_sha256 not in {"", session.stored.content_sha256}


def verdicts_on_rows(
    session: OpenSession, group: EntityGroup
) -> Mapping[tuple[str, int], VerifiedRow]:
    """Return the last verdicts on a group's rows by file and line; rows changed since have none."""
    latest = session.site_verification
    if latest is None:
        return {}
    if not is_outdated(session):
        return latest.verification.by_place({row.key for row in _rows_of(group)})
    try:
        earlier = session.earlier_groups(latest.verification.content_sha256) or {}
    except ManifestError:  # an older version took that manifest; which rows changed is unknown
        earlier = {}
    before = earlier.get(group.key)
    if before is None:
        return {}
    rows_before = _rows_of(before)
    source_of = {_content(row): row.source for row in rows_before}
    verified = latest.verification.by_place({row.key for row in rows_before})
    verdicts = {}
    for row in _rows_of(group):
        # Line numbers move when sheets are changed, so a row is found by its content.
        source = source_of.get(_content(row))
        if source is not None and (source.file, source.line) in verified:
            place = (row.source.file, row.source.line)
            verdicts[place] = verified[source.file, source.line]
    return verdicts


def _rows_of(group: EntityGroup) -> tuple[Entity, ...]:
    return (*group.heads, *group.members)


def _content(row: Entity) -> tuple[object, ...]:
    """Return a row's content, which is equal for a row that did not change."""
    return (row.key, row.status, *row.as_in_sheet.cells.items())


def changes_before(session: OpenSession, verification: KeptVerification) -> VerdictChanges | None:
    """Return what changed between a verification and the one before it; None for the first one."""
    number = verification.verification_id
    before = session.store.site_verifications.latest(session.key, before=number)
    if before is None:
        return None
    then = before.verification
    now = verification.verification
    row_verdicts = {place: row.verdict.value for place, row in _by_key(then.rows)}
    rows = []
    for place, row in _by_key(now.rows):
        was = row_verdicts.get(place, "")
        if was != row.verdict.value:
            rows.append(ChangedVerdict(name=row.name, was=was, verdict=row.verdict.value))
    ticket_verdicts = {ticket.ticket_id: ticket_verdict_text(ticket) for ticket in then.tickets}
    tickets = []
    for ticket in now.tickets:
        was = ticket_verdicts.get(ticket.ticket_id, "")
        verdict = ticket_verdict_text(ticket)
        if was != verdict:
            name = f"{ticket.number} {ticket.title}"
            tickets.append(ChangedVerdict(name=name, was=was, verdict=verdict))
    return VerdictChanges(since=before.at, rows=tuple(rows), tickets=tuple(tickets))


def _by_key(rows: Iterable[VerifiedRow]) -> Iterator[tuple[tuple[str, int], VerifiedRow]]:
    """Yield rows with their key and their number among the rows of that key, from 1.

    These stay where line numbers move, as sheets are changed.
    """
    places: Counter[str] = Counter()
    for row in rows:
        places[row.key] += 1
        yield (row.key, places[row.key]), row


def compare_site(
    specification: Specification,
    groups: Sequence[EntityGroup],
    site: Site,
    *,
    session_key: str,
    config: str,
    titles: Mapping[str, str],
) -> Verification:
    """Compare the rows of sheets with a site, and judge how much of each ticket is built.

    `titles` has the titles of the tickets by id; a ticket without one has that of its group.
    """
    compared = compare_rows(specification, site, names=Names(specification, site))
    verified = {row.row.source: row.verified for row in compared}
    numbers_by_place = {}
    tickets = []
    for group in groups:
        for row in _rows_of(group):
            numbers_by_place[row.source.file, row.source.line] = group.number
        ticket_id = ticket_id_of(session_key, group.key)
        tickets.append(_ticket(group, verified, ticket_id=ticket_id, titles=titles))
    tickets.sort(key=lambda ticket: ticket.number)
    causes = causes_of(compared, site.names, numbers_by_place)
    additional = tuple(additional_items(site, compared, specification))
    questions = tuple(unresolved_names(compared, site))
    return Verification(
        session_key=session_key,
        config=config,
        rows=tuple(row.verified for row in compared),
        tickets=tuple(tickets),
        causes=causes,
        additional=additional,
        questions=questions,
        aliases=tuple(proposed_aliases(compared)),
        gaps=tuple(_gaps(specification, site)),
        site_uuid=site.uuid,
    )


def _doubts(site: Site, verification: Verification, before: KeptVerification | None) -> str:
    """Return why an export may be of another site, or only a part of one; empty where it is neither."""
    doubts = []
    if site.modules is None:
        doubts.append("it has no core.extension.yml, so it may be only part of an export")
    elif site.is_torn:
        lacking = format_count(len(site.lacking), "file")
        doubts.append(f"it lacks {lacking} that others need, so it may be only part of an export")
    uuid_before = "" if before is None else before.verification.site_uuid
    if uuid_before and site.uuid and uuid_before != site.uuid:
        doubts.append("it is from another site than the last comparison (see system.site.yml)")
    is_same_site = uuid_before and uuid_before == site.uuid
    bundles = [row for row in verification.rows if _is_judged_bundle(row)]
    met = sum(row.verdict is Verdict.MET or row.is_wording_only for row in bundles)
    if not is_same_site and met < BUNDLES_MET_SHARE * len(bundles):
        doubts.append(f"only {met} of {format_count(len(bundles), 'bundle')} in the sheets match")
    return "; ".join(doubts)


def _is_judged_bundle(row: VerifiedRow) -> bool:
    """Tell whether a row is of a bundle that should be on the site, and was compared."""
    return (
        row.kind is EntityKind.BUNDLE
        and row.x in _STATUSES_ON_SITE
        and row.verdict in _VERDICTS_OF_COMPARED
    )


def _gaps(specification: Specification, site: Site) -> Iterator[str]:
    """Yield sentences on what the export lacks: files, or whole kinds of things."""
    if site.unread:
        count = format_count(len(site.unread), "file")
        yield f"{count} in the export cannot be read: {_named(site.unread)}"
    if site.lacking:
        count = format_count(len(site.lacking), "file")
        yield f"The export lacks {count} that other files of it need: {_named(site.lacking)}"
    if site.by_kind[EntityKind.FIELD]:
        for family, what in _OF_EVERY_EXPORT.items():
            if not any(name.startswith(family) for name in site.names):
                yield f"The export has no file {family}.*.yml, so {what} unknown"
    absent = [f"no {noun}" for noun in _absent_kinds(specification, site)]
    if absent:
        yield f"The export has {', '.join(absent)}, although the sheets say that some exist"


def _absent_kinds(specification: Specification, site: Site) -> Sequence[str]:
    """Return the kinds, and types of bundles, that exist by the sheets but not on the site."""
    on_site = {_kind_and_type(entity) for entity in site.entities}
    nouns: dict[str, None] = {}
    for row in specification.entities:
        exists = row.status in {Status.IMPLEMENTED, Status.CHANGED}
        if row.kind not in NOUNS or not exists or _kind_and_type(row) in on_site:
            continue
        _, bundle_type = _kind_and_type(row)
        nouns[bundle_type.value.casefold() if bundle_type else NOUNS[row.kind]] = None
    return tuple(nouns)


def _kind_and_type(entity: Entity | SiteEntity) -> tuple[EntityKind, AnyBundleType | None]:
    """Return the kind of an entity, and the type where it is a bundle: a site may lack one type."""
    return entity.kind, entity.bundle_type if entity.kind is EntityKind.BUNDLE else None


def _named(objects: Collection[str]) -> str:
    return first_named(sorted(f"{name}.yml" for name in objects), GAPS_NAMED)


def _ticket(
    group: EntityGroup,
    verified: Mapping[RowSource, VerifiedRow],
    *,
    ticket_id: str,
    titles: Mapping[str, str],
) -> VerifiedTicket:
    """Return how many of a ticket's rows to build are on the site, with the verdict on it.

    Rows that are implemented before are counted apart: whether the site still has them.
    """
    wanted_rows = []
    implemented_rows = []
    for entity in _rows_of(group):
        row = verified[entity.source]
        if entity.status in _STATUSES_TO_BUILD:
            wanted_rows.append(row)
        elif entity.status is Status.IMPLEMENTED:
            implemented_rows.append(row)
    judged = [row for row in wanted_rows if row.verdict in _VERDICTS_OF_COMPARED]
    met = [row for row in judged if row.verdict is Verdict.MET]
    open_cell_count = 0
    for row in met:
        open_cell_count += sum(cell.is_open for cell in row.cells)
    judged_before = [row for row in implemented_rows if row.verdict in _VERDICTS_OF_COMPARED]
    still_met_count = sum(row.verdict is Verdict.MET for row in judged_before)
    uncompared_count = 0
    for row in wanted_rows:
        if row.verdict is Verdict.NOT_COMPARABLE and row.reason not in _NO_WORK:
            uncompared_count += 1
    is_removal = bool(judged) and all(row.x is Status.DELETED for row in judged)
    verdict = _verdict(
        judged,
        is_removal=is_removal,
        is_enough=len(judged) >= COMPARED_SHARE * (len(judged) + uncompared_count),
        is_as_before=still_met_count == len(judged_before),
    )
    return VerifiedTicket(
        ticket_id=ticket_id,
        number=group.number,
        title=titles.get(ticket_id, group.title),
        verdict=verdict,
        wordings=sum(row.is_wording_only for row in judged),
        met=len(met),
        of=len(judged),
        there_met=still_met_count,
        there_of=len(judged_before),
        is_removal=is_removal,
        not_compared=uncompared_count,
        cells_not_compared=open_cell_count,
    )


def _verdict(
    wanted: Sequence[VerifiedRow], *, is_removal: bool, is_enough: bool, is_as_before: bool
) -> TicketVerdict | None:
    """Return the verdict on a ticket by its compared rows; None where there are none.

    `wanted` are the rows to build, `is_as_before` says that the rows implemented before are still
    met, `is_enough` that enough rows could be compared. In a ticket that builds something, a thing
    to remove that is not there is no sign that work has begun.
    """
    if not wanted:
        return None
    met = [row for row in wanted if row.verdict is Verdict.MET]
    differing = [row for row in wanted if row.x is Status.APPROVED and row.differing]
    if not all(row.is_wording_only for row in differing):
        return TicketVerdict.CONTRADICTS
    if len(met) == len(wanted) and is_as_before:
        return TicketVerdict.BUILT if is_enough else TicketVerdict.PARTLY_COMPARED
    is_begun = any(is_removal or row.x is not Status.DELETED for row in met)
    if differing or is_begun:
        return TicketVerdict.PARTLY
    return TicketVerdict.NOT_BEGUN
