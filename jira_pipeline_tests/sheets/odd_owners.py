"""Rows that say in odd ways what they belong to, and cells that name in odd ways what they mean.

Belongs here: making them. Does not: what is read of each, and what is said of it, which `golden`
freezes as `specifications/sheets_of_people`.
"""

from collections.abc import Mapping

from jira_pipeline_tests.sheets.made_readings import MANIFEST, Sheets

FILL = {MANIFEST: "owner_blank: fill"}
LABELS = "Field label,Machine name,X,Field type"
FIELDS = f"Bundle,{LABELS}"

RECIPES = "Name,Machine name,X,Type\nRecipe,recipe,a,Content type\n"
LISTED = f"{RECIPES}Chef,chef,a,Content type\nCrumb,crumb,a,Paragraph type\nSlice,slice,a,Paragraph type\n"
KITCHEN = (
    "Code,Name,Machine name,X,Type\n"
    'RCP,"Recipe",recipe,a,Content type\nCHF,Chef,chef,a,Content type\n'
)
TYPED = f"{LABELS}\n"
BY_TYPE = f"Content type,{LABELS}\n"
BANDS = (
    f"Tip (tip),,,\n{TYPED}Line,field_line,a,Link\n\nTool list (tools),,,\n"
    f"{TYPED}Tool,field_tool,a,Link\nSize,field_size,a,Link\n"
)
NAMED = (
    "Paragraph,Field,Kind,Must,Machine name\n"
    "Tip,Line,Link,x,f_line\nTool list,Tool,URL,,f_tool\nTool list,Size,Int,,f_size\n"
)
BY_FIELDS: Mapping[str, Sheets] = {
    **{
        f"a band {chef}": {
            "b.csv": KITCHEN,
            "Fields.csv": f"{TYPED}\nRCP – Recipe,,,\nTime,f_time,a,Link\n\n{chef},,,\nHat,f_hat,a,Link\n",
        }
        for chef in (
            *("CHF", "CHF – Chef", "Chef (chef)", "Content type: Chef", "2.1 Chef (content type)"),
            "chef",
        )
    },
    "a band of two bundles is none": {
        "b.csv": KITCHEN,
        "Fields.csv": f"{TYPED}\nRCP – Chef,,,\nTime,field_time,a,Link\n",
    },
    "fields below bands need no machine names either": {
        "b.csv": RECIPES,
        "Fields.csv": "Recipe,,\nField,Type,How many\nTime,Link,many\n",
    },
    # their fields were errors, or in one ticket without an owner
    **{
        f"bundles that fields alone name in {title}": {"b.csv": KITCHEN, f"{title}.csv": text}
        for title, text in (
            *(("Paragraphs", BANDS), ("Blocks (= paragraphs)", BANDS), ("Kit", NAMED)),
            ("Kit with bands", BANDS),
        )
    },
    "one that a sheet of its type does not list may be a slip": {
        "b.csv": f"{KITCHEN}TIP,Tip,tip,a,Paragraph\n",
        "Kit.csv": NAMED,
    },
    "a slip in the name of a bundle makes none": {
        "Fields.csv": f"{BY_TYPE}Recipe,Time,f_time,a,Link\nRecipe,Fat,f_fat,a,Link\n"
        "Reciep,Hat,f_hat,a,Link\nMeal 1,A,f_a,a,Link\nMeal 2,B,f_b,a,Link\nMeal 2,C,f_c,a,Link\n"
    },
    "bundles and fields without machine names block nothing": {
        "Content types.csv": "Name,Purpose\nRecipe,How to cook\n",
        "Fields.csv": "Content type,Field label,Field type\nRecipe,Time,Link\n",
    },
    **{
        f"a sheet for a type, of {header}": {"b.csv": RECIPES, "Recipe.csv": f"{header}\n{row}\n"}
        for header, row in (
            ("Field name,Type,Mandatory", "Time,Link,yes"),
            *(("Field,Type,Multiple", "Time,Link,yes"), ("Field,Type", "Time,Link")),
        )
    },
    # they were workflows, with the same rows in each
    **{
        f"tab {file} with fields of {own}": {
            "b.csv": LISTED,
            file: f"{above}{header}\nTime,field_time,{own},Yes,1,Minutes,new\n"
            "Pieces,field_pieces,Paragraphs,No,many,,new\n",
        }
        for file, above in (
            *(("Sheet 4.csv", "Recipe\n"), ("CT Recipe.csv", ""), ("Type - Recipe.csv", "")),
            ("content_type_recipe.csv", ""),
        )
        for header, own in (
            ("Label,Machine name,Type,Required,How many,Help text,X", "Whole number"),
            ("Label,Machine name,Type,A,B,C,X", "Plain text"),
        )
    },
    **{
        f"a type before another name, {title}, says no owner": {
            "b.csv": LISTED,
            f"{title}.csv": "Label,Machine name,Type,Required,How many,X\nTime,f_time,Link,y,1,a\n",
        }
        for title in ("CT Crumb", "PT Recipe", "Old Recipe")
    },
    # nobody knew the sheet, and the fields had the names of their bundles
    **{
        f"a column of {header} says whose fields are": {
            "b.csv": LISTED,
            "Parts.csv": f"{header},Machine name,Field,Field machine name,Type,Mand.,X\n"
            "Crumb,crumb,Size,,Number,y,a\nSlice,slice,Size,field_size,Number,n,a\n",
        }
        for header in ("Component", "Paragraph", "Page type", "Block")
    },
    # a ticket said that a field is called `crumb`
    "machine names of bundles are of no field": {
        "b.csv": LISTED,
        "Parts.csv": "Paragraph,Machine name,Field,Type,Mand.,X\nCrumb,crumb,Size,Number,y,a\n"
        "Crumb,,Age,Number,y,a\nSlice,slice,Size,Number,n,a\n",
    },
    # all fields were there already, and a question said that their type is marked as new
    "a bundle that fields name is there if one of them is": {
        "Fields.csv": f"{BY_TYPE}Recipe,Time,field_time,x,Link\nRecipe,Fat,field_fat,a,Link\n"
        "Chef,Hat,field_hat,a,Link\n"
    },
    "a cell refers to a bundle by its code": {
        "b.csv": KITCHEN,
        "f.csv": f"{FIELDS},Ref. bundle\nRCP,By,by,a,Entity reference,CHF\n",
    },
    **{
        f"what Drupal has itself: {kind} to {text} beside {beside or 'none'}": {
            "b.csv": KITCHEN + beside,
            "f.csv": f"{FIELDS},Ref. bundle\nRecipe,By,field_by,a,{kind},{text}\n",
        }
        for text, kind in (
            *(("user", "User reference"), ("Image", "Media"), ("Portrait", "Media")),
            *(("remote_video", "Entity reference (media)"), ("Image", "Entity reference")),
        )
        for beside in ("", "CLP,Clip,clip,a,Media\n")
    },
    # a question asked what they may refer to, beside the cell that says it
    **{
        f"a column of choices says what reference fields refer to: {header}": {
            "b.csv": LISTED,
            "f.csv": f"{FIELDS},{header}\n"
            'Recipe,Parts,field_parts,a,Paragraphs,"Crumb, slice"\n'
            "Recipe,By,field_by,a,Entity reference,Chef (Content type)\n"
            "Recipe,Also,field_also,a,Entity reference,Chef or a friend\n"
            "Recipe,Kind,field_kind,a,List (text),Crumb\n",
        }
        for header in ("Choices / points to", "Details / options / target", "Details", "Options")
    },
}

HARBOUR = (
    "Name,Machine name,X,Type\nBerth,berth,a,Content type\nTide,tide,a,Vocabulary\n"
    "News item,news_item,a,Content type\nPier,pier,a,Content type\nPier,pier,a,Paragraph type\n"
)
LENGTH, DEPTH, NAME = (f"{n.title()},field_{n},a,Text" for n in ("length", "depth", "name"))
PIVOT_BUNDLES = (
    "Name,Machine name,X,Type\nTrail,trail,a,Content type\nHut,hut,a,Content type\n"
    "Hut,hut_box,a,Paragraph type\nGuide,guide,a,Media type\n"
)
PIVOTED = f"{LABELS},Trail,Hut (Content type),guide,Audience\n"
ALIKE = "Name,Machine name,X\nHero,hero,a\nFaq,faq,a\n"
FERRY = "Berth of a ferry that leaves at night"


def of_harbour(text: str, *, title: str = "o.csv", more: str = "") -> Sheets:
    return {"b.csv": HARBOUR + more, title: text}


BY_NAMES: Mapping[str, Sheets] = {
    **{
        f"a ditto mark says as above: {mark}": of_harbour(
            f"{FIELDS}\nBerth (Content type),{LENGTH}\n{mark},{DEPTH}\n{mark},{NAME}\n"
        )
        for mark in ('""""', "〃", "Ditto", "- as above -", "''")
    },
    # the cell of a heading with a code was taken as it stands, and its fields belonged to nothing
    "ditto marks below headings with codes": of_harbour(
        f"{FIELDS}\n2.1 Berth,,,,\n〃,{LENGTH}\nTD – Tide,,,,\n〃,{DEPTH}\n"
    ),
    "a row belongs to the bundle of its machine name where it names no other": of_harbour(
        f"Bundle machine name,{FIELDS}\ntide,,{LENGTH}\nberth,,{DEPTH}\n"
    ),
    **{
        f"a sheet called like a bundle belongs to it: {title}{' with a blank column' * bool(cell)}": (
            of_harbour(f"{header}\n{cell}{LENGTH}\n", title=title)
        )
        for title in (
            *("Berth.csv", "berth.csv", "Fields of Berth.csv", "Berth fields.csv"),
            *("UWC_Berth.csv", "Harbour - Fields - Berth.csv", "3. Berth.csv"),
            *("Berth (Content type).csv", "UWC_Fields_Berth.csv", "Felder Berth.csv"),
            "Felder von Berth.csv",
        )
        for header, cell in ((LABELS, ""), (FIELDS, ","))
    },
    "a name that Excel cut is that of the one that begins so": of_harbour(
        f"{LABELS}\n{LENGTH}\n",
        title=f"{FERRY[:31]}.csv",
        more=f"{FERRY},ferry,a,Content type\n",
    ),
    "one tab a bundle makes one sheet of fields, and keys are unique over all": {
        title: [row.split(",") for row in rows]
        for title, rows in {
            "Bundles": HARBOUR.splitlines(),
            "Berth": [LABELS, LENGTH, DEPTH],
            "Tide": [LABELS, LENGTH, NAME],
            "news_item": [LABELS, LENGTH, LENGTH],
        }.items()
    },
    # paragraph types became user roles
    "a sheet called like a type lists bundles of it": {
        "Paragraph types.csv": ALIKE,
        "r.csv": ALIKE,
    },
    "blanks below a type may be filled": {
        **FILL,
        "b.csv": "Type,Name,Machine name,X\nMedia,Film,film,a\n,Plan,plan,a\n",
        "Vocabularies.csv": ALIKE,
    },
    **{
        f"a sheet called like two bundles or none is refused: {title}, {name}": (
            of_harbour(text, title=f"{title}.csv")
        )
        for title in ("Pier", "Berths", "Old Berth", "Fields Old Berth")
        for name, text in (
            ("no column", f"{LABELS}\n{LENGTH}\n"),
            ("a blank one", f"{FIELDS}\n,{LENGTH}\n,{DEPTH}\n"),
        )
    },
    "a field belongs to the bundle of its name whose type is blank": {
        "bundles.csv": "Name,Machine name,X,Type\nBerth,berth,a,\n",
        "f.csv": f"{FIELDS}\nBerth (Content type),{LENGTH}\n",
    },
    # eight of nine findings of one site were one pair of names
    **{
        f"one pair of names is one finding: {name}": of_harbour(
            f"{FIELDS},Ref. bundle\n"
            + "".join(
                f"Tide (Vocabulary),{label},field_{n},a,Entity reference,{refers}\n"
                for n, (refers, label) in enumerate(rows)
            )
        )
        for name, rows in {
            "five of one": [("Berth (Content type)", "News item")] * 5,
            "unknown": [("Wave (Media)", f"n{n}") for n in range(7)],
            "none": [("", f"n{n}") for n in range(3)],
        }.items()
    },
    # one error asked for the column Bundle, another one to call these headers nothing
    "headers that are bundles say what rows belong to": {
        "bundles.csv": PIVOT_BUNDLES,
        "f.csv": f"{PIVOTED}Height,field_height,a,Link,✓,yes,,all\nFee,field_fee,a,Link,,n,X,some\n",
    },
    **{
        f"cells below bundles that say more are one error: {cell}": {
            "bundles.csv": PIVOT_BUNDLES,
            "f.csv": f"{PIVOTED}Height,field_height,a,Link,x,{cell},,all\n",
        }
        for cell in ("R", "required", "1..3", "only on weekends")
    },
    "one header that is a bundle is a column": {
        "bundles.csv": PIVOT_BUNDLES,
        "f.csv": f"{FIELDS},Guide\nTrail,Height,h,a,Link,x\n",
    },
}

SAILS = "Name,Machine name,X,Type\nPier,pier,a,Content type\n"
LETTERS = 'Sections of a page\n"P = piece (paragraph), X = box (block, once for all)"\n'
COMPONENTS = "Code,Component,Field,Field type,X\n"
BLOCKS = "Paragraph,Field,Field type,X\n"
REQUIRED = ["Field", "Machine name", "Type", "Req.", "Comments"]


def of_sails(text: str, **others: str) -> Sheets:
    named = {f"{name}.csv": sheet for name, sheet in others.items()}
    return {**FILL, "Types.csv": SAILS, "Parts.csv": text, **named}


BY_PARTS: Mapping[str, Sheets] = {
    # all were custom block types, for the line named that last
    "letters that a line explains say which type each is of": of_sails(
        f"{LETTERS}{COMPONENTS}P1,Slip,Depth,Link,a\nX1,Buoy,Colour,Link,a\n"
    ),
    "of bundles of one name each sheet means its own": of_sails(
        f"{LETTERS}{COMPONENTS}P1,Slip,Depth,Link,a\n",
        Pictures="Media types\nMedia type,Field,Field type,X\nSlip,File,Image,a\n,Source,Link,a\n",
    ),
    # it was that of the first field, or the ticket made one of the label beside the right one
    **{
        f"a machine name that stands once for each block is that of the bundle: {header}, {second}": (
            of_sails(
                f"Paragraph,{header},Field,Field type,X\nSlip,boat_slip,Depth,Link,a\n"
                f",,Width,Link,a\nBuoy,{second},Hue,Link,a\n,,Bell,Link,a\n"
            )
        )
        for header, second in (("Machine name", "buoy"), ("id", "marker"))
    },
    "one that stands in each row is that of the field": of_sails(
        "Paragraph,Machine name,Field,Field type,X\nSlip,depth,Depth,Link,a\n,width,Width,Link,a\n"
    ),
    # the field below one that waits was built, and so was its type
    "a status in the first row of each block is of the whole block": of_sails(
        f"{BLOCKS}Slip,Depth,Link,a\n,Width,Link,\nBuoy,Hue,Link,w\n,Bell,Link,\n"
    ),
    "a status that rows below the first have too is theirs alone": of_sails(
        f"{BLOCKS}Slip,Depth,Link,w\n,Width,Link,a\n,Rail,Link,\nBuoy,Hue,Link,a\n"
    ),
    # the ticket said “Description: “Pier””
    **{
        f"cells that name what a view shows are no description: {more}": of_sails(
            COMPONENTS, Views=f"View name,Machine name,X,Shows\nPiers,piers,a,Pier\n{more}"
        )
        for more in ("", "News,news,a,All that is new here\n")
    },
    # the type that a sheet lists took the rows of the one that only its fields name
    "things of two types with one name and machine name have their own rows": of_sails(
        "Paragraph,Bundle machine name,Field,Field type,X\n"
        "Buoy,buoy,Hue,Link,a\nBuoy,buoy,Bell,Link,a\nSlip,boat_slip,Depth,Link,a\n",
        Media="Name,Machine name,X,Type\nBuoy,buoy,a,Media type\n",
    ),
    "a type in brackets that no sheet lists is no part of the name": of_sails(
        "Bundle,Field,Field type,X\nBerth request (webform),Boat,Text,a\nPier,Depth,Link,a\n"
    ),
    # a hint beside a title made it a field; without, fields went to the media type of its name
    **{
        f"titles of repeated tables are bundles of the type that the sheet says, {hint}": {
            "Types": [["Name", "Machine name", "Type"], ["Picture", "picture", "Media type"]],
            "Pieces": [
                *(["Pieces (paragraphs)"], ["Two of them"], [], ["Wave", "", hint], REQUIRED),
                ["Head", "field_head", "Text (plain)", "x"],
                ["Body text", "field_text", "Text (formatted, long)"],
                *([], ["Picture", "", hint], REQUIRED, ["File", "field_file", "Link", "x"]),
                ["Caption", "field_caption", "Text (plain)"],
            ],
        }
        for hint in ("", "as on the drawing")
    },
    # the advice to fill in the bundle of title rows led to a header that occurs twice
    **{
        f"a title with a hint and a filled owner is no header, {owner}": {
            "Types": [["Name", "Machine name", "Type"], ["Pier", "pier", "Content type"]],
            "Fields": [
                [*REQUIRED, "Sort", "Bundle"],
                ["Head", "field_head", "Text (plain)", "x", "", "", "Pier"],
                *(["Foot", "field_foot", "Text (plain)", "x", "", "", "Pier"], []),
                ["Pier", "", "as on the drawing", "", "", "", owner],
                [*REQUIRED, "Sort", "Bundle"],
                ["Depth", "field_depth", "Text (plain)", "x", "", "", "Pier"],
            ],
        }
        for owner in ("", "Pier")
    },
}

COOKED = (
    "Name,Machine name,X,Type\nRecipe,recipe,a,Content type\nQuote,quote,a,Content type\n"
    "Quote,quote_strip,a,Paragraph type\nDiet,diet,a,Vocabulary\n"
    "Salt and pepper,spice,a,Vocabulary\nClip,clip,a,Media type\n"
)


def cooked(*rows: str, beside: str = "") -> Sheets:
    header = f"{FIELDS},Ref. bundle,Req'd,Vals.{beside}"
    return {"b.csv": COOKED, "fields.csv": "\n".join((header, *rows, ""))}


BY_LISTS: Mapping[str, Sheets] = {
    # “Quote” was not among the bundles, of which there were two
    **{
        f"a column of its own says which bundle: {header}": cooked(
            *("Quote,Author,a,a,Link,,y,1,paragraph", "Quote,Source,b,a,Link,,y,1,Node"),
            *("Recipe,Time,c,a,Link,,y,1,", "quote_strip,Line,d,a,Link,,y,1,Paragraph types"),
            beside=f",{header}",
        )
        for header in ("Type", "Entity type", "Bundle type", "Type of bundle")
    },
    "where no type says which, its machine name does": cooked(
        "Quote,Author,a,a,Link,,y,1,quote_strip", beside=",Bundle machine name"
    ),
    "without a type two of one name are named": cooked("Quote,Author,field_author,a,Link,,y,1"),
    # it was in neither ticket, but among the fields without an owner
    **{
        f"a row of two bundles is a field of each: {listed!r}": cooked(
            f"{listed},Cooked at,field_cooked,a,Date,,y,1"
        )
        for listed in (
            *('"Recipe, Clip"', "Recipe / Clip", "Recipe and Clip (Media type)"),
            *('"Recipe\n\nClip"', '"- Recipe\n- Clip"', "recipe & clip"),
            '"Content type: Recipe; Media: Clip"',
        )
    },
    "machine names of two bundles beside them contradict neither": cooked(
        '"Recipe, Clip",Cooked at,field_cooked,a,Date,,y,1,"recipe, clip"',
        beside=",Bundle machine name",
    ),
    "a list of bundles of which one is none is one name": cooked(
        "Recipe and Soup,Cooked,field_cooked,a,Date,,y,1"
    ),
    # each was a name that is not among the bundles; the dependencies were lost
    **{
        f"references are read as people list them: {listed!r}": cooked(
            f'Recipe,With,field_with,a,Entity reference,"{listed}",y,*'
        )
        for listed in (
            "* Quote (Content type)\n* Diet\n* Clip",
            "1. Quote (Content type)\n2) Diet\n3. Clip",
            "Quote (Content type), Diet and Clip",
            "Quote (Content type), Diet, and Clip",
            "Node: Quote, Taxonomy term: Diet, Media: Clip",
            "quote (content) / diet / clip",
            "Content types: Quote; Vocabularies: Diet; Clip",
            "Quote (Content type) oder Diet oder Clip",
            "Content > Quote\nTaxonomy > Diet\nMedia > Clip",
            "◦ Quote (Content type)\n◦ Diet or Clip",
            # a name with such a word is one name
            *("Salt and pepper", "salt and pepper (Vocabulary)", "• Salt and pepper"),
            "• Diet • Salt and pepper",
            # a list of which a part is unknown dangles whole
            "Diet or Fest",
        )
    },
    **{
        f"a view mode is used on {used}": {
            "b.csv": COOKED,
            "modes.csv": f"View mode,Entity type,Used on\nCard,paragraph,{used}\n",
        }
        for used in ("quote_strip", "all two")
    },
}

THINGS = """Name,Machine name,X,Type,Code
Pier,pier,a,Content type,
Tide,tide,a,Vocabulary,
Chart,chart,a,Media type,
Chart,chart,a,Paragraph type,S1
Log entry,log_entry,a,Paragraph type,S2
Ads,ads,a,Content type,
"""


def of_things(*rows: str, header: str = "Where from") -> Sheets:
    """Return fields that have one more column."""
    return {"Things.csv": THINGS, "Fields.csv": "\n".join((f"{FIELDS},{header}", *rows, ""))}


BY_CELLS: Mapping[str, Sheets] = {
    **{
        f"a cell beside {kind} that may name a thing: {cell}": of_things(
            f'Pier,Thing,field_thing,a,{kind},"{cell}"'
        )
        for kind, cell in (
            *(("Entity reference", "Tide"), ("own code", "Tides")),
            *(("Paragraphs", "S1 / S2 only"), ("Ref (media)", "Chart"), ("own code", "Chart")),
            *(("own code", "default: Tide"), ("own code", "Tide and time"), ("own code", "Ad")),
            *(("Text (plain)", "Tide"), ("Paragraphs", "All components")),
            *(("Text (plain)", "All components"), ("Entity reference", "Vocabulary: Tide")),
        )
    },
    # “S1” of a plan was what every field referred to, texts and titles too
    "a column of turns that are called like a thing is no target": of_things(
        *("Pier,Title,title,a,Title,Tide,", "Pier,High,field_high,a,Text (plain),Tide,"),
        "Pier,Chart,field_chart,a,Ref (media),Tide,Chart",
        *("Pier,Own,field_own,a,own code,Tide,", "Pier,Body,body,a,Title,,Tide"),
        header="Turn,Options",
    ),
    # a name of two types, or of none, was no target, and with it none of the list was one
    "each name in a list of targets stands for itself": of_things(
        *('Pier,F1,f_1,a,Brick,"Log entry, Chart"', "Pier,F2,f_2,a,Term,Tide"),
        *("Pier,F3,f_3,a,Term,Tide", "Pier,F4,f_4,a,Term,Ebb", "Pier,F5,f_5,a,Link,Ebb"),
        header="Goes to",
    ),
    **{
        f"the type of a field says which of two names is meant: {kind}": of_things(
            f"Pier,A,a,a,{kind},Chart", header="Ref. bundle"
        )
        for kind in ("Paragraphs", "Media", "Own")
    },
    # a field `tide` referred to the vocabulary of that name
    "machine names beside fields are no targets": {
        "Things.csv": THINGS,
        "Fields.csv": "Bundle,Field label,Field id,Field type\n"
        "Pier,High,tide,own\nPier,Low,ebb,own\nPier,Map,chart,own\n",
        "More fields.csv": "Bundle,Field label,Machine name,Note\nPier,Depth,field_depth,deep\n",
    },
}

BOATS = "Name,Machine name,Type\nPier,pier,Content type\nBoat,boat,Content type\n"
KEEPER = "K-1,Pier,Keeper,field_keeper,Email,3,Who has the keys,Ask Ada,"


def of_boats(*rows: str) -> Sheets:
    header = "Key,Bundle,Field label,Machine name,Field type,Vals.,Help text,Remark,More"
    return {"Types.csv": BOATS, "Fields.csv": "\n".join((header, *rows, ""))}


BY_ROWS: Mapping[str, Sheets] = {
    # its type contradicted that of the other, and all else that it has was missing
    **{
        f"a row like another takes what it leaves blank, and keeps what it says: {cell}": of_boats(
            KEEPER, f"K-2,Boat,Captain,,{cell},,Who steers,,"
        )
        for cell in ("↺ K-1", "as K-1", "K-1", "see K-1", "Same as row K-1", "= k-1")
    },
    # what puts off the other row is said of that one alone
    "a row that is like another is not put off with it": of_boats(
        KEEPER, "K-2,Boat,Captain,,as K-3,,,,", 'K-3,Pier,Mate,,Link,,,,"later, with the shop"'
    ),
    "a row may be like one that is like another, and none is like itself": of_boats(
        *(KEEPER, "K-2,Boat,Captain,,as K-1,2,,,", "K-3,Boat,Mate,,as K-2,,,,"),
        "K-4,Boat,Cook,,as K-4,,,,",
    ),
    **{
        f"a row with a type that only mentions another is not like it: {remark}": of_boats(
            KEEPER, f"K-2,Boat,Length,field_length,Link,,,,{remark}"
        )
        for remark in ("see K-1", "K-1", "longer than K-1")
    },
    "a number in a row without a type names no row": of_boats(
        *("1,Pier,Keeper,field_keeper,Email,3,,,", "2,Boat,Mate,,,1,,,"),
        "3,Boat,Cook,,Link,2,,,",
    ),
    "a field may be as in another bundle that has it": of_boats(
        KEEPER, "K-2,Boat,Keeper,field_keeper,as Pier,,,,"
    ),
}
CASES = {**BY_FIELDS, **BY_NAMES, **BY_PARTS, **BY_LISTS, **BY_CELLS, **BY_ROWS}
