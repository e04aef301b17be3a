"""Figures of a tuning job. Pure: numbers in, Plotly figure dict out."""

from collections.abc import Mapping, Sequence
from typing import Any

Trials = Sequence[tuple[int, float, float]]  # number, value, best until then
LIMIT = 400  # lines of parallel coordinates


def progress(trials: Trials, objective: str, links: Sequence[str] = ()) -> dict[str, Any]:
    """Every trial's value, a dot that leads to its link, and the best so far as a step line."""
    numbers = [number for number, _, _ in trials]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "name": "trial",
                "x": numbers,
                "y": [value for _, value, _ in trials],
                "customdata": list(links),
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "best so far",
                "x": numbers,
                "y": [best for _, _, best in trials],
                "line": {"shape": "hv"},
            },
        ]
        if trials
        else [],
        "layout": {
            "xaxis": {"title": {"text": "trial"}, "dtick": 1 if len(trials) <= 20 else None},
            "yaxis": {"title": {"text": objective}},
        },
    }


def importance(shares: Mapping[str, float]) -> dict[str, Any]:
    """Bars, the largest on top."""
    names = list(shares)[::-1]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [shares[name] for name in names],
        "y": names,
        "text": [f"{100 * shares[name]:.0f} %" for name in names],
        "hoverinfo": "y+text",
    }
    layout = {"xaxis": {"title": {"text": "share of the difference"}, "range": [0, 1]}}
    return {"data": [bars] if names else [], "layout": layout}


def slice_of(
    name: str,
    points: Sequence[tuple[str, float]],
    objective: str,
    *,
    log: bool,
    links: Sequence[str] = (),
) -> dict[str, Any]:
    """One hyperparameter against the objective: (text, value) of each trial, and where it leads."""
    numbers = [_number(text) for text, _ in points]
    is_number = all(one is not None for one in numbers)
    axis: dict[str, Any] = {"title": {"text": name}}
    if is_number:
        axis["type"] = "log" if log else "linear"
    else:
        axis["type"] = "category"
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": numbers if is_number else [text for text, _ in points],
        "y": [value for _, value in points],
        "customdata": list(links),
    }
    layout = {"xaxis": axis, "yaxis": {"title": {"text": objective}}, "showlegend": False}
    return {"data": [dots] if points else [], "layout": layout}


def parallel(
    names: Sequence[str],
    trials: Sequence[tuple[Mapping[str, str], float]],
    objective: str,
    *,
    maximize: bool,
) -> dict[str, Any]:
    """Parallel coordinates as lines: every axis from 0 to 1, the best tenth drawn apart.

    Drawn as ordinary lines because Plotly's own need WebGL and `unsafe-eval`.
    """
    axes = [*names, objective]
    columns = [[texts.get(name, "") for texts, _ in trials] for name in names]
    columns.append([repr(value) for _, value in trials])
    places = [_places(column) for column in columns]
    ranked = sorted(range(len(trials)), key=lambda i: trials[i][1], reverse=maximize)
    chosen = set(ranked[: max(1, len(ranked) // 10)])
    shown = ranked[:LIMIT]
    data = [
        _bundle("other trials", [i for i in shown if i not in chosen], places, axes, columns),
        _bundle("the best", [i for i in shown if i in chosen], places, axes, columns),
    ]
    data[0]["opacity"], data[1]["line"] = 0.35, {"width": 3}
    layout = {"yaxis": {"showticklabels": False, "range": [-0.05, 1.05]}, "hovermode": "closest"}
    return {"data": data if trials else [], "layout": layout}


def _bundle(
    title: str,
    rows: Sequence[int],
    places: Sequence[Sequence[float]],
    axes: Sequence[str],
    columns: Sequence[Sequence[str]],
) -> dict[str, Any]:
    """Many lines in one trace; None lifts the pen between them."""
    x: list[str | None] = []
    y: list[float | None] = []
    text: list[str | None] = []
    for row in rows:
        for axis, place, column in zip(axes, places, columns, strict=True):
            x.append(axis)
            y.append(place[row])
            text.append(f"{axis} = {column[row]}")
        x.append(axes[-1])
        y.append(None)
        text.append(None)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": title,
        "x": x,
        "y": y,
        "text": text,
        "hoverinfo": "text",
        "connectgaps": False,
    }


def _places(column: Sequence[str]) -> list[float]:
    """Each value's place between 0 and 1: by size for numbers, by alphabet for words."""
    numbers = [number for text in column if (number := _number(text)) is not None]
    if len(numbers) == len(column) and numbers:
        low, high = min(numbers), max(numbers)
        return [(number - low) / (high - low) if high > low else 0.5 for number in numbers]
    order = {text: place for place, text in enumerate(sorted(set(column)))}
    return [order[text] / max(1, len(order) - 1) for text in column]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
