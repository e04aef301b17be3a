"""What a block shows, as plain numbers and class names: nothing else's id, name or place."""

from collections.abc import Mapping, Sequence
from typing import Any

from results.blocks.curves import kept_of
from results.blocks.kinds import Block
from results.exports.grid import counts_of
from results.matrix import TABLE_LIMIT, confusions
from results.report import report
from results.verdict import LOWER_IS_BETTER

Result = Mapping[str, Any]
Results = Mapping[str, Result]  # of finished evaluations, by uid
Taken = dict[str, Any]

NOT_THERE = "This result is not finished, or no longer there."
NOTHING = "This result has nothing of that kind."
MOST_ROWS = 50
CLASSES = (
    ("Class", "text"),
    ("Precision", "share"),
    ("Recall", "share"),
    ("F1", "share"),
    ("There are", "count"),
    ("It says", "count"),
)
MISTAKES = (("Really is", "text"), ("Taken for", "text"), ("Rows", "count"), ("Of those", "share"))
SLICES = (
    ("Where", "text"),
    ("Is", "text"),
    ("Rows", "count"),
    ("Measured by", "text"),
    ("There", "number"),
    ("Elsewhere", "number"),
)


def taken(block: Block, results: Results) -> Taken:
    """What `block` shows of `results`; with a `problem` instead when there is nothing to show."""
    shown = {"kind": block["kind"], "heading": block["heading"]}
    if block["kind"] == "text":
        return shown | {"text": block["text"]}
    if block["kind"] == "comparison":
        return shown | _comparison(block, results)
    result = results.get(block["evaluation"])
    if result is None:
        return shown | {"problem": NOT_THERE}
    return shown | TAKE[block["kind"]](block, result)


def _metric(_: Block, result: Result) -> Taken:
    figures = [
        {
            "name": figure.name,
            "label": figure.label,
            "hint": figure.hint,
            "value": figure.value,
            "baseline": figure.baseline,
            "format": "share" if figure.is_share else "number",
            "interval": figure.interval,
        }
        for figure in report(result).figures
    ]
    return {"figures": figures} if figures else {"problem": NOTHING}


def _matrix(block: Block, result: Result) -> Taken:
    """Of more classes than a table holds, their most frequent mistakes."""
    if not result["confusion"]:
        return {"problem": NOTHING}
    if len(result["labels"]) > TABLE_LIMIT:
        return _mistakes(result)
    labels = [str(label) for label in result["labels"]]
    return {"view": block["view"], "labels": labels, "counts": counts_of(result)}


def _curve(block: Block, result: Result) -> Taken:
    kept = kept_of(block["figure"], result)
    if kept is None:
        return {"figure": block["figure"], "problem": NOTHING}
    return {"figure": block["figure"], "result": kept}


def _table(block: Block, result: Result) -> Taken:
    found = {"classes": _classes, "slices": _slices, "mistakes": _mistakes}[block["of"]](result)
    return {"of": block["of"]} | (found if found["rows"] else {"problem": NOTHING})


def _classes(result: Result) -> Taken:
    rows = [
        [
            one.label,
            one.score.precision if one.score.guessed else None,
            one.score.recall if one.score.support else None,
            one.score.f1,
            one.score.support,
            one.score.guessed,
        ]
        for one in report(result).classes
    ]
    return {"columns": [list(column) for column in CLASSES], "rows": rows}


def _slices(result: Result) -> Taken:
    fields = ("column", "value", "rows", "metric", "value_here", "value_rest")
    found = result.get("outcome", {}).get("slices", [])[:MOST_ROWS]
    rows = [[one.get(field) for field in fields] for one in found]
    return {"columns": [list(column) for column in SLICES], "rows": rows}


def _mistakes(result: Result) -> Taken:
    found = confusions(result["labels"], counts_of(result), limit=MOST_ROWS)
    rows = [[one.actual, one.predicted, one.count, one.share] for one in found]
    return {"columns": [list(column) for column in MISTAKES], "rows": rows}


def _images(block: Block, result: Result) -> Taken:
    labels = [str(label) for label in result["labels"]]
    if max(block["actual"], block["predicted"]) >= len(labels):
        return {"problem": "This result has no such classes."}
    if not block.get("pictures"):
        return {"problem": block.get("untold") or "No row of this cell has a picture."}
    cell = {"actual": labels[block["actual"]], "predicted": labels[block["predicted"]]}
    return cell | {"pictures": block["pictures"]}


def _comparison(block: Block, results: Results) -> Taken:
    """Of those still there: each figure that they have, beside each other, and which is best."""
    there = [
        (name, report(results[uid]).figures)
        for uid, name in zip(block["evaluations"], block["names"], strict=True)
        if uid in results
    ]
    if len(there) < 2:
        return {"problem": "Fewer than two of these results are there."}
    if len({results[uid].get("task") for uid in block["evaluations"] if uid in results}) > 1:
        return {"problem": "These results answer different questions."}
    by_name = [{figure.name: figure for figure in figures} for _, figures in there]
    rows = []
    for figure in there[0][1]:
        if all(figure.name in found for found in by_name):
            values = [found[figure.name].value for found in by_name]
            form = "share" if figure.is_share else "number"
            best = _best(values, is_error=figure.name in LOWER_IS_BETTER)
            rows.append({"label": figure.label, "format": form, "values": values, "best": best})
    return {
        "names": [name for name, _ in there],
        "rows": rows,
        "sentences": block.get("sentences", []),
        **_overlaid(block, results),
    }


def _overlaid(block: Block, results: Results) -> Taken:
    """The curve that all of them have, over each other."""
    there = [uid for uid in block["evaluations"] if uid in results]
    for figure in OVERLAID:
        kept = [kept_of(figure, results[uid]) for uid in there]
        if all(kept):
            return {"figure": figure, "results": kept}
    return {}


def _best(values: Sequence[float | None], *, is_error: bool) -> int | None:
    """The place of the best value; None for a tie, or where one is missing."""
    found = [value for value in values if value is not None]
    if len(found) < len(values):
        return None
    best = min(found) if is_error else max(found)
    return found.index(best) if found.count(best) == 1 else None


OVERLAID = ("pr", "roc")
TAKE = {
    "metric": _metric,
    "matrix": _matrix,
    "curve": _curve,
    "table": _table,
    "images": _images,
}
