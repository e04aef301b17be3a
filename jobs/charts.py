"""Figures of a job's metrics. Pure: numbers in, Plotly figure dict out."""

import re
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

LIMIT = 1_000
_CHANNEL = re.compile(r"(train|validation|valid|val|test)[:_](.+)")
_DASHES = ("solid", "dot", "dash", "dashdot")
Points = Sequence[tuple[int, float]]


def thinned(points: Points, limit: int = LIMIT) -> list[tuple[int, float]]:
    """At most `limit` of `points`: the ends, and of each stretch its lowest and highest.

    Deterministic, in the order of steps; a single spike or dip never disappears.
    """
    if len(points) <= limit:
        return list(points)
    stretches = (limit - 2) // 2
    inner = range(1, len(points) - 1)
    kept = {0, len(points) - 1}
    for number in range(stretches):
        stretch = inner[len(inner) * number // stretches : len(inner) * (number + 1) // stretches]
        kept.add(min(stretch, key=lambda index: points[index][1]))
        kept.add(max(stretch, key=lambda index: points[index][1]))
    return [points[index] for index in sorted(kept)]


def best(points: Points, *, maximize: bool) -> tuple[int, float] | None:
    """The first point with the best value; None of none."""
    if not points:
        return None
    return (max if maximize else min)(points, key=lambda point: point[1])


def split(name: str) -> tuple[str, str]:
    """Channel and metric of a name as algorithms and scripts write it: `val:auc`, `val_loss`.

    The channel is "" where the name tells none.
    """
    found = _CHANNEL.match(name)
    if not found:
        return "", name
    return {"val": "validation", "valid": "validation"}.get(found[1], found[1]), found[2]


def metric_figure(
    metric: str, series: Mapping[str, Points], *, maximize: bool, unit: str = "round"
) -> dict[str, Any]:
    """Lines of one metric by channel over steps from 1, the best step marked.

    The best of what was not learned from: of validation, else of test, else of the one line.
    """
    data = [_line(channel, thinned(points)) for channel, points in series.items() if points]
    telling = next((name for name in ("validation", "test", "") if series.get(name)), "")
    top = best(series.get(telling, ()), maximize=maximize)
    if top:
        data.append(_mark(top, unit))
    return _drawn(data, x=unit, y=metric)


def hardware_figure(series: Mapping[str, Sequence[tuple[str, float]]]) -> dict[str, Any]:
    """Lines of per cent over time, which comes as ISO text."""
    data = [
        _line(name, values) | {"line": {"dash": dash}}
        for (name, values), dash in zip(series.items(), cycle(_DASHES), strict=False)
    ]
    return _drawn(data, x="", y="%")


def _drawn(data: list[dict[str, Any]], *, x: str, y: str) -> dict[str, Any]:
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": x}} | ({"rangemode": "tozero"} if x else {}),
            "yaxis": {"title": {"text": y}},
            "hovermode": "x unified",
            "showlegend": True,
            # Grows upwards, away from the lines, when it needs several rows.
            "legend": {"y": 1.02, "yanchor": "bottom"},
        },
    }


def _line(channel: str, points: Sequence[tuple[Any, float]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(points) > 1 else "markers",
        "name": channel or "value",
        "x": [at + 1 if isinstance(at, int) else at for at, _ in points],
        "y": [value for _, value in points],
        # Told by more than colour.
        "line": {"dash": "dot" if channel == "train" else "solid"},
    }


def _mark(point: tuple[int, float], unit: str) -> dict[str, Any]:
    step, value = point
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"best: {value:.5g} in {unit} {step + 1}",
        "x": [step + 1],
        "y": [value],
        "marker": {"symbol": "star", "size": 12},
    }
