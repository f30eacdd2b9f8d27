"""Sheets in words of their own: what headers, titles, statuses and cells of closed sets are called.

Belongs here: making them. Does not: what is read of each, and what is said of it, which `golden`
freezes as `specifications/sheets_of_people`; every word of a closed set (`test_spellings`).
"""

from collections.abc import Mapping

from jira_pipeline_tests.sheets.made_readings import MANIFEST, Rows, Sheets
from jira_pipeline_tests.sheets.odd_owners import FIELDS, KITCHEN, RECIPES

LATE = "View name,Machine name,Status\nLatest,latest,new\nOldest,oldest,{}\n"
TERMS = "Vocabulary,Terms\nCourse,Starter\nCourse,Main\nDiet,Vegan\n"


def of_kitchen(header: str, *cells: str, title: str = "f.csv") -> Sheets:
    """Return fields of a recipe that have one more column, or several."""
    rows = (f"Recipe,F{n},f_{n},a,{cell}" for n, cell in enumerate(cells))
    head = f"Bundle,Field label,Machine name,X,{header}"
    return {"b.csv": KITCHEN, title: "\n".join((head, *rows, ""))}


KINDS: Mapping[str, Sheets] = {
    # each was nobody's, and only quoted
    **{
        f"{title} without machine names": {"b.csv": RECIPES, f"{title}.csv": text}
        for title, text in (
            ("Content types", "#,Name,What for\n1,Soup,To eat\n"),
            ("Views", "View,Display,Path\nLatest,Page,/latest\n"),
            *(
                ("Roles", "Role,May do\nChef,edit recipes\n"),
                ("Image styles", "Style,Width\nCard,4\n"),
            ),
        )
    },
    # `later` was no spelling of Enabled or Disabled, and the view was built now
    "the status of views where all cells are statuses of rows": {"v.csv": LATE.format("later")},
    "the status of views where one is none": {"v.csv": LATE.format("Disabled")},
    "vocabularies that only their terms name are bundles": {"b.csv": RECIPES, "Lists.csv": TERMS},
    "but not beside listed ones": {
        "b.csv": f"{RECIPES}Diet,diet,a,Vocabulary\n",
        "Lists.csv": TERMS,
    },
    "types of workflows make no fields": {
        "s.csv": "Label,Machine name,X,Type\nDesk,desk,a,Content moderation\n"
    },
    "types of media make no fields": {
        "Media types.csv": "Name,Machine name,X,Type\nFilm,film,a,Image\n"
    },
    # the sheet was an error, or nobody's
    **{
        f"all bundles are of one type: {header} in {title}": {
            f"{title}.csv": f"{header},Machine name,X,URL alias pattern,Purpose\nDiet,diet,a,,Food\n"
        }
        for header, title in (
            *(("Vocabulary", "Sheet7"), ("Paragraph", "Building blocks of pages")),
            *(("CT", "Overview"), ("Name", "CTs")),
        )
    },
    "a sheet called like its kind may name its rows by any common word": {
        "Views": [["Title", "Machine name", "Shows"], ["Kites", "kites", "All kites"]],
        "User roles": [["Label", "Machine name"], ["Keeper", "keeper"]],
        "Roles and views": [["Label", "Machine name", "Colour"], ["Red", "red", "#f00"]],
    },
}
TREES = [["Name", "Machine name", "X", "Type"], ["Tree", "tree", "a", "Content type"]]
SPECIES = ["Species", "field_species", "Link", "a"]
PLANTER, HEIGHT = ([n.title(), f"field_{n}", "Link", "a"] for n in ("planter", "height"))
OTHER_WORDS = (
    *("Viewfield", "Start date", "Smart date", "Texte", "Booleano", "Telefone", "Select2"),
    *("Linkit", "Images", "Data", "Lint"),
)
HEADERS: Mapping[str, Sheets] = {
    # it blocked the upload, with a line to write for every such sheet
    **{
        f"a short header is that of field types where its cells are some: {header}": of_kitchen(
            header, "Integer", "Our box", "Link ->"
        )
        for header in ("Type", "type", "Kind", "Field kind")
    },
    "below a short header may be something else": of_kitchen(
        "Kind,Made of", "old,Link", "new,Link"
    ),
    "below one beside a column of field types too": of_kitchen(
        "Type,Field type", "old,Link", "new,Link"
    ),
    # `Mand.` was proposed as the machine name
    **{
        f"a short form of mandatory is required: {header}": of_kitchen(
            f"Field type,{header}", "Link,y"
        )
        for header in ("Mand.", "Mand", "Mandatory?", "mand")
    },
    **{
        f"a short form is proposed as what begins so: {header}": {
            "b.csv": RECIPES,
            "f.csv": f"Bundle,Field label,Field type,X,{header}\nRecipe,Time,Link,a,f\n",
        }
        for header in ("Mach.", "Mainl.", "Mack.")
    },
    **{
        f"n among numbers is any number, but not among others: {cells[1]}": of_kitchen(
            "Field type,Qty", *(f"Link,{cell}" for cell in cells)
        )
        for cells in (["n", "1", "3"], ["n", "y", "3x"])
    },
    "sheets called like a kind get a line for their headers": {
        "Types": TREES,
        "Fields": [
            ["Content type", "Caption", "Machine name", "Sort", "Mandatory?"],
            ["Tree", "Span", "field_span", "Whole number", "yes"],
        ],
    },
    "and are known by it": {
        "Types": TREES,
        "Fields": [
            ["Content type", "Caption", "Machine name", "Sort", "Mandatory?"],
            ["Tree", "Span", "field_span", "Whole number", "yes"],
        ],
        MANIFEST: "columns: {Caption: Field label, Sort: Field type}",
    },
    # where one target is a bundle, the others were called references that lead nowhere
    **{
        f"no line is proposed by which the sheets are read worse: {header}": {
            "Types": TREES,
            "Fields": [
                *(["Field label", "Machine name", "Field type", "X", header], [], ["Tree"]),
                *(
                    [*row, cell]
                    for row, cell in zip((SPECIES, PLANTER, HEIGHT), cells, strict=True)
                ),
            ],
        }
        for header, cells in (
            ("Ref. target", ["Tree", "a person", "the web"]),
            ("Bundles", ["tree park", "tree park", "nursery"]),
        )
    },
    "names of one kind are not proposed as those of another": {
        "Types": TREES,
        "Image styles": [["Media type", "Source file"], ["Film", "from pilots"], ["Map", "scans"]],
    },
    # `Column 1: Name` and `State: Label` were to be written into `session.yaml`
    **{
        f"no header of another sheet and no blank one is proposed as the name: {title}": {
            "Types": TREES,
            title: [
                [first, "What happens"],
                ["Potter", "fires the kiln"],
                ["Glazer", "mixes glaze"],
            ],
        }
        for title, first in (("Workflows", "State"), ("Roles", ""), ("Image styles", "State"))
    },
    **{
        f"a column of numbers makes no sheet Spanish: {header}": {
            "Types": [[header, *TREES[0]], ["1", *TREES[1]]]
        }
        for header in ("No.", "No")
    },
    # “Not in this release” was read as no spelling of yes, and was nobody's note
    **{
        f"comments are remarks where none says yes or no: {cell}": {
            "bundles.csv": f"Name,Machine name,Type,X,Comments\nPier,pier,Content type,a,{cell}\n"
        }
        for cell in ("y", "not before the ferry runs", "-")
    },
    # the ticket had a machine name “tbd”, and proposed `n_a` for `n/a`
    **{
        f"what is not known yet is no name: {name}": {
            "bundles.csv": f"Name,Machine name,Type,X\nPier,{name},Content type,a\n",
            "f.csv": f"Bundle,Field label,Machine name,Field type,X\nPier,Depth,{name},{name},a\n",
        }
        for name in ("TBD", "?", "??", "n/a", "(tbc)", "t.b.d.")
    },
    "a status and a type of bundle that no list has": {
        "bundles.csv": "Name,Machine name,X,Type\nPage,page,aproved,Contnet type\n"
    },
    "one finding names the word that was meant and counts its rows": {
        "bundles.csv": "Name,Machine name,X,Type\nPage,page,a,Content type\n",
        "f.csv": f"{FIELDS}\n" + "".join(f"Page,F{n},f_{n},a,Entity refrence\n" for n in range(3)),
    },
    "words of modules, of other languages and plurals are no slips": {
        "bundles.csv": "Name,Machine name,X,Type\nPage,page,a,Content type\n",
        "f.csv": f"{FIELDS}\n"
        + "".join(f"Page,F,f_{n},a,{word}\n" for n, word in enumerate(OTHER_WORDS)),
    },
}

KILNS = "Name,Machine name,Type,{}\nKiln,kiln,Content type,{}\nGlaze,glaze,Vocabulary,{}\n"
SAILS = "Name,Machine name,Type,{}\nSail,sail,Content type,{}\nMast,mast,Vocabulary,{}\n"
FATE = {MANIFEST: "columns: {Fate: X}"}


def of_kilns(header: str, *cells: str, more: str = "") -> Sheets:
    return {"Bundles.csv": KILNS.format(header, *cells) + more}


STATUSES: Mapping[str, Sheets] = {
    # it was built as if now, and nothing said so
    "a column puts a row off": of_kilns("X,Planned", "a,Phase 2", "a,1"),
    "one puts off what waits": of_kilns("X,Planned", "w,Phase 2", "a,1"),
    # it was built, and a check said that it is as its note says
    **{
        f"a remark puts a row off: {text}": of_kilns("Remarks", f'"{text}"', "")
        for text in (
            *("Release 2, needs the museum's lift", "on hold until the roof is tight", "Later"),
        )
    },
    "a status says why": of_kilns("X,Remarks", '"Phase 3, after the fair",Phase 2', "a,Phase 2"),
    "all rows of a phase are built": of_kilns("X,Remarks", ",Phase 2", "a,Phase 2"),
    # words of three or more were no codes: all rows were built, and nothing was said
    "without a status any column that puts rows off is asked for": of_kilns(
        "Rollout", "not in scope", "yes"
    ),
    # “Turn: X” was advised, and then each turn was asked about
    "a plan in which one cell puts its row off is no status": of_kilns(
        "Turn", "T1", "Ida / T2", more="Clay,clay,Vocabulary,later\n"
    ),
    # “9 image styles and Admin list” were to be built, the last of which is Drupal's own
    "a row that Drupal has is there and counted among nothing to build": {
        "Styles.csv": "Style name,Machine name,Used for\nWide,wide,Top\nThumb,thumb,Drupal standard\n"
    },
    **{
        f"a legend says what a status means: {word}, {meaning}": {
            **FATE,
            "Bundles.csv": SAILS.format("Fate", "rigged", "now"),
            "Glossary.csv": f"Word,Meaning\n{word},{meaning}\n",
        }
        for word, meaning in (
            *(("rigged", "exists"), ("rigged", "nothing to build")),
            ("Fate", '"bare = to be built; rigged = is there already, see the harbour"'),
            ("Fate", "“rigged” means later"),
        )
    },
    # each was no status and read as approved, beside the worksheet that says what it means
    **{
        f"a status of the author's own: {meaning}": {
            "Glossary": [
                *(["Word", "Meaning", "Who"], ["Ebb", meaning, "Ada"]),
                ["Flood", "of water", "Ada"],
            ],
            "Bundles": [
                ["Name", "Machine name", "X", "Type"],
                ["Pier", "pier", "Ebb", "Media type"],
            ],
        }
        for meaning in (
            *("we build it", "wanted, small changes may come; build it"),
            *("After the launch, do not build", "nobody knows, ask us first"),
            *("is there, leave it alone", "Exists, change what the remark says"),
            *("will be deleted", "as the captain says"),
        )
    },
    # what exists became tickets, for its status was a column like any other
    "a sheet that is none of the known ones keeps its status": {
        "Bundles.csv": SAILS.format("Fate", "now", "exists"),
        MANIFEST: "columns: {Fate: X, Bundles: nothing, Name: Label}",
    },
    **{
        f"a header is proposed as status where most cells can be read: {cells}": {
            "Bundles.csv": SAILS.format("Phase", *cells) + "Oar,oar,Content type,ragged\n"
        }
        for cells in (("now", "exists"), ("later", "ragged"))
    },
}

BUNDLES = "Name,Machine name,X,Type,Description"
PIERS = "Berth,berth,a,Content type,A place\nTide,tide,a,Vocabulary,\n"
GERMAN = "Bezeichnung,Systemname,X,Typ,Beschreibung"
ABOVE: Mapping[str, str] = {
    "a title": "Harbour site\n",
    "a title with commas in quotes": '"Harbour, bay and pier"\n',
    "two titles with commas": "Harbour, bay, pier\n;;2026\n",
    "a padded title and a blank line": "Harbour site,,,,\n,,,,\n",
    "a title, a date and a person": "Harbour site\nAs of May\n,,Ada,,\n",
}
MOORINGS: Rows = [
    *(["Style name", "Machine name", "X", "Notes"], ["Buoy", "buoy", "a", ""]),
    ["Pier", "pier", "a", "wide"],
]
OF_STRANGERS: Mapping[str, Sheets] = {
    **{
        f"{above}, passed over before columns between {sign!r}": {
            "Bundles.csv": text + f"{BUNDLES}\n{PIERS}".replace(",", sign)
        }
        for above, text in ABOVE.items()
        for sign in ",;\t"
    },
    # a second header became the bundle “Bezeichnung” with a ticket of its own
    **{
        f"a second header is no row: {second} below {first}": {
            "Bundles.csv": f"{first}\n{second}\n{PIERS}"
        }
        for first, second in ((BUNDLES, GERMAN), (GERMAN, BUNDLES), (BUNDLES, "1,2,3,4,5"))
    },
    # what was below another table was read below the first header: the status as machine name
    **{
        f"a second header begins a table: {header}": {
            "Bundles.csv": f"{BUNDLES}\n{PIERS},,,,\n{header}\n{row}\n"
        }
        for header, row in (
            ("Name,X,Machine name,Description,Type", "Pier,a,pier,,Vocabulary"),
            ("View name,Machine name,X,Status,Base table", "Piers,pier,a,,"),
        )
    },
    "a row whose names are words of headers is content": {
        "Bundles.csv": f"{BUNDLES}\nStatus,status,x,Content type,Title\n"
    },
    **{
        f"a last row that may count those above it: {last}": {
            "Styles.csv": "\n".join((*(",".join(row) for row in MOORINGS), last, ""))
        }
        for last in (
            *(",2,,", "2,2,2,1", "Total,2,,", "Summe,,,12.5", "Totaal,2,,", "Total: 2,,,"),
            *(",3,,", "Total,total,a,", "2,two,a,", "Total,,,"),
        )
    },
}
COVER = [
    *(["Ferry site"], []),
    ["Version", "Day", "What", "", "W / WW", "one line text, number = longest / several lines"],
    ["0.1", "2 May", "Piers", "", "HK", "checkbox"],
    ["0.2", "9 May", "Ropes", "", "Cnt", "how often"],
    ["", "", "", "", "ZL ZLi", "web address"],
    ["", "", "", "", "QQ", "as the captain says"],
]
CODED: Sheets = {
    "Cover": COVER,
    "Bundles": [["Name", "Machine name", "X", "Type"], ["Pier", "pier", "a", "Content type"]],
    "Fields": [
        ["Bundle", "Field label", "Machine name", "X", "Field type", "Cnt"],
        ["Pier (Content type)", "Slogan", "field_slogan", "a", "W60", "2"],
        *(["Pier (Content type)", t, f"field_{t}", "a", t, ""] for t in ("HK", "ZLi", "QQ")),
    ],
}
LANGUAGES: Mapping[str, Sheets] = {
    # each was a field type that neither core nor a module names
    "a code that a legend explains is the type it says and shown as written": CODED,
    # as in the installation notes of a module: nobody asked what its columns are
    "the field list of a German site": {
        "a.csv": (
            "Bezeichnung;Systemname;X;Typ;Übersetzbar;Migration\n"
            "Artefakt;artefakt;a;Inhaltstyp;ja;nein\n"
        ).encode("cp1252"),
        "b.csv": (
            "Inhaltstyp;Beschriftung;Systemname;X;Feldtyp;Pflicht;Anzahl Werte;Verweist auf\n"
            "Artefakt (Inhaltstyp);Inhalt;body;a;Text (formatiert, lang);Ja;unbegrenzt;\n"
            "Artefakt (Inhaltstyp);Serie;field_serie;a;Entitätsreferenz;NEIN;1;Artefakt (Inhaltstyp)\n"
            "Artefakt (Inhaltstyp);Auch;field_auch;a;Entitätsreferenz;nein;1;Alle\n"
        ).encode("cp1252"),
    },
    # `Typ` was the field's, whatever `Feldtyp` said; in French no field had a type
    **{
        f"a column of types is of fields only where no other is: {of_bundles} beside {of_fields}": {
            "Fields.csv": f"{of_bundles},Bundle,{labels},Notes\n{type_},Kai,Tiefe,Link,n,\n"
        }
        for of_bundles, of_fields, labels, type_ in (
            ("Typ", "Feldtyp", "Feldname,Feldtyp,Pflicht", "Inhaltstyp"),
            ("Typ des Bündels", "Feldtyp", "Feldname,Feldtyp,Pflicht", "Inhaltstyp"),
            (
                *("Type", "Type de champ", "Libellé du champ,Type de champ,Obligatoire"),
                "Type de contenu",
            ),
        )
    },
    "it is said which words were read as which": {
        "roles.csv": b"Role;Nom syst\xe8me;X;Remarques\nGardien;gardien;a;\n"
    },
    # `o` is yes only below headers in French
    **{
        f"the cells of an English sheet stay as they are: {cell}": {
            "f.csv": f"{FIELDS},{header}\nP,A,field_a,a,Date,{cell}\n"
        }
        for header, cell in (("Req'd", "o"), ("Migration", "ja"), ("Status", "Aktiv"))
    },
    # “CafÃ©” went into tickets without a word
    "damaged text is one finding for a column and stays as it is": {
        "bundles.csv": "Name,Machine name,X,Type\nQuay,quay,a,Content type\n",
        "f.csv": f"{FIELDS},Help text\n"
        "Quay,\xc3\u02dcya,field_oya,a,Link,Don\x92t park here\nQuay,Depth,field_depth,a,Link,\n"
        "Quay,H\xc3\xb8yde,field_hoyde,a,Link,â€œNo wayâ€\x9d\n",
    },
}
CASES = {**KINDS, **HEADERS, **STATUSES, **OF_STRANGERS, **LANGUAGES}
