"""Metric definitions: the regular expressions that find metrics in a job's log. Pure.

The limits are CreateTrainingJob's. AWS matches them against the lines as CloudWatch holds them.
"""

import re
import time
from collections.abc import Iterator, Mapping
from re import _constants, _parser  # type: ignore[attr-defined]  # no stubs; the tree of a pattern
from typing import Any

MOST = 40
NAME_LENGTH = 255
REGEX_LENGTH = 500
LINE_LENGTH = 1_000  # of a line that is searched: what a metric stands in is short
MOST_REPEATS = 8
# A search in a hostile text of so many signs may take so many seconds of processor time.
TRIALS = ((32, 0.002), (128, 0.01), (LINE_LENGTH, 0.05))

_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)


def problems(definitions: Mapping[str, str]) -> list[str]:
    """What is wrong with {name: regular expression}, in sentences that begin with the name."""
    found = [
        f"{name[:60]}: {problem}"
        for name, regex in definitions.items()
        if (problem := _problem(name, regex))
    ]
    return found + ([f"AWS takes at most {MOST} metrics."] if len(definitions) > MOST else [])


def read(definitions: Mapping[str, str], line: str) -> Iterator[tuple[str, float]]:
    """Each (metric, value) in a line; what is no number is passed over, as AWS does."""
    line = line[:LINE_LENGTH]
    for name, regex in definitions.items():
        found = _compiled(regex).search(line)
        number = found[1] if found and found.re.groups else None
        try:
            value = float(number or "")
        except ValueError:
            continue
        yield name, value


def _compiled(regex: str) -> re.Pattern[str]:
    """Anchored where it begins with `.*`: such a search tries every start and finds at the first.

    What does not compile, in a job that others launched, finds nothing.
    """
    try:
        return re.compile(rf"\A(?:{regex})" if regex.startswith(".*") else regex)
    except re.error:
        return re.compile(r"(?!)")


def _problem(name: str, regex: str) -> str:
    if not name.isprintable() or len(name) > NAME_LENGTH:
        return f"a name has at most {NAME_LENGTH} printable signs."
    if not regex or len(regex) > REGEX_LENGTH:
        return f"a regular expression has 1 to {REGEX_LENGTH} signs."
    try:
        tree = _parser.parse(regex)
    except (re.error, RecursionError, OverflowError) as error:
        return f"this is no regular expression: {error}."
    if tree.state.groups < 2:  # the whole match counts
        return "put the number in a group, such as loss=([0-9.]+)."
    if _is_ambiguous(tree, inside=False) or _repeats(tree) > MOST_REPEATS or _is_slow(regex):
        return (
            "some lines would take very long to search. Do not repeat what repeats itself, and"
            " put plain text between the parts that may be long."
        )
    return ""


def _is_ambiguous(tree: Any, *, inside: bool) -> bool:
    """A repeat or an alternative within a repeat, or a reference back: the exponential kinds."""
    for operator, argument in tree:
        if operator in (_constants.GROUPREF, _constants.GROUPREF_EXISTS):
            return True
        if inside and operator in (*_REPEATS, _constants.BRANCH) and _varies(operator, argument):
            return True
        many = operator in _REPEATS and argument[1] > 1
        if any(_is_ambiguous(part, inside=inside or many) for part in _parts(argument)):
            return True
    return False


def _varies(operator: Any, argument: Any) -> bool:
    return bool(operator == _constants.BRANCH or argument[0] != argument[1])


def _repeats(tree: Any) -> int:
    """How many repeats without a small end there are."""
    return sum(
        (operator in _REPEATS and argument[1] > MOST_REPEATS)
        + sum(_repeats(part) for part in _parts(argument))
        for operator, argument in tree
    )


def _parts(argument: Any) -> Iterator[Any]:
    """The patterns inside an operator's argument, however deep in its lists."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for one in argument:
            yield from _parts(one)


def _is_slow(regex: str) -> bool:
    """By trying: each size is tried only when the smaller ones were quick."""
    pattern = _compiled(regex)
    words = [word for word in re.findall(r"[\w:=<>, -]+", regex) if word]
    units = ["0", "a", " ", "=", ",", ".", *words, "".join(words)]
    for size, seconds in TRIALS:
        for unit in filter(None, dict.fromkeys(units)):
            text = (unit * size)[: max(size, 2 * len(unit))]
            begin = time.thread_time()
            pattern.search(text)
            if time.thread_time() - begin > seconds:
                return True
    return False
