"""Words the provenance check knows: numbers, file types, roles, and names any ticket may use.

Belongs here: closed lists. Does not: how they are used (`provenance`, `row_claims`).
"""

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TWO_TO_TWENTY = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
NUMBER_WORDS: Mapping[str, int] = {
    word: value for value, word in enumerate(_TWO_TO_TWENTY.split(), start=2)
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 1000000,
    "thrice": 3,
}
"""Counts as words; `one`, `no`, `once` and `twice` are said more often without counting."""

FRACTIONS = _words("half halve")
"""Shares in the singular, as `singular` makes it; nothing that is told is counted by them."""

FILE_TYPES = _words(
    "aac avi avif bmp csv doc docm docx dotx eps epub exe flac gif gz heic ico ics jpeg jpg "
    "js json jsx kml log m4a m4v md mkv mov mp3 mp4 mpeg mpg odp ods odt ogg ogv otf pdf php "
    "png pps ppsx ppt pptx psd rar rtf svg swf tar tgz tif tiff tsv ttf txt vcf wav webm webp wma "
    "wmv woff woff2 xls xlsm xlsx xml yaml yml zip"
)
"""Extensions people write in sheets and tickets; common words such as `pages` are not in it."""

COUNTED_NOUNS = _words(
    "block bundle column content display field label machine media migration mode name option "
    "paragraph permission place question reference role row setting state style term transition "
    "type value view vocabulary workflow"
)
"""What can be counted in the rows; a number of anything else must stand in a cell."""

NOUNS_OF_ANYTHING = _words("of item entry them these those")
"""What may follow a count of anything."""

AFTER_A_BARE_COUNT = _words(
    "and are can come do exist for from has have in is may must need on or share stay to use was "
    "were will with without"
)
"""What follows a count whose noun was said before, as in `all three are there`."""

STORY_ROLES = _words("admin administrator author builder content editor or site visitor")
"""Who may want something in a user story, whatever the sheets call their roles."""

ROLE_NOUNS = _words(
    "admin administrator approver auditor author contributor coordinator curator editor manager "
    "moderator owner publisher reviewer supervisor webmaster"
)
PEOPLE_NOUNS = _words("dean faculty member registrar staff student")
"""Who is a role on some sites and a word of the prose on others, where they are told of at all."""

GENERAL_ROLES = _words("admin administrator author editor")
"""What any site has, whatever its sheets call it."""

QUALIFIERS_OF_ANY_ROLE = _words(
    "a an the any all each every no other another only site content same both one that which this "
    "and or nor as by for to of from with without not but than what who if when while where "
    "let allow give help enable require ask tell show keep stop prevent "
    "these those such some many most two three four five six seven eight nine ten except"
)
"""What stands before a role without making it another one."""

CAPITALISED_WORDS = _words(
    "i drupal structure content type view taxonomy media people role configuration workflow "
    "paragraph custom block layout builder manage display form field image style responsive "
    "mode page embed attachment user vocabulary term menu path url html css javascript wysiwyg "
    "id jira x"
)
"""Names of Drupal's administration and of the web that no sheet has to say, in the singular."""

SUBJECT_VERBS = _words(
    "approves authenticates calls collects copies creates delivers does exports feeds fetches gets "
    "gives handles has holds hosts imports is keeps mirrors needs notifies offers owns processes "
    "provides publishes pulls pushes reads receives requires returns sends serves stores supplies "
    "syncs synchronises synchronizes takes tracks triggers updates uses wants was writes"
)
"""What one thing does: a word alone in front of it is a name, a mass noun or a pronoun."""

SUBJECTS_WITHOUT_ARTICLE = _words(
    "access all another any anybody anyone anything approval behaviour behavior both care code "
    "copy data default each either else empty every everybody everyone everything file he help "
    "here how html information input it language list markup moderation neither nobody none "
    "no-one nothing one only order other output part price progress proof reuse search she "
    "some somebody someone something space spam storage such text that there this time traffic "
    "what whatever when where whether which who whoever why work"
)
ENDINGS_OF_MASS_NOUNS = ("ing", "ion", "ity", "ment", "ness", "ance", "ence", "ship", "age", "ed")
"""`Translation is`, `Saving creates`, `Required is`."""

FREQUENT_WORDS = _words(
    "a an and are as at be by can for from has have in is it its no not of on only or so that the "
    "there they this to with without when which"
)
"""What English sentences are full of, and others are not."""
