"""Names of files and worksheets: which suffix is a workbook, what people call a sheet.

Belongs here: taking `Spec.xlsx:Fields` apart and putting it together, the noun of what a sheet lists.
Does not: which kind of sheet it is (`sheets/reading`).
"""

import re

WORKBOOK_SUFFIX = ".xlsx"
"""Of workbooks that are written."""
WORKBOOK_SUFFIXES = frozenset({WORKBOOK_SUFFIX, ".ods", ".xls"})
"""A file whose name ends so holds several sheets."""
WORKBOOK_SUFFIXES_TEXT = ".xlsx, .ods or .xls"
OTHER_WORKBOOK_SUFFIXES = frozenset({".xlsm", ".xlsb", ".xltx", ".numbers", ".gsheet"})
PACKAGE_SUFFIX = ".zip"
"""A file whose name ends so is an export package of several components."""
_CONTAINERS = "|".join(suffix[1:] for suffix in sorted({*WORKBOOK_SUFFIXES, PACKAGE_SUFFIX}))
_BELOW = " · "
_PART = re.compile(rf"(.+?\.(?:{_CONTAINERS})):(.+)", re.IGNORECASE | re.DOTALL)
_SHEET = re.compile(rf"(.+?\.(?:csv|tsv|{_CONTAINERS}))(?:{_BELOW}.+)?", re.IGNORECASE | re.DOTALL)
"""A file of one sheet, and the title of a table in it if any; its own name may hold a dot, too."""
SHEET_PREFIX = re.compile(r"^(?:.* - |[A-Z0-9]{2,}_|\d+\w?[ ._-]+)")
_PLURAL = re.compile(
    r"(?:(?P<y>[^aeiou\W])ies|(?P<es>x|ch|sh|ss)es|(?P<s>[^suiw\W]|(?<=\bmen)u)s)$"
)


def worksheet_name(file_name: str, worksheet: str) -> str:
    """Return how a worksheet is cited: `Spec.xlsx:Fields`."""
    return f"{file_name}:{worksheet}"


def containing_file(name: str) -> str:
    """Return the file that a name cites: `Spec.xlsx` for `Spec.xlsx:Fields`.

    It is for names that people read. Files are opened by `SourceFile.file_name`.
    """
    match = _PART.fullmatch(name)
    return name if match is None else match.group(1)


def is_of_file(name: str, file_name: str) -> bool:
    """Tell whether a name cites a file, or a worksheet, component or table in it."""
    return name == file_name or name.startswith((f"{file_name}:", f"{file_name}{_BELOW}"))


def sheet_title(name: str) -> str:
    """Return what a sheet is called without its workbook: `Fields` for `Spec.xlsx:Fields`."""
    match = _PART.fullmatch(name)
    return name if match is None else match.group(2)


def part_name(sheet: str, title: str) -> str:
    """Return how a table is cited that is below another in its sheet: `Spec.xlsx:Roles · Rights`."""
    return f"{sheet}{_BELOW}{title}"


def whole_sheet(name: str) -> str:
    """Return the sheet that a table is in: `Roles` for `Roles · Rights`."""
    match = _SHEET.fullmatch(name)
    return name.partition(_BELOW)[0] if match is None else match.group(1)


def sheet_noun(name: str) -> str:
    """Return what one row of a custom sheet is: `menu` for `Site - Menus.csv`, else its entry."""
    title = re.sub(r"\.csv$", "", sheet_title(name), flags=re.IGNORECASE)
    title = SHEET_PREFIX.sub("", title).replace("_", " ").strip()
    match = _PLURAL.search(title.casefold())
    if match is None:
        return f"{title} entry"
    ending = f"{match['y']}y" if match["y"] else match["es"] or match["s"]
    return title.casefold()[: match.start()] + ending
