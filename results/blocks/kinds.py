"""Which kinds of blocks there are, and which wishes for one are sound."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from core.errors import InvalidFields
from core.markdown import LIMIT
from results.blocks.curves import CURVES
from results.matrix import VIEWS

Block = dict[str, Any]
Problems = dict[str, list[str]]

KINDS = {
    "text": "Text",
    "metric": "Figures",
    "matrix": "Confusion matrix",
    "curve": "Curve",
    "table": "Table",
    "images": "Pictures of a cell",
    "comparison": "Comparison",
}
TABLES = {"classes": "By class", "slices": "Weakest slices", "mistakes": "Most frequent mistakes"}
MOST_BLOCKS = 50
MOST_COMPARED = 8
HEADING, NAME = 120, 40  # characters


def new_id() -> str:
    return secrets.token_hex(4)


def results_of(blocks: Sequence[Mapping[str, Any]]) -> set[str]:
    """The uids of the evaluations that `blocks` draw from."""
    found = {block["evaluation"] for block in blocks if block.get("evaluation")}
    return found.union(*(block.get("evaluations", ()) for block in blocks))


def check(wishes: Sequence[Mapping[str, Any]], known: Collection[str]) -> list[Block]:
    """The blocks that `wishes` ask for, with fields of their kind only.

    `known` holds the uids that a block may name. InvalidFields by `<block's id>-<field>`.
    """
    if len(wishes) > MOST_BLOCKS:
        raise InvalidFields({"blocks": [f"A report has at most {MOST_BLOCKS} blocks."]})
    blocks, problems = [], Problems()
    for wish in wishes:
        block, wrong = _checked(wish, known)
        blocks.append(block)
        problems |= {f"{block['id']}-{name}": told for name, told in wrong.items()}
    ids = [block["id"] for block in blocks]
    if len(set(ids)) < len(ids):
        problems["blocks"] = ["Two blocks have the same id."]
    if problems:
        raise InvalidFields(problems)
    return blocks


def _checked(wish: Mapping[str, Any], known: Collection[str]) -> tuple[Block, Problems]:
    kind = wish.get("kind", "")
    heading = str(wish.get("heading", "")).strip()
    name = str(wish.get("id") or new_id())
    block = {"id": name[:16] if name.isalnum() else new_id(), "kind": kind, "heading": heading}
    problems = Problems()
    if len(heading) > HEADING:
        problems["heading"] = [f"A heading has at most {HEADING} characters."]
    if kind not in KINDS:
        problems["kind"] = [f"A block is one of {', '.join(KINDS)}."]
        return block, problems
    if kind in ("metric", "matrix", "curve", "table", "images"):
        block["evaluation"] = str(wish.get("evaluation", ""))
        if block["evaluation"] not in known:
            problems["evaluation"] = ["Choose a result of this workspace."]
    if kind in OWN:
        more, wrong = OWN[kind](wish, known)
        block |= more
        problems |= wrong
    return block, problems


def _text(wish: Mapping[str, Any], _: Collection[str]) -> tuple[Block, Problems]:
    text = str(wish.get("text", "")).replace("\r\n", "\n").strip()
    too_long = len(text) > LIMIT
    wrong = {"text": [f"A text has at most {LIMIT:,} characters."]} if too_long else {}
    return {"text": text}, wrong


def _one_of(
    field: str, choices: Mapping[str, str]
) -> Callable[[Mapping[str, Any], Collection[str]], tuple[Block, Problems]]:
    def chosen(wish: Mapping[str, Any], _: Collection[str]) -> tuple[Block, Problems]:
        value = wish.get(field) or next(iter(choices))
        wrong = {} if value in choices else {field: [f"One of {', '.join(choices)}."]}
        return {field: value}, wrong

    return chosen


def _images(wish: Mapping[str, Any], _: Collection[str]) -> tuple[Block, Problems]:
    """`actual` and `predicted` are class codes: which cell's rows are shown.

    `results.gather` adds the `pictures`, and the `sentences` of a comparison.
    """
    block, problems = Block(), Problems()
    for field in ("actual", "predicted"):
        try:
            block[field] = int(wish.get(field) or 0)
        except (TypeError, ValueError):
            problems[field] = ["The number of a class."]
    return block, problems


def _comparison(wish: Mapping[str, Any], known: Collection[str]) -> tuple[Block, Problems]:
    """Readers see `names`, never those of the evaluations, which tell of endpoints."""
    uids = list(dict.fromkeys(str(uid) for uid in wish.get("evaluations") or [] if uid))
    given = [str(name).strip() for name in wish.get("names") or []]
    names = [
        given[i] if i < len(given) and given[i] else f"Model {i + 1}" for i in range(len(uids))
    ]
    problems = Problems()
    if not 2 <= len(uids) <= MOST_COMPARED:
        problems["evaluations"] = [f"Choose 2 to {MOST_COMPARED} results."]
    elif any(uid not in known for uid in uids):
        problems["evaluations"] = ["Choose results of this workspace."]
    if any(len(name) > NAME for name in names):
        problems["names"] = [f"A name has at most {NAME} characters."]
    return {"evaluations": uids, "names": names}, problems


OWN = {
    "text": _text,
    "matrix": _one_of("view", VIEWS),
    "curve": _one_of("figure", CURVES),
    "table": _one_of("of", TABLES),
    "images": _images,
    "comparison": _comparison,
}
