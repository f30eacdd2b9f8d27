"""The part of JQL the sandbox understands, as SQL.

Clauses joined with AND over project, key, labels, summary, text, issue type, priority, parent,
sprint and status; ORDER BY key, created, updated, priority or summary. Everything else is refused, never
guessed. Not here: what single clauses mean (`jql_clauses`),
paging and answering (`search_calls`).

    jql       = [clause ("AND" clause)*] ["ORDER" "BY" order ("," order)*]
    clause    = field operator value | field ["NOT"] "IN" "(" value ("," value)* ")"
              | field "IS" ["NOT"] "EMPTY"
    order     = field ["ASC" | "DESC"]
"""

import re
import sqlite3
from dataclasses import dataclass

from jira_pipeline.errors import RefusedError
from jira_pipeline.jira_sandbox.exchange import refuse
from jira_pipeline.jira_sandbox.jql_clauses import CLAUSES, Condition, any_of, is_empty

TOKEN = re.compile(
    r"""\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'"""
    r"""|(?P<sign>!=|!~|<=|>=|[=<>~(),])|(?P<word>[^\s=!<>~(),"']+))"""
)
UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
ORDER_COLUMNS = {
    "key": ("project_key", "number"),
    "issuekey": ("project_key", "number"),
    "id": ("issue.id",),
    "created": ("issue.created_at",),
    "updated": ("issue.updated_at",),
    "priority": ("CAST(issue.priority_id AS INTEGER)",),
    "summary": ("issue.summary",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A JQL text, understood."""

    conditions: tuple[Condition, ...]
    order_sql: str

    def where(self) -> Condition:
        """Join the conditions."""
        return Condition(
            sql=" AND ".join(f"({one.sql})" for one in self.conditions),
            values=tuple(value for one in self.conditions for value in one.values),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, a quoted text or a sign."""

    text: str
    is_quoted: bool = False

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of the words or signs, in any case."""
        return not self.is_quoted and self.text.lower() in words


def parse_jql(text: str, *, rows: sqlite3.Connection) -> Query:
    """Understand a JQL text.

    Raises:
        RefusedError: It is unbounded, not JQL, or beyond the part understood here.
    """
    tokens = _Tokens(_split(text))
    conditions: list[Condition] = []
    if not tokens.is_next("order") and not tokens.is_at_end():
        conditions.append(_read_clause(tokens, rows))
        while tokens.take_if("and"):
            conditions.append(_read_clause(tokens, rows))
    order_sql = _read_order(tokens)
    if not tokens.is_at_end():
        raise _not_jql(f"Expecting end of query but got '{tokens.take().text}'.")
    if not conditions:
        raise refuse(UNBOUNDED)
    return Query(conditions=tuple(conditions), order_sql=order_sql)


class _Tokens:
    """Tokens still to be read."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens

    def is_at_end(self) -> bool:
        return not self._tokens

    def is_next(self, *words: str) -> bool:
        return bool(self._tokens) and self._tokens[0].is_word(*words)

    def take(self) -> Token:
        if not self._tokens:
            raise _not_jql("Unexpected end of query.")
        return self._tokens.pop(0)

    def take_if(self, *words: str) -> bool:
        if not self.is_next(*words):
            return False
        self.take()
        return True

    def expect(self, word: str) -> None:
        token = self.take()
        if not token.is_word(word):
            raise _not_jql(f"Expecting '{word}' but got '{token.text}'.")


def _not_jql(reason: str) -> RefusedError:
    return refuse(f"Error in the JQL Query: {reason}")


def _split(text: str) -> list[Token]:
    tokens: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        found = TOKEN.match(text, position)
        if not found:
            raise _not_jql(f"The character '{text[position:].strip()[:1]}' is not expected here.")
        kind = str(found.lastgroup)
        value = found[kind]
        is_quoted = kind in {"double", "single"}
        tokens.append(
            Token(text=re.sub(r"\\(.)", r"\1", value) if is_quoted else value, is_quoted=is_quoted)
        )
        position = found.end()
    return tokens


def _read_clause(tokens: _Tokens, rows: sqlite3.Connection) -> Condition:
    name = tokens.take().text
    field = CLAUSES.get(name.lower())
    if field is None:
        raise refuse(f"Field '{name}' does not exist or you do not have permission to view it.")
    if tokens.take_if("is"):
        is_not = tokens.take_if("not")
        tokens.expect("empty")
        return is_empty(name.lower(), is_not=is_not)
    is_not = tokens.take_if("not")
    if tokens.is_next("in"):
        tokens.expect("in")
        return any_of(field, rows, values=_read_values(tokens), is_not=is_not)
    sign = tokens.take().text.lower()
    value = tokens.take().text
    if sign == "!=":
        return any_of(field, rows, values=[value], is_not=True)
    return field(rows, sign, value)


def _read_values(tokens: _Tokens) -> list[str]:
    tokens.expect("(")
    values = [tokens.take().text]
    while tokens.take_if(","):
        values.append(tokens.take().text)
    tokens.expect(")")
    return values


def _read_order(tokens: _Tokens) -> str:
    if not tokens.take_if("order"):
        return "issue.created_at DESC, issue.id DESC"
    tokens.expect("by")
    terms = [_read_order_term(tokens)]
    while tokens.take_if(","):
        terms.append(_read_order_term(tokens))
    # Ties follow the id in the direction of the first term: pages never overlap.
    direction = "DESC" if terms[0].endswith("DESC") else "ASC"
    return f"{', '.join(terms)}, issue.id {direction}"


def _read_order_term(tokens: _Tokens) -> str:
    name = tokens.take().text
    columns = ORDER_COLUMNS.get(name.lower())
    if columns is None:
        raise refuse(f"Not able to sort using field '{name}'.")
    direction = "DESC" if tokens.take_if("desc") else "ASC"
    tokens.take_if("asc")
    return ", ".join(f"{column} {direction}" for column in columns)
