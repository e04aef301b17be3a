"""What a new report begins with, before its author has written a word."""

import re
from collections.abc import Mapping
from typing import Any

from results.blocks.curves import available
from results.blocks.kinds import Block, new_id
from results.report import report

OFFERED = ("pr", "scatter")  # the curve of a report that nobody has touched
MARKS = re.compile(r"([\\`*_\[\]<>|~&])")  # what begins anything in the middle of a line


def first_blocks(results: Mapping[str, Mapping[str, Any]]) -> list[Block]:
    """A summary in words first; then the comparison of several, or the figures of one."""
    if not results:
        return [text("", "Write what the reader should know.")]
    if len(results) == 1:
        ((uid, result),) = results.items()
        return [text("In short", summary(result)), *_of_one(uid, result)]
    names = {uid: f"Model {place}" for place, uid in enumerate(results, start=1)}
    blocks = [text(f"{names[uid]} in short", summary(result)) for uid, result in results.items()]
    blocks.append(
        _block("comparison", "Side by side", evaluations=list(names), names=list(names.values()))
    )
    for uid, result in results.items():
        if result["labels"]:
            blocks.append(_matrix(uid, names[uid]))
    return blocks


def summary(result: Mapping[str, Any]) -> str:
    """The generated sentences as Markdown; names of classes stay what they are."""
    first, *rest = [_plain(sentence) for sentence in report(result).sentences] or [""]
    return "\n".join([f"**{first}**", "", *(f"* {sentence}" for sentence in rest)]).strip()


def _plain(sentence: str) -> str:
    return MARKS.sub(r"\\\1", sentence)


def text(heading: str, words: str) -> Block:
    return _block("text", heading, text=words)


def _of_one(uid: str, result: Mapping[str, Any]) -> list[Block]:
    blocks = [_block("metric", "In figures", evaluation=uid)]
    if result["labels"]:
        blocks.append(_matrix(uid))
    figures = [figure for figure in OFFERED if figure in available(result)]
    blocks += [_block("curve", "", evaluation=uid, figure=figure) for figure in figures]
    if result["labels"]:
        blocks.append(_block("table", "By class", evaluation=uid, of="classes"))
    if (result.get("outcome") or {}).get("slices"):
        blocks.append(_block("table", "Where it is weakest", evaluation=uid, of="slices"))
    return blocks


def _matrix(uid: str, name: str = "") -> Block:
    heading = f"What {name} takes for what" if name else "What it takes for what"
    return _block("matrix", heading, evaluation=uid, view="counts")


def _block(kind: str, heading: str, **fields: Any) -> Block:
    return {"id": new_id(), "kind": kind, "heading": heading} | fields
