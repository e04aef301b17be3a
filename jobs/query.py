"""The query language of the job list: a text becomes a tree, or an error with its place. Pure.

    metric.validation:auc > 0.9 and (param.max_depth <= 6 or not tag:baseline) "two words"

Conditions side by side must all hold, like those with `and` between them; `or` binds weakest. A
word alone is looked for in names. docs/searching.md describes the language for people.
"""

import re
from dataclasses import dataclass

from core.errors import UserError
from jobs.fields import OPERATORS, UNSTORABLE, VALUES, Value, reader, unknown

LONGEST, DEEPEST, MOST = 2_000, 20, 40  # characters, parentheses, conditions
TOKEN = re.compile(
    r"""(?P<open>\() | (?P<close>\)) | (?P<operator>[!<>]=|[=<>~])
      | "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<word>[^\s()"=!<>~]+)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Word:
    """A text that a job is called by."""

    text: str


@dataclass(frozen=True)
class Condition:
    """`name` is of the parameter or metric. A timedelta with `created` reads "that long ago"."""

    field: str
    operator: str
    value: Value
    name: str = ""


@dataclass(frozen=True)
class Not:
    node: "Node"


@dataclass(frozen=True)
class Every:
    nodes: tuple["Node", ...]


@dataclass(frozen=True)
class Some:
    nodes: tuple["Node", ...]


Node = Word | Condition | Not | Every | Some


class BadQuery(UserError):
    """`text` cannot be understood at `start` to `end`; the message says what may stand there."""

    status = 422

    def __init__(self, text: str, start: int, end: int, expected: str) -> None:
        super().__init__(f"Column {start + 1}: {expected}", field="query")
        self.text, self.start, self.end = text, start, end

    @property
    def parts(self) -> tuple[str, str, str]:
        """The text before the place, at it, and after it."""
        return self.text[: self.start], self.text[self.start : self.end], self.text[self.end :]


@dataclass(frozen=True)
class Token:
    kind: str  # open, close, operator, quoted, word or end
    text: str
    start: int
    end: int

    def says(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


def parse(text: str) -> Node | None:
    """The tree of `text`; None when it says nothing. BadQuery where it cannot be understood."""
    if len(text) > LONGEST:
        raise BadQuery(text, LONGEST, len(text), f"a query has at most {LONGEST:,} characters.")
    if (sign := UNSTORABLE.search(text)) is not None:
        raise BadQuery(text, sign.start(), sign.end(), "this sign cannot be looked for.")
    return _Parser(text).tree() if text.strip() else None


def mentions(node: Node | None, field: str) -> bool:
    """Whether any condition of the tree is about `field`."""
    if isinstance(node, Every | Some):
        return any(mentions(one, field) for one in node.nodes)
    if isinstance(node, Not):
        return mentions(node.node, field)
    return isinstance(node, Condition) and node.field == field


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if at == len(text):
            return [*found, Token("end", "", at, at)]
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            what = "the quotation has no end." if text[at] == '"' else "put this sign in quotes."
            raise BadQuery(text, at, len(text) if text[at] == '"' else at + 1, what)
        token = match[match.lastgroup]
        if match.lastgroup == "quoted":
            token = re.sub(r"\\(.)", r"\1", token)
        found.append(Token(match.lastgroup, token, at, match.end()))
        at = match.end()


class _Parser:
    """Recursive descent over the tokens; each method reads one rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = self.depth = self.conditions = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def wrong(self, expected: str, token: Token | None = None) -> BadQuery:
        token = token or self.next
        return BadQuery(self.text, token.start, token.end, expected)

    def tree(self) -> Node:
        node = self.some()
        if self.next.kind != "end":
            raise self.wrong("no parenthesis is open here.")
        return node

    def some(self) -> Node:
        nodes = [self.every()]
        while self.next.says("or"):
            self.take()
            nodes.append(self.every())
        return nodes[0] if len(nodes) == 1 else Some(tuple(nodes))

    def every(self) -> Node:
        nodes = [self.one()]
        while not (self.next.kind in ("end", "close") or self.next.says("or")):
            if self.next.says("and"):
                self.take()
            nodes.append(self.one())
        return nodes[0] if len(nodes) == 1 else Every(tuple(nodes))

    def one(self) -> Node:
        """`not` one, one in parentheses, or a condition."""
        token = self.take()
        if not (token.says("not") or token.kind == "open"):
            return self.condition(token)
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong(f"at most {DEEPEST} parentheses and nots within each other.", token)
        node = Not(self.one()) if token.kind == "word" else self.inner(token)
        self.depth -= 1
        return node

    def inner(self, opened: Token) -> Node:
        node = self.some()
        if self.next.kind != "close":
            raise self.wrong("this parenthesis is not closed.", opened)
        self.take()
        return node

    def condition(self, token: Token) -> Node:
        self.conditions += 1
        if self.conditions > MOST:
            raise self.wrong(f"a query has at most {MOST} conditions.", token)
        if token.kind == "quoted" and self.next.kind != "operator":
            return Word(token.text)
        if token.kind != "word" or token.text.lower() in ("and", "or"):
            raise self.wrong("a condition, like status = Failed, or a word of a name.", token)
        field, name = self.field(token)
        if field and self.next.kind == "operator":
            operator = self.take()
            return self.compared(field, name, operator, self.take())
        if not field and self.next.kind != "operator":
            return self.word(token)
        if not field:
            raise self.wrong(unknown(token.text), token)
        raise self.wrong(f"{' '.join(OPERATORS[field])} and a value after {token.text}.")

    def field(self, token: Token) -> tuple[str, str]:
        """The field and, of params and metrics, the name; ("", "") for what is no field."""
        head, dot, name = token.text.partition(".")
        if head.lower() in VALUES and dot:
            glued = self.next.kind == "quoted" and self.next.start == token.end
            if not name and glued:
                name = self.take().text
            if not name:
                raise self.wrong(f"the name of the {head.lower()}, like {head}.eta.", token)
            return head.lower(), name
        known = token.text.lower() in OPERATORS and token.text.lower() not in VALUES
        # A field's name by itself may well be a word of a job's name.
        return (token.text.lower(), "") if known and self.next.kind == "operator" else ("", "")

    def word(self, token: Token) -> Node:
        """`field:value` for what has words, a text to look for otherwise."""
        head, colon, rest = token.text.partition(":")
        field = head.lower()
        if not colon or field not in OPERATORS or field in VALUES:
            return Word(token.text)
        operator = Token("operator", "=", token.start + len(head), token.start + len(head) + 1)
        value = Token("word", rest, operator.end, token.end) if rest else self.take()
        return self.compared(field, "", operator, value)

    def compared(self, field: str, name: str, operator: Token, value: Token) -> Condition:
        if operator.text not in OPERATORS[field]:
            raise self.wrong(f"{field} takes {' '.join(OPERATORS[field])}.", operator)
        if value.kind not in ("word", "quoted"):
            raise self.wrong(f"a value after {operator.text}.", value)
        try:
            read = reader(field, operator.text)(value.text)
        except ValueError as error:
            raise self.wrong(str(error), value) from None
        return Condition(field, operator.text, read, name)
