"""What tickets of bundles claim over small sheets, and what they never claim over whole sites."""

import html
import re
from collections.abc import Sequence
from itertools import chain

import pytest

from jira_pipeline.domain.entities import EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.writers.claims.claim import Claim, Claims
from jira_pipeline.writers.claims.phrases import rendered
from jira_pipeline.writers.claims.ticket import claimed_ticket
from jira_pipeline.writers.group_facts import FactsReader
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.writers.harbour import facts_of_sheets
from jira_pipeline_tests.writers.sites import FOLDERS, briefs_of, site

BOAT, CREW = "Boat (Content type)", "Crew (Content type)"
CHECKS_MAX = 15


def claims_of(
    title: str, *fields: Row, bundles: Sequence[Row] = (), **sheets: Sequence[Row]
) -> Claims:
    """Claim for one ticket; the boat is always there to be built."""
    heads = bundles or [bundle("Boat", "boat")]
    facts = facts_of_sheets({"bundles": heads, "fields": fields, **sheets})[title]
    return claimed_ticket(facts).claims


def boat(*fields: Row, bundles: Sequence[Row] = (), **sheets: Sequence[Row]) -> Claims:
    return claims_of("Configure content type: Boat", *fields, bundles=bundles, **sheets)


def values(claims: Sequence[Claim]) -> list[str]:
    """Return the sentences as people read them."""
    return [html.unescape(re.sub(r"</?code>", "`", rendered(claim))) for claim in claims]


def test_a_new_type_is_listed_with_its_fields_and_their_types() -> None:
    claims = boat(field(BOAT, "field_hull") | {"Form widget": "Textfield"})

    assert values([claims.story] if claims.story else []) == [
        "The site needs the content type Boat."
    ]
    assert values(claims.verification) == [
        "Structure \u203a Content types lists Boat (`boat`).",
        "Manage fields lists `field_hull` (Text (plain)).",
        "On Manage form display `field_hull` has the widget Textfield.",
    ]


def test_a_description_is_quoted_whole_unless_it_holds_markup() -> None:
    plain, marked = (
        boat(
            field(BOAT, "field_hull"), bundles=[bundle("Boat", "boat") | {"Description": text}]
        ).story
        for text in ("What floats, e.g. a raft.", "<p>What floats.</p>")
    )

    assert values([claim for claim in (plain, marked) if claim]) == [
        ("The site needs the content type Boat. Description: “What floats, e.g. a raft.”"),
        "The site needs the content type Boat.",
    ]


def test_what_the_form_refuses_and_offers_is_checked() -> None:
    claims = boat(
        field(BOAT, "field_hull", req="y"),
        field(BOAT, "field_crew", ref=CREW) | {"Vals.": "*"},
        field(BOAT, "field_flags") | {"Vals.": "3", "Settings/notes": "Max length 40."},
        field(BOAT, "field_rig")
        | {
            "Field type": "List (text)",
            "Settings/notes": "Options: Sloop, Ketch. Default is sloop.",
        },
        bundles=[bundle("Boat", "boat"), bundle("Crew", "crew", x="x")],
    )

    assert {
        "Saving is refused while `field_hull` is empty.",
        "`field_crew` offers only Crew (Content type).",
        "`field_crew` takes any number of values.",
        "`field_flags` takes up to 3 values.",
        "`field_flags` takes no more than 40 characters.",
        "`field_rig` offers “Sloop” and “Ketch”.",
        "A new item has “Sloop” chosen in `field_rig`.",
    } <= set(values(claims.verification))


def test_a_field_that_is_off_the_form_is_only_under_disabled() -> None:
    off = {"Form widget": "-- Disabled --", "Vals.": "*"}

    checks = values(boat(field(BOAT, "field_hull") | off).verification)

    assert checks[2:] == ["On Manage form display `field_hull` is under Disabled."]


def test_no_empty_box_and_no_markup_is_refused() -> None:
    claims = boat(
        field(BOAT, "field_afloat", req="y") | {"Field type": "Boolean"},
        field(BOAT, "field_hint", req="y") | {"Field type": "markup"},
    )

    assert not [claim for claim in claims.verification if claim.kind == "verification.required"]


def test_fields_of_earlier_tickets_are_re_used_and_the_shorter_list_is_named() -> None:
    rows = [
        *(
            field(f"{name} (Content type)", f"field_{n}")
            for name in ("Anchor", "Boat")
            for n in "abc"
        ),
        field(BOAT, "field_own"),
    ]
    heads = [bundle("Anchor", "anchor"), bundle("Boat", "boat")]

    assert values(boat(*rows, bundles=heads).analysis) == [
        (
            "`field_own` is created here; the other 3 fields are created by an earlier ticket for "
            "another content type: use “Re-use an existing field”."
        )
    ]


def test_a_storage_of_the_site_brings_its_options_along() -> None:
    rig = {"Field type": "List (text)", "Settings/notes": "Options: Sloop, Ketch"}
    rows = [field("Anchor (Content type)", "field_rig", "x") | rig, field(BOAT, "field_rig") | rig]
    heads = [bundle("Anchor", "anchor", x="x"), bundle("Boat", "boat")]

    assert values(boat(*rows, bundles=heads).analysis) == [
        "`field_rig` is already on other content types: use “Re-use an existing field”.",
        "`field_rig` has its options already, from the field it re-uses.",
    ]


def test_targets_of_later_tickets_are_set_later_and_not_checked() -> None:
    rows = [
        field(BOAT, "field_crew", ref=f"{CREW}, Port (Vocabulary)"),
        field(CREW, "field_boat", ref=BOAT, req="y"),
    ]
    heads = [
        bundle("Boat", "boat"),
        bundle("Crew", "crew"),
        bundle("Port", "port", "Vocabulary"),
    ]

    claims = boat(*rows, bundles=heads)

    assert "Set later, when the target exists: Crew (Content type) in `field_crew`." in values(
        claims.analysis
    )
    assert "`field_crew` offers only Port (Vocabulary)." in values(claims.verification)


def test_an_update_claims_what_is_new_and_what_goes() -> None:
    claims = claims_of(
        "Update content type: Boat",
        field(BOAT, "field_hull", "x", req="y"),
        field(BOAT, "field_mast", "a") | {"Form widget": "Textfield"},
        field(BOAT, "field_sail", "c", req="y"),
        field(BOAT, "field_oar", "d"),
        bundles=[bundle("Boat", "boat", x="x") | {"Mod.": "y"}],
    )

    assert values([claims.story] if claims.story else []) == [
        "The content type Boat gets the new field “Mast”."
    ]
    assert values(claims.verification) == [
        "Manage fields lists `field_mast` (Text (plain)).",
        "On Manage form display `field_mast` has the widget Textfield.",
        "Manage fields does not list `field_oar`.",
    ]


def test_a_cell_that_a_question_doubts_is_not_claimed() -> None:
    rows = [
        field("Anchor (Content type)", "field_size", "x") | {"Vals.": "1"},
        field(BOAT, "field_size") | {"Vals.": "3"},
    ]
    heads = [bundle("Anchor", "anchor", x="x"), bundle("Boat", "boat")]

    claims = boat(*rows, bundles=heads)

    assert not [c for c in (*claims.analysis, *claims.verification) if "Vals." in c.columns]
    assert not [claim for claim in claims.analysis if claim.kind == "analysis.reused"]


def test_a_hollow_ticket_claims_nothing_to_check() -> None:
    claims = boat(field(BOAT, "field_hull", "w"))

    assert (claims.analysis, claims.verification) == ((), ())


def test_settings_of_a_new_type_and_its_view_modes_are_checked() -> None:
    head = bundle("Boat", "boat") | {
        "Mod.": "y",
        "Layout": "y",
        "URL alias pattern": "fleet/[node:title]",
    }
    mode = {
        "View Modes": "Card",
        "Entity Type": "Content type",
        "X": "a",
        "Entities Used On": "Boat",
    }

    checks = values(boat(field(BOAT, "field_hull"), bundles=[head], view_modes=[mode]).verification)

    assert checks[2:] == [
        "A workflow applies to Boat: its form offers a moderation state.",
        "Manage display of Boat has “Use Layout Builder” ticked.",
        "A new item gets an address by the pattern `fleet/[node:title]`.",
        "Manage display \u203a Custom display settings has “Card” ticked.",
    ]


def test_types_without_fields_are_all_listed() -> None:
    heads = [bundle(name, name.casefold(), "Vocabulary") for name in ("Ports", "Rigs")]
    heads.append(bundle("Boat", "boat"))

    claims = claims_of(
        "Create 2 vocabularies without custom fields", field(BOAT, "field_hull"), bundles=heads
    )

    assert values(claims.verification) == [
        "Structure \u203a Taxonomy lists Ports (`ports`) and Rigs (`rigs`)."
    ]


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_claims_rest_on_rows_to_build_and_their_checks_stay_few(name: str) -> None:
    reader = FactsReader()
    kinds = {GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS}
    made = [
        (brief.group, claimed_ticket(reader.facts_of(brief)).claims)
        for brief in briefs_of(*site(name))
        if brief.group.kind in kinds
    ]

    for group, claims in made:
        rows = chain.from_iterable(claim.rows for claim in claims.verification)
        fields = [row for row in rows if row.kind is EntityKind.FIELD]
        assert {row.status for row in fields}.isdisjoint({Status.WAITING, Status.IMPLEMENTED})
        assert len(claims.verification) <= CHECKS_MAX, group.title
        for claim in (*claims.analysis, *claims.verification):
            assert not claim.columns or len(claim.values) >= 1, claim.kind


def test_modules_of_types_and_widgets_are_named_where_the_site_has_no_such_field_yet() -> None:
    rows = [
        field(BOAT, "field_place") | {"Field type": "Geofield"},
        field(BOAT, "field_home") | {"Field type": "Address"},
        field("Port (Content type)", "field_at", "x") | {"Field type": "Address"},
    ]
    heads = [bundle("Boat", "boat"), bundle("Port", "port", x="x")]

    assert "Needed: the module Geofield for `field_place`." in values(
        boat(*rows, bundles=heads).analysis
    )


def test_the_rest_of_the_fields_is_counted_only_where_all_their_names_are_certain() -> None:
    rows = [
        field("Anchor (Content type)", "field_a", "x"),
        field(BOAT, "field_a"),
        field(BOAT, "field_b"),
        field(BOAT, "Formatted Title"),
    ]
    heads = [bundle("Anchor", "anchor", x="x"), bundle("Boat", "boat")]

    assert values(boat(*rows, bundles=heads).analysis) == [
        "`field_a` is already on other content types: use “Re-use an existing field”."
    ]


def test_a_list_whose_widget_does_not_fit_claims_neither_type_nor_options() -> None:
    rig = {
        "Field type": "List (text)",
        "Form widget": "Single on/off checkbox",
        "Settings/notes": "Options: Sloop, Ketch",
    }

    checks = values(boat(field(BOAT, "field_rig") | rig).verification)

    assert "Manage fields lists `field_rig`." in checks
    assert not any("offers" in check for check in checks)
