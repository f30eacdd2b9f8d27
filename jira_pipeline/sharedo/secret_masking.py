"""Takes secrets out of configuration: passwords, tokens, connection strings, keys.

Belongs here: what counts as a secret, by the name of its field and by the shape of its value, and
what is shown for it. Does not: where values come from; a reader masks at its door, so that nothing
after it ever holds a secret.

A masked value is `[masked:1a2b3c4d5e]`: the digits are a keyed hash, so two values made with the
same key show whether the secret is the same, and without the key nothing can be tried against them.
"""

import hmac
import re
from functools import lru_cache

from jira_pipeline.sharedo.packages import JsonValue, WrittenNumber
from jira_pipeline.tickets.grouping.component_rows import MASK

_SECRET_NAME = re.compile(
    r"(?:^|-)(?:"
    r"[a-z]*(?:password|passwd|passphrase|passcode|secret|apikey|accesskey|secretkey|privatekey|"
    r"sharedkey|connectionstring|connstring|connstr)s?|"
    r"[a-z]*(?:pwd|token|jwt)|pass-?words?|pass|credentials?|"
    r"(?:access|auth|refresh|bearer|api)-tokens|"
    r"(?:api|access|account|shared|secret|private|encryption|signing|subscription|functions?|host|"
    r"master|licen[cs]e|auth|storage|symmetric|machine)-keys?|conn(?:ection)?-?str(?:ing)?s?|"
    r"sas(?:-ur[il])?|client-assertion|authorization|basic-auth|bearer|cookie|webhook-ur[il]|pfx)"
    r"(?:-(?:values?|text|hash|hashed|salt|encrypted|plain|base64|string|raw|current|old|new|"
    r"previous|primary|secondary|default|confirm|confirmation|[0-9]))*$"
)
"""Names of fields that hold secrets, in words joined by hyphens: by the last words, save that words
as in `PasswordHash`, `ApiKey2`, `SecretValue` may follow."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAME_FIELD = re.compile(
    r"(?:system|field|property)?name|key|field|setting|property|parameter|header|variable|title|"
    r"label|code|id|(?:data|input|field|value)?type|kind|format|control",
    re.IGNORECASE,
)
_SECRET_FLAG = re.compile(r"(?:is)?-?(?:secret|sensitive|confidential|encrypted)", re.IGNORECASE)
_VALUE_FIELD = re.compile(
    r"(?:default|string|current)?value|val|text|data|content|default", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"\s*(?:\{\{[^{}]*\}\}|\$\{[^{}]*\}|\{[A-Za-z][\w.]*\}|\[\[[^\[\]]*\]\]|#\{[^{}]*\}#?|%\w+%|<[\w -]+>|\*{3,}|\$\([\w.]+\)|@Microsoft\.KeyVault\([^()]*\))?\s*"
)
"""A placeholder: it stands for a secret that is elsewhere, or is masked already."""
_MASKED = re.compile(r"\[masked:[0-9a-f]{10}\]")
_NAMES_IN_TEXT = (
    r"(?:password|passwd|passphrase|pwd|secret|(?:api|access|account|private|subscription)[-_ ]?key|"
    r"shared[-_ ]?access[-_ ]?(?:key|signature)|(?:access|auth|refresh)[-_ ]?token)"
)
_SUSPECT = re.compile(
    _NAMES_IN_TEXT + r"|-----BEGIN|bearer|basic|://|[?&;](?:sig|sas|code|key|token)=", re.IGNORECASE
)
"""The beginnings of the patterns below; most texts have none, so the patterns are not tried."""
_IN_TEXT = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"-----BEGIN [A-Z ]{0,40}(?:PRIVATE KEY|CERTIFICATE)-----(?P<secret>[\s\S]+?)(?=-----END|\Z)",
        # JSON that could not be parsed, escaped or not
        _NAMES_IN_TEXT + r"""\\*["']\s*[:=]\s*\\*["'](?P<secret>[^"'\\]+)""",
        # attributes, connection strings, query strings, INI
        _NAMES_IN_TEXT + r"""\s*=(?!=)\s*(?:&quot;|["'])(?P<secret>[^"'&]+)""",
        _NAMES_IN_TEXT + r"""\s*=(?!=)\s*(?!&quot;)(?P<secret>[^;"'<>\s][^;"'<>\n]{0,200})(?=;)""",
        _NAMES_IN_TEXT + r"""\s*=(?!=)\s*(?P<secret>[^;&"'\s<>]+)""",
        # YAML
        r"^[ \t-]*[\w-]{0,40}?" + _NAMES_IN_TEXT + r"[ \t]*:[ \t]*(?P<secret>[^\s\"']\S*)[ \t]*$",
        # XML
        r"<[\w:-]{0,60}?" + _NAMES_IN_TEXT + r"(?:\s[^<>]{0,200})?>(?P<secret>[^<]+)</",
        # prose: only what looks unlike a word
        _NAMES_IN_TEXT + r"""\s*:\s*(?P<secret>(?=\S{0,100}[\d!@#$%^&*])[^\s"'<>,;]{6,})""",
        r"""[?&;](?:sig|sas|token)=(?P<secret>[^;&"'\s<>]{8,})""",
        r"""[?&;](?:code|key)=(?P<secret>(?=[^;&\s]{0,100}[0-9])[^;&"'\s<>]{10,})""",
        r"\b(?:bearer|basic)\s+(?P<secret>(?=\S{0,100}\d)[A-Za-z0-9+/._~-]{8,}=*)",
        r"""://[^\s/:@"'<>]{0,200}:(?P<secret>[^\s/"'<>]{1,200})@""",
    )
)
_SHAPES = re.compile(
    r"(?<![\w-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?"  # JSON web tokens
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bAIza[\w-]{30,}|\b[spr]k_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bATATT[\w=-]{20,}"
)
_RANDOM = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w+/=-])")
_RANDOM_CHARACTERS_MIN = 32
_RANDOM_CHANGES = 0.35
"""Share of neighbours of another class (upper, lower, digit): 0.6 in random base64, 0.2 in names."""
_CLASS_CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[a-z0-9])|(?<=[0-9])(?=[A-Za-z])")
_KEY = re.compile(r"[\w+/=~.-]{16,}")
_KEY_CHANGES = 0.25
_KEY_DIGITS = 3
_GUID = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|(?<![0-9a-z])(?:[0-9a-f]{32}|[0-9A-F]{32})(?![0-9a-z])",
    re.IGNORECASE,
)
"""A GUID is part of many names, such as `form-Intake-6f9619ff-…`, and no secret."""
_LOOKED_UP = re.compile(r"(?:system|file)-?_?name|storage-?_?file", re.IGNORECASE)
"""The field of a component's or file's name, by which it is looked up; it may look random."""


def mask_secrets(
    value: JsonValue, *, key: bytes, field: str = "", is_secret: bool = False
) -> JsonValue:
    """Return a value with each secret in it masked; `key` is private to this installation.

    `field` is the name of the field that has the value; `is_secret` says that it is part of a secret.
    Masking twice changes nothing.
    """
    is_secret = is_secret or names_a_secret(field)
    match value:
        case dict():
            holds_secret = any(_says_secret(name, inner) for name, inner in value.items())
            masked: dict[str, JsonValue] = {}
            for name, inner in value.items():
                is_value = holds_secret and _VALUE_FIELD.fullmatch(name) is not None
                masked[mask_text(name, key=key)] = mask_secrets(
                    inner, key=key, field=name, is_secret=is_secret or is_value
                )
            return masked
        case list():
            return [mask_secrets(inner, key=key, is_secret=is_secret) for inner in value]
        case WrittenNumber() if not is_secret:
            return value
        case str() if _LOOKED_UP.search(field):
            return value if is_masked(value) else mask_text(value, key=key, is_name=True)
        case str() if is_secret or _looks_like_key(field, value):
            return value if _is_harmless(value) else _mask(value, key)
        case str():
            return mask_text(value, key=key)
        case int() | float() if is_secret and not isinstance(value, bool):
            return _mask(str(value), key)
        case _:
            return value


def _says_secret(name: str, value: JsonValue) -> bool:
    """Tell whether a field says that another value of its object is a secret.

    It is a flag such as `"isSecret": true`, or a name such as `"key": "ClientSecret"`.
    """
    if value is True:
        return _SECRET_FLAG.fullmatch(name) is not None
    is_name = _NAME_FIELD.fullmatch(name) is not None
    return is_name and isinstance(value, str) and names_a_secret(value)


def mask_text(text: str, *, key: bytes, is_name: bool = False) -> str:
    """Return a text with each secret masked that can be recognised in it by its form.

    With `is_name` nothing is masked only because it looks random.
    """
    for pattern in _IN_TEXT if _SUSPECT.search(text) else ():
        text = pattern.sub(lambda match: _with_masked_group(match, key), text)
    text = _SHAPES.sub(lambda match: _mask(match[0], key), text)
    if is_name:
        return text
    return _RANDOM.sub(lambda f: _mask(f[0], key) if _is_random(f[0]) else f[0], text)


def is_masked(value: JsonValue) -> bool:
    """Tell whether a value contains a mask."""
    return isinstance(value, str) and _MASKED.search(value) is not None


@lru_cache(maxsize=10_000)
def names_a_secret(field: str) -> bool:
    """Tell whether a field of this name holds a secret: `ClientSecret`, `db_password`, `ApiKey2`."""
    return bool(_SECRET_NAME.search("-".join(_WORD.findall(field)).casefold()))


def _is_harmless(text: str) -> bool:
    """Tell whether the value of a secret field is a placeholder, a mask or no value at all."""
    return (
        _PLACEHOLDER.fullmatch(text) is not None
        or _MASKED.fullmatch(text) is not None
        or text.casefold() in {"null", "true", "false", "none", "undefined"}
    )


def _looks_like_key(field: str, text: str) -> bool:
    """Tell whether a field `…Key` has a secret: a text of random letters and digits, not a name."""
    text = _GUID.sub("", text)
    return (
        field.casefold().endswith("key")
        and _KEY.fullmatch(text) is not None
        and len(re.findall(r"[0-9]", text)) >= _KEY_DIGITS
        and len(_CLASS_CHANGE.findall(text)) >= _KEY_CHANGES * len(text)
    )


def _is_random(text: str) -> bool:
    """Tell whether a text looks random: long, with all classes of characters, changing often."""
    text = _GUID.sub("", text)
    if len(text) < _RANDOM_CHARACTERS_MIN:
        return False
    has_each_class = all(re.search(sort, text) for sort in ("[a-z]", "[A-Z]", "[0-9]"))
    return has_each_class and len(_CLASS_CHANGE.findall(text)) >= _RANDOM_CHANGES * len(text)


def _with_masked_group(match: re.Match[str], key: bytes) -> str:
    secret = match["secret"]
    if _is_harmless(secret):
        return match[0]
    begin, end = (place - match.start() for place in match.span("secret"))
    return match[0][:begin] + _mask(secret, key) + match[0][end:]


def _mask(secret: str, key: bytes) -> str:
    digest = hmac.new(key, secret.encode("utf-8", "replace"), "sha256").hexdigest()
    return f"[masked:{digest[:10]}]"


def without_digits(text: str) -> str:
    """Return a text whose masks have no digits: `[masked]`.

    So a ticket is the same whatever key the digits were made with.
    """
    return _MASKED.sub(MASK, text)
