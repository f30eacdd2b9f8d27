"""Sheets that are odd in one way each: bytes, cells, headers, rows, and what columns are called.

Belongs here: making them. Does not: what is read of each, and what is said of it, which `golden`
freezes as `specifications/sheets_of_people`; folders, limits and properties (the tests beside this).
"""

import csv
import io
from collections.abc import Mapping

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sessions import ColumnMeanings
from jira_pipeline.sheets.reading.sheet_kinds import rule_of
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.sheets.odd_workbooks import BOTH, MARKS, OLDER, OPEN_DOCUMENTS, WORKBOOKS

Files = Mapping[str, bytes]
NAMED = "Name,Machine name,Notes\n"
BEAR = 'Grizzly,grizzly,"two\nlines"\n'
ROLES = "Name,Machine name,X\nKeeper,keeper,a\n"
STYLES = "Style name,Machine name,X\nTiny,tiny,a\n"
BUNDLE_HEADER = "Name,Machine name,X,Mod.,Type\n"
PAGE = "Page,page,a,y,Content type\n"
BUNDLES = """Name,Machine name,X,Type
Bear,bear,a,Content type
Cave,cave,a,Media
Bear,bear,a,Paragraph
Den (winter),den_winter,x,Paragraph type
Tags,tags,a,Vocabulary
"""
DENS = BUNDLES + "Den,den_old,a,Paragraph type\nDen,den_new,a,Paragraph type\n"
MEDIA_TAGS = BUNDLES + "Tags,tags_media,a,Media type\n"
FIELDS = (
    "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals.,Bundle machine name\n"
)
STRAW = "Den (Paragraph type),Straw,field_straw,a,Link,-,n,1,"
HOME = "Bear (Content type),Home,field_home,a,Link,,n,1,bear\n"
TAGS = "Bear (Content type),Tags,field_tags,a,"
VIEWS = (
    "View name,Machine name\nBears,bears\nContact/Hours,contact_hours\nTwins,twin_a\nTwins,twin_b\n"
)
VIEWS_WITH_IDS = "ID,View name,Machine name\nV01,Dogs,dogs\nV02,Cats,cats\nV03,A,a\nV03,B,b\n"
DISPLAYS = "View,Title,Machine name,Display plugin"
MANY_STYLES = (
    "Style name,Machine name\nTiny,tiny\nTiny Non-WebP,tiny_non_webp\nBig (No Crop),big_no_crop\n"
    "Banner Desk,banner_desk\nBanner Mobile,banner_mobile\n"
)
RESPONSIVE = (
    "Responsive style,Machine Name,Fallback Style,Image Style Group(s),Fallback machine name\n"
)


def bears(rows: str, *, encoding: str = "utf-8") -> Files:
    return {"roles.csv": (NAMED + rows).encode(encoding)}


def alone(text: str | bytes, name: str = "bears.csv") -> Files:
    return {name: text if isinstance(text, bytes) else text.encode()}


def roles(text: str | bytes) -> Files:
    """Return a sheet whose headers are those of many; its name says what it lists."""
    return alone(text, "roles.csv")


def sheets(**texts: str) -> Files:
    return {f"{name}.csv": text.encode() for name, text in texts.items()}


def fields(*rows: str, bundles: str = BUNDLES) -> Files:
    return sheets(bundles=bundles, fields=FIELDS + "\n".join(rows) + "\n")


def referring(text: str, bundles: str = BUNDLES) -> Files:
    row = f'Bear (Content type),Home,field_home,a,Entity reference,"{text}",y,1,bear'
    return fields(row, bundles=bundles)


def display(view: str, view_id: str | None, views: str = VIEWS) -> Files:
    more = ("", "") if view_id is None else (",View ID", f",{view_id}")
    row = f"{view},List,list,Block{more[1]}"
    return sheets(views=views, displays=f"{DISPLAYS}{more[0]}\n{row}\n")


BYTES: Mapping[str, Files] = {
    "a cell with newlines moves lines, not records": bears(BEAR + "Kodiak,kodiak,\n"),
    **{f"lines end with {end!r}": roles((NAMED + BEAR).replace("\n", end)) for end in ("\r\n", "\r")},
    "a byte order mark": bears("Bär,baer,\n", encoding="utf-8-sig"),
    **{
        f"{code} {'with' if mark else 'without'} mark": roles((mark + NAMED + "Bär,baer,\n").encode(code))
        for code in ("utf-16-le", "utf-16-be")
        for mark in ("\ufeff", "")
    },
    "Windows-1252": bears("Grizzly,grizzly,\nBär,baer,“quoted”\n", encoding="cp1252"),
    "UTF-16 with half a character": roles("\ufeffName,Machine name\nBär,baer\n".encode("utf-16-le") + b"\n"),
    **{
        f"delimited by {sign!r}": roles((NAMED + 'Grizzly,grizzly,"a;b\tc|d"\n').replace(",", sign))
        for sign in ";\t|"
    },
    "commas in quoted headers": alone('"Name, full, as printed";Machine name;Notes\nGrizzly;a;fine\n'),
    "the hint of Excel": roles("sep=;\nName;Machine name;Notes\nGrizzly;grizzly;a,b\n"),
    "a NUL": bears("Grizzly,griz\0zly,\nKodiak,kodiak,\n"),
    "control characters": bears("Grizzly,grizzly,big\x07 bear\x0bbrown\n"),
    **{f"nothing but {text!r}": alone(text) for text in (b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n")},
    "a workbook in disguise": alone(b"PK\x03\x04 and so on"),
}  # fmt: skip
TIDES = "Style name;Machine name;X;Notes\nGroße Flut;flut;a;Höhe 300\n"
NAMED_WORKBOOKS: Mapping[str, Files] = {
    # it “cannot be read”; the advice was to open it in a program that refuses it, too
    **{
        f"text in {code} called {name}": {name: text.encode(code)}
        for name in ("Styles.xlsx", "Styles.XLS", "Styles.ods")
        for code, text in (
            *(("utf-8", TIDES), ("utf-8-sig", TIDES), ("cp1252", TIDES)),
            ("utf-16", TIDES.replace(";", "\t")),
        )
    },
    **{
        f"what is no text with that name: {content!r}": {"Styles.xlsx": content}
        for content in (
            b"<html><table><tr><td>Style name</td></tr></table></html>",
            b'\xef\xbb\xbf<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
            b"\x09\x08\x10\x00\x00\x06\x05\x00 an old .xls",
            *(b"PK\x03\x04 and no more", b""),
        )
    },
}
CELLS: Mapping[str, Files] = {
    "a short row": bears("Grizzly,grizzly\nKodiak,kodiak,big\n"),
    "a long row": bears("Kodiak,kodiak,big\nGrizzly,grizzly,brown,bear\n"),
    "blank cells beyond the header in every row": bears("Grizzly,grizzly,brown,,\nKodiak,kodiak,big,,\n,,,,\n\n"),
    "a blank cell too many shows a comma outside quotes": bears("Kodiak,kodiak,big\nGrizzly,Lists of news, events,\n"),
    "one more than in every row": bears("Kodiak,kodiak,big,\nGrizzly,Lists of news, events,,\n"),
    **{
        f"nobody sees {sign}": bears(f"{cell},grizzly,\n")
        for sign, cell in {
            "right to left": "Lists\u202efdp.exe",
            "zero width": "Ed\u200bitor",
            "a joiner": "Ed\u200ditor",
            "a mark": "Editor\ufeff",
            "isolates": "\u2067Editor\u2069",
            "a soft hyphen": "Bä\u00adren",
            "tags": "Editor" + "".join(chr(0xE0000 + ord(letter)) for letter in "obey me"),
            "fillers": "Ed\u3164\u115f\u1160\uffa0itor",
            "selectors": "Editor\ufe00\U000e0101\u061c",
            "a run of joiners": "Ed\u200b\u200bitor",
        }.items()
    },
    **{
        f"{script} needs it": bears(f'"{cell}",grizzly,\n')
        for script, cell in {
            "an emoji": "👩\u200d🔬 ✔\ufe0f 1\ufe0f\u20e3",
            "Persian": "\u0645\u06cc\u200c\u062e",
            "Hebrew": "\u05d0\u200f!",
            "Thai": "ภาษา\u200bไทย",
            "a space": "Bären\u00a0",
            "a line feed": "a\nb",
        }.items()
    },
    "a quote that never closes costs one row": bears('Grizzly,"grizzly,brown\nKodiak,kodiak,big\nPanda,panda,\n'),
    "one that runs into the next quoted cell": bears('Grizzly,"grizzly,brown\nKodiak,"kodiak",big\nPanda,panda,"black, white"\n'),
    "one that swallows whole records": bears('"Grizzly,grizzly,brown\nKodiak,kodiak,big\nPanda,panda,\nPolar,polar,white"\n'),
    "a stray quote in a quoted cell": bears('Grizzly,grizzly,"a "big" bear"\nKodiak,kodiak,\n'),
    "a quote in an unquoted cell": bears('Grizzly,grizzly,9" paws\n'),
    "formulas, once for a column": bears("Grizzly,-,=1+1\nKodiak,-,@SUM(A1)\nPanda,-,-5\n"),
}  # fmt: skip
HEADERS: Mapping[str, Files] = {
    "a blank header over text": roles("Name,Machine name,,X\nGrizzly,grizzly,secret,a\n"),
    "blank headers over nothing": roles("Name,,Machine name,,\nGrizzly,,grizzly,,\n"),
    "a header twice": roles("Name,Machine name,Notes,notes\nGrizzly,grizzly,brown,bear\n"),
    "known headers in any writing": alone("bundle,FIELD LABEL,machine_name,Type,field type\na,b,c,d,e\n"),
    "a file name that misleads": alone(STYLES, "Views and roles.csv"),
    **{
        f"a file called {name} breaks a tie": alone("View name,Style name,Machine name\nB,B,b\n", f"{name}.csv")
        for name in ("Views", "Image styles")
    },
    "an unknown sheet": sheets(menus="Menu,Link,X\nMain,Bears,a\n", roles=ROLES),
    "two sheets of one kind": sheets(roles_b=ROLES, roles_a=ROLES, c=STYLES),
    "two custom sheets": sheets(roles=ROLES, a="Colour\nbrown\n", b="Colour\nwhite\n"),
    "a known sheet without rows": roles("Name,Machine name,X\n,,\n"),
    "a file without header": alone("Grizzly,grizzly,a\nKodiak,kodiak,a\n"),
    "a header below a title": alone("Roles of the zoo,,\n,,\n" + ROLES),
    "missing columns": alone("Field label,X\nHome,a\n", "fields.csv"),
    "rows that name nothing are separators": fields(HOME + ",,,,,,,,#VALUE!\n,,,w,,,,,#VALUE!\n" + HOME.replace("home", "den")),
    **{
        f"a row that explains the columns: {name}": alone(BUNDLE_HEADER + row + PAGE, "bundles.csv")
        for name, row in {
            "codes in words": 'Human readable,lower case and _,"a, w, x, c or d",y/n,one of five\n',
            "a machine name": "Label,machine_name,a=approved d=delete,y or n,see list\n",
            "after a blank row": ",,,,\nWhat editors see,a-z and _ only,status of it,,\n",
            "the header": BUNDLE_HEADER,
            "the header twice": BUNDLE_HEADER + BUNDLE_HEADER.upper(),
        }.items()
    },
    **{
        f"a first row that is content: {row}": alone(f"{BUNDLE_HEADER}{row}\n", "bundles.csv")
        for row in (
            "Page,page,see notes,y,Content type",
            "Page,by department,to do,n,Content type",
            "Page,page,a or w,,Content type",
            "Page,page,new in 2027,tbd,Content type",
            "Page,page,a - phase 2,-,Content type",
            "Name,,,,",
        )
    },
    "a header further down": alone("Menu,Link\nMain,Home\nMenu,Link\nFoot,Imprint\n", "menus.csv"),
    "a sheet in a file and in a workbook": {
        "Roles.csv": ROLES.encode(),
        "Spec.xlsx": workbook_of({"Roles": [["Name", "Machine name", "X"], ["Keeper", "keeper", "a"]]}),
    },
}  # fmt: skip
ROWS: Mapping[str, Files] = {
    "bundles of one machine name differ by type": sheets(bundles=BUNDLES),
    "a field is of the bundle whose machine name it has": fields(f"{STRAW}den_new", bundles=DENS),
    "of two with one label the first": fields(STRAW, bundles=DENS),
    "a machine name that neither has": fields(f"{STRAW}lair", bundles=DENS),
    "names and types in any case": fields('bear (content TYPE),Home,field_home,a,Link,-,"y",*,bear'),
    **{
        f"referring to {text}": referring(text)
        for text in (
            "bear  (CONTENT)",
            "Den (winter) (Paragraph type)",
            "Cave (Media type), Den (winter) (Paragraph)",
            "Tags",
            "tags",
            "All",
            "all except caves, dens",
            "Any",
            "*",
            "All paragraph types",
            "Any media",
            "All media (Vocabulary)",
            "All Staff",
            "Allowed",
            "Caves (Media type)",
            "Bear",
        )
    },
    "referring to a bundle called All": referring("All (Vocabulary)", BUNDLES + "All,all,a,Vocabulary\n"),
    "a field without bundle": fields(",Home,field_home,a,Link,,n,1,"),
    "a base field goes by its label": fields("Bear (Content type),Title,-,a,Entity label,,-,-,bear"),
    "a status in either case": roles("Name,Machine name,X\nA,a,a\nB,b,C\nC,c,x\nD,d,w\nE,e,D\n"),
    "a blank status among others": roles("Name,Machine name,X\nKeeper,keeper,w\nCook,cook,\n"),
    "no status anywhere": roles("Name,Machine name,X\nKeeper,keeper,\nCook,cook,\n"),
    "no column for it": roles("Name,Machine name\nKeeper,keeper\n"),
    "an unknown status": roles("Name,Machine name,X\nKeeper,keeper,maybe\n"),
    "two bundles of one key": alone("Name,Machine name,Type\nBear,bear,Vocabulary\nOther,bear,Taxonomy\n"),
    "two views of one key": alone("View name,Machine name\nBears,bears\nMore bears,bears\n"),
    "two workflows of one key": alone("Label,Machine name,Type\nZoo,zoo,Moderation\nZoo two,zoo,Moderation\n"),
    "two fields of one key": fields(HOME + HOME),
    "a display joins by View ID": display("Bears", "bears"),
    "by the id of a row that only one has": display("Cats", "v02", VIEWS_WITH_IDS),
    "by none that two have": display("Cats", "V03", VIEWS_WITH_IDS),
    "by label where there is no View ID": display("BEARS", None),
    "by no label that two have": display("Twins", None),
    "not by label where its View ID is empty": display("Bears", ""),
    **{
        f"by label where its View ID is {value}": display("Bears", value)
        for value in ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!")
    },
    "a label that contradicts the View ID": display("Bears", "contact_hours"),
    "a responsive style refers to its fallback and groups": sheets(
        styles=MANY_STYLES, responsive=f'{RESPONSIVE}Tiny,tiny,Tiny Non-webp,"Tiny,Big No Crop, Banner",tiny_non_webp\n'
    ),
    "an empty fallback machine name": sheets(styles=MANY_STYLES, responsive=f"{RESPONSIVE}Tiny,tiny,Tiny,,\nHuge,huge,Tiny,,tiny\n"),
    "a view mode refers to bundles of its entity type": sheets(
        bundles=BUNDLES, modes='View Modes,Entity Type,Entities Used On\nTeaser,Paragraph,"Bear, Wolf"\n'
    ),
    "states and transitions stay within their workflow": sheets(
        workflows="Label,Machine name,Type\nZoo,zoo,Moderation\nFarm,farm,Moderation\n",
        states="Workflow,Label,Machine name\nZoo,Draft,draft\nZoo,Live,live\nFarm,Draft,draft\n",
        transitions="Workflow,Label,Machine name,From state,To state\nzoo,Publish,publish,Draft,live\nZoo,Publish,publish,Live,Live\nfarm,Publish,publish,Draft,Live\n",
    ),
    "states in German, with what becomes of items": sheets(
        workflows="Label,Machine name,Type\nZoo,zoo,Moderation\n",
        states="Workflow,Bezeichnung,Systemname,Veröffentlicht,Standardrevision,Anfangszustand\nZoo,Entwurf,draft,nein,nein,ja\nwie oben,Live,live,ja,ja,nein\n",
    ),
    "custom rows and migrations": sheets(menus="ID,Menu link,X\n1,Bears,a\n", migrations="Migration name,Source,X\nOld bears,D7,a\n"),
    **{
        f"a slip in a field: {cells}": fields(TAGS + cells, bundles=MEDIA_TAGS)
        for cells in (
            ",n,1,bear",
            "Link,,n,n,bear",
            "Link,,Paris,1,bear",
            "1,,n,1,bear",
            "Link,,n,1,wolf",
            "Link,,n,1,#REF!",
            "Link,Cave (Media type),n,1,bear",
        )
    },
    **{
        f"no slips: {cells}": fields(f"Bear (Content type),Cave,field_cave,a,Entity reference,Cave (Media type),{cells},bear")
        for cells in ("required,Unlimited", "Y,*", "-,-")
    },
    "one field name with two types in one entity type": fields(
        "Bear (Paragraph type),Home,field_home,a,Link,,n,1,bear",
        "Den (winter) (Paragraph type),Home,field_home,a,Text,,n,1,den_winter",
        "Bear (Content type),Home,field_home,a,Address,,n,1,bear",
    ),
    "fields of webforms share no storage": sheets(
        bundles="Name,Machine name,Type\nMooring request,mooring,Webform\nLoss,loss,webforms\n",
        fields="Bundle,Field label,Machine name,Field type\nMooring request (Webform),Ship,ship,Text (plain)\nLoss (Webform),Ship,ship,Link\n",
    ),
    "many machine names that break the rule": alone("Style name,Machine name\nTiny,tiny\n" + "".join(f"{n}px,{n}-px\n" for n in range(10, 30))),
}  # fmt: skip


def usual(
    kind: EntityKind, *more: str, called: Mapping[str, str | None] | None = None, **cells: str
) -> bytes:
    """Write a sheet with its usual columns and one row; some are called otherwise, or absent."""
    rule = rule_of(kind)
    assert rule is not None
    names = dict.fromkeys([*rule.required, *rule.signatures[0], "Machine name", "X", *rule.losses])
    columns = [*filter(None, ((called or {}).get(name, name) for name in names)), *more]
    text = io.StringIO()
    csv.writer(text).writerows([columns, [cells.get(column, "a") for column in columns]])
    return text.getvalue().encode()


def some_roles(*columns: str, cell: str = "a") -> bytes:
    columns = columns or ("Name", "Machine name", "X", "Notes")
    return f"{','.join(columns)}\n{','.join([cell] * len(columns))}\n".encode()


Case = tuple[Files, ColumnMeanings]
FIELD, BUNDLE, ROLE, VIEW = (
    EntityKind.FIELD, EntityKind.BUNDLE, EntityKind.USER_ROLE, EntityKind.VIEW,
)  # fmt: skip
OWN_FIELDS = (
    b"Wozu,Wie,Kennwort,Stand,Sorte,Wohin,Muss,Wieviele,Hilfe?\n"
    b"Den (Content type),Depth,field_depth,a,Number (integer),,y,1,In metres.\n"
    b"Den (Content type),Bears,field_bears,w,Entity reference,Bear (Content type),n,*,\n"
    b"Bear (Content type),Born on,field_born,a,Date,,n,1,The day the keeper wrote down.\n"
)
OWN_BUNDLES = (
    b"Wie,Kennwort,Stand,Sorte\nDen,den,a,Content type\nBear,brown_bear,a,Content type\n"
    b"Stone,stone,a,Vocabulary\n"
)
SHORTER = b"\n".join(b",".join(line.split(b",")[:6]) for line in OWN_FIELDS.splitlines())
MANY_ROLES = ROLES.encode()


def flags(*headers: str) -> bytes:
    """Write bundles under headers that nobody knows, each with a flag."""
    signs = ",".join("yn"[number % 2] for number in range(len(headers)))
    types = {"Den": "Content type", "Bear": "Content type", "Stone": "Vocabulary"}
    rows = [f"{name},{name.lower()}_x,a,{signs},{kind}" for name, kind in types.items()]
    return "\n".join([f"Wie,Kennwort,Stand,{','.join(headers)},Sorte", *rows]).encode()


MAPPED: Mapping[str, Case] = {
    "a header that is like nothing is only named": (alone(usual(FIELD, "Owner", called={"Req'd": None})), {}),
    "one line for all sheets, with what is mapped already": (
        {
            "b.csv": usual(BUNDLE, called={"X": "Status"}),
            "f.csv": usual(FIELD, called={"Ref. bundle": "Referenced"}),
            "roles.csv": usual(ROLE, called={"Notes": "Bemerkung"}),
        },
        {"Bemerkung": "Notes"},
    ),
    "a header that two sheets need for different columns": (
        {
            "f.csv": usual(FIELD, called={"Settings/notes": "Extra notes"}),
            "roles.csv": usual(ROLE, called={"Notes": "Extra\nnotes"}),
        },
        {},
    ),
    "all columns that a sheet lacks are one finding": (
        alone(usual(FIELD, called={"Vals.": "No. of values", "Form widget": "Widgets", "Trns.": None})), {}
    ),
    "other forms, in German and in Dutch": (
        {
            "f.csv": usual(FIELD, "Formularmodi", Formularmodi="grant: Textfield; edit: -"),
            "g.csv": usual(FIELD, "Formuliermodi", Formuliermodi="only for the crew"),
        },
        {},
    ),
    "a column that is known by its cells": (alone(usual(FIELD, called={"Req'd": "Muss"}, Muss="n")), {}),
    "a sheet without the header it is known by": (alone(usual(FIELD, called={"Field label": "Nazwa"})), {}),
    "it is known by a mapping": (alone(usual(FIELD, called={"Field label": "Nazwa"})), {"nazwa": "Field label"}),
    "a worksheet is mapped like a file": (
        {"Spec.xlsx": workbook_of({"Roles": [["Name", "Machine name", "Stage", "Notes"], ["Keeper", "keeper", "d", "Feeds."]]})},
        {"Stage": "X"},
    ),
    "a header that a sheet knows keeps its meaning": (
        {"views.csv": usual(VIEW), "roles.csv": some_roles("Name", "Machine name", "Status", "Notes", cell="d")},
        {"Status": "X"},
    ),
    "unless people say it of this sheet": (
        {"Views.csv": usual(VIEW, called={"Status": None, "X": "Status"}, Status="d")}, {"Views": {"Status": "X"}}
    ),
    "and not of all": ({"Views.csv": usual(VIEW, called={"Status": None, "X": "Status"}, Status="d")}, {"Status": "X"}),
    "mapped to no column, with the nearest": (roles(some_roles()), {"Notes": "Ref bundel"}),
    "one header mapped twice": (alone(some_roles()), {"Notes": "Bundle", "notes.": "Type"}),
    "a header mapped that is not there": (roles(some_roles()), {"Nowhere": "Ref. bundle"}),
    "mapped to a column that is there": (roles(some_roles()), {"Notes": "Name"}),
    "mapped for a sheet that is not there": (roles(some_roles()), {"Nowhere": {"Wie": "Name"}}),
    "references of a mapped column are read": (
        sheets(
            bundles="Name,Machine name,X,Type,Settings/notes\nBear,bear,a,Content type,\n",
            fields="Bundle,Field label,Machine name,X,Field type,Referenced\nBear (Content type),Den,field_den,a,Entity reference,Bear (Content type)\n",
        ),
        {"Referenced": "Ref. bundle"},
    ),
    "a header over a status": (alone(usual(BUNDLE, called={"X": "Status (X)"}, **{"Status (X)": "x"})), {}),
    "and over none": (alone(usual(BUNDLE, called={"X": "Status (X)"}, **{"Status (X)": "Enabled"})), {}),
    "a folder in which no sheet is known": (alone(OWN_FIELDS), {}),
    "beside one that is known": ({"a.csv": OWN_FIELDS, "roles.csv": MANY_ROLES}, {}),
    "it is said before what it explains": (
        {"z.csv": OWN_FIELDS.replace(b",y,1,In metres.", b",y,1,In metres.,surplus"), "roles.csv": MANY_ROLES + b"Cook\n"}, {}
    ),
    "a sheet of its own gets no proposal": (
        {"menus.csv": b"Menu,Link,Opens\nMain,Bears,same tab\nFoot,Imprint,new tab\n", "roles.csv": MANY_ROLES}, {}
    ),
    "nor a kind that the folder has": (
        {"more roles.csv": b"Wer,Kennwort,Stand\nKeeper,day_keeper,a\nCook,day_cook,a\n", "roles.csv": MANY_ROLES}, {}
    ),
    "its name says which kind it may be, and headers like those of it": (
        {"Site.xlsx": workbook_of({
            "Types": [["Name", "Machine name", "X", "Type"], ["Kite", "kite", "a", "Content type"]],
            "2 Fields": [["Content type", "Field", "Machine name", "Type", "Mandatory?"], ["Kite", "Span", "field_span", "Whole number", "yes"]],
            "Field groups": [["Group", "Holds"], ["Sizes", "Span"]],
            "Roles": [["Role", "May do"], ["Flyer", "Edit kites"]],
        })},
        {},
    ),
    "headers say which kind it may be, whatever its cells look like": (
        alone("entity,bundle,label,name,field type,cardinality,help text\nnode,kite,Span,field_span,entity_reference,-1,\n"), {}
    ),
    "below a title or merged heads, headers in words that people use": (
        {
            "Kite.csv": b"Kite,,,,\nWhatever flies,,,,\n,,,,\nField,Kind of field,How many,Help for editors,Key\nSpan,Image,1,In metres.,span\n",
            "moor.csv": b"Entity,,Field,,\nentity_type,bundle,label,field_type,cardinality\nnode,kite,Span,image,1\n",
            "Overview.csv": b"What,For whom\nKite,Children\n",
        },
        {},
    ),
    "a sheet without the column that names its rows": (
        {"roles.csv": MANY_ROLES, "views.csv": b"id,label,base_table,display_plugin\nkites,Kites,Content,Page\n"}, {}
    ),
    "a few cells show no kind": (alone("Ort,Wert\nFirst kite,Page\nLast kite,Block\n"), {}),
    "nor do columns that every sheet may have": (
        {"menus.csv": b"Title,Machine name,X,Description\nMain kites,main,a,\nFoot,foot_kites,a,Below.\nSide,side,a,\n", "types.csv": BUNDLES.encode()}, {}
    ),
    "where several kinds fit all are named": (
        alone("Wie,Kennwort,Stand\nthumbnail,thumbnail_x,a\nadministrator,administrator_x,a\n"), {}
    ),
    "flags, as many as the tool has": (alone(flags("Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Gg")), {}),
    "fewer flags cannot be told apart": (alone(flags("Aa", "Bb", "Cc")), {}),
    "one header that means another thing in each sheet": ({"b.csv": OWN_BUNDLES, "f.csv": OWN_FIELDS}, {}),
    "two sheets that may be of one kind": ({"a.csv": SHORTER, "b.csv": OWN_FIELDS}, {}),
    **{
        f"a sheet is meant by {name}": ({"f.csv": OWN_FIELDS}, {name: {"Wozu": "Bundle", "Wie": "Field label"}})
        for name in ("f.csv", "f", "F")
    },
}  # fmt: skip
CASES: Mapping[str, Case] = {
    **{
        name: (files, {})
        for name, files in {**BYTES, **NAMED_WORKBOOKS, **CELLS, **HEADERS, **ROWS}.items()
    },
    **{
        f"workbook: {name}": ({"Spec.xlsx": one}, {})
        for name, one in {**WORKBOOKS, **MARKS}.items()
    },
    **{f"open document: {name}": ({"Spec.ods": one}, {}) for name, one in OPEN_DOCUMENTS.items()},
    "an open document in capitals": (
        {"Spec.ODS": OPEN_DOCUMENTS["cells are what they show"]},
        {},
    ),
    "an older workbook": ({"Spec.xls": OLDER}, {}),
    "a name of a workbook chooses no sheet": (
        {"Image styles.xlsx": workbook_of({"Styles": BOTH})},
        {},
    ),
    **MAPPED,
}
