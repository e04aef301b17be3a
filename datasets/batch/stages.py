"""A preparation on one machine, or divided: one machine plans, several write, one adds up.

Which split a row goes to, and what is fitted on training, depends on all rows. So `divide` reads
everything on one machine and keeps a few bytes a row; `write` then needs nothing but a part and
the lines of that plan about its rows, wherever it runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datasets import channels, preparing
from datasets.batch.files import below
from datasets.batch.order import Order
from datasets.batch.tables import Part, parts_of, sources_of
from datasets.channels import Lines
from datasets.formats.sniff import BadTable
from datasets.preparing import Plan, Result
from datasets.split import SPLITS
from datasets.survey import Survey

CHANNELS, RESULT, PLAN = "channels", "result", "plan"  # folders
ROWS = ("classes", "assigned", "times")  # what a plan says of each row
Facts = dict[str, Any]


def prepare(order: Order, given: Path, made: Path) -> None:
    """Everything at once: channels, and `result/result.json`."""
    result = preparing.run(
        order.recipe(),
        sources_of(_whole(order, given)),
        below(made / CHANNELS),
        seed=order.seed,
        stratify=order.stratify,
        progress=_Spoken().tell,
    )
    _store(made / RESULT / "result.json", asdict(result))


def divide(order: Order, given: Path, made: Path) -> None:
    """The plan for all rows, in `plan/`, and the artefacts."""
    import numpy as np

    parts = _whole(order, given)
    found = preparing.plan(
        order.recipe(), sources_of(parts), seed=order.seed, stratify=order.stratify
    )
    facts: Facts = {
        "labels": found.survey.labels,
        "encoding": found.encoding,
        "rows": [_height(part) for part in parts],
        "artefacts": preparing.artefacts(found.encoding, below(made / CHANNELS)),
    }
    if sum(facts["rows"]) != len(found.survey.assigned):
        raise BadTable("The data changed while it was read.", "Prepare it again.")
    _store(made / PLAN / "plan.json", facts)
    for name in ROWS:
        if (values := getattr(found.survey, name)) is not None:
            np.save(made / PLAN / f"{name}.npy", values, allow_pickle=False)


def write(order: Order, given: Path, made: Path) -> None:
    """The channels of the parts that are here, and `result/part-….json` for each."""
    facts = json.loads((given / PLAN / "plan.json").read_bytes())
    lines = Lines(order.recipe(), facts["encoding"])
    ends = [sum(facts["rows"][: number + 1]) for number in range(len(facts["rows"]))]
    for part in parts_of(order, given):
        if part.path is not None:
            end = ends[part.number]
            survey = _slice(given / PLAN, facts["labels"], end - facts["rows"][part.number], end)
            written = channels.write(
                lines,
                part.blocks(*lines.columns),
                survey,
                below(made / CHANNELS),
                part=part.number,
            )
            print(f"part {part.number + 1} is written", flush=True)  # noqa: T201  the job's log
            _store(made / RESULT / f"part-{part.number}.json", _written(written, survey.labels))


def summed(order: Order, plan: Facts, parts: Iterable[Facts]) -> Result:
    """What `write` did with all parts, as one result; a channel's path is then its folder.

    BadTable when a part is lacking.
    """
    import numpy as np

    found = list(parts)
    if len(found) != len(plan["rows"]):
        lacking = f"{len(plan['rows']) - len(found)} of {len(plan['rows'])}"
        raise BadTable(f"The job left {lacking} parts out.", "Prepare it again.")
    described: dict[str, Facts] = {}
    for part in found:
        for name, facts in part["channels"].items():
            described[name] = _added(described.get(name), facts, name)
    preview = [line for part in found for line in part["head"]][: channels.HEAD_LINES]
    nothing = np.empty(0)
    survey = Survey(plan["labels"], nothing.astype(np.int32), nothing.astype(np.uint8))
    return preparing.result(
        order.recipe(),
        Plan(survey, plan["encoding"]),
        {name: described[name] for name in SPLITS if name in described},
        preview=preview,
        artefacts=plan["artefacts"],
    )


def _added(sum_: Facts | None, facts: Facts, name: str) -> Facts:
    before: Mapping[str, Any] = sum_ or {"rows": 0, "bytes": 0, "counts": {}}
    counts = {label: n + before["counts"].get(label, 0) for label, n in facts["counts"].items()}
    return {
        "path": f"{name}/",
        "rows": before["rows"] + facts["rows"],
        "bytes": before["bytes"] + facts["bytes"],
        "content_type": facts["content_type"],
        "counts": counts,
    }


def _whole(order: Order, given: Path) -> list[Part]:
    parts = parts_of(order, given)
    for part in parts:
        if part.path is None:
            raise BadTable(f"Part {part.number + 1} of the data did not arrive.")
    return parts


def _height(part: Part) -> int:
    """How many rows it has: not every recipe has to read all parts."""
    if part.rows is None:
        for _ in part.blocks(()):
            pass
    return part.rows or 0


def _slice(folder: Path, labels: list[str], start: int, end: int) -> Survey:
    """The plan for some rows; the rest of it is not read."""
    import numpy as np

    rows: dict[str, Any] = {}
    for name in ROWS:
        path = folder / f"{name}.npy"
        if path.exists():
            values = np.load(path, mmap_mode="r", allow_pickle=False)
            rows[name] = np.array(values[start:end])
    return Survey(labels, **rows)


def _written(written: Iterable[channels.Channel], labels: list[str]) -> Facts:
    heads = [channel.head for channel in written if channel.split == "train"]
    return {
        "channels": {channel.split: channel.described(labels) for channel in written},
        "head": heads[0] if heads else [],
    }


def _store(path: Path, content: Facts) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


class _Spoken:
    """Progress as lines of the log, one for each tenth."""

    def __init__(self) -> None:
        self._tenth = 0

    def tell(self, percent: int) -> None:
        if percent // 10 > self._tenth:
            self._tenth = percent // 10
            print(f"{percent} %", flush=True)  # noqa: T201  the job's log
