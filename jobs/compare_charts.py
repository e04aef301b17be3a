"""Figures of several runs. Pure: numbers in, Plotly figure dict out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs.charts import Points
from jobs.comparison import Value, number

COLOURS = 8  # --series-1 and so on
DASHES = ("solid", "dot", "dash", "dashdot", "longdash", "longdashdot")
PATTERNS = {"dot": "2 3", "dash": "6 4", "dashdot": "6 3 2 3", "longdash": "11 4"}
SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up")
LEGEND = 10  # runs; more have the page's list as their legend


@dataclass(frozen=True)
class Look:
    """How the run at a place of the comparison is drawn, in every figure: told by two signs."""

    colour: str
    dash: str
    symbol: str

    @property
    def pattern(self) -> str:
        """As SVG's stroke-dasharray."""
        return PATTERNS.get(self.dash, "11 3 2 3" if self.dash == "longdashdot" else "none")


def look(place: int) -> Look:
    """48 different ones; those next to each other differ in both signs."""
    turn, colour = divmod(place, COLOURS)
    sign = (colour - turn) % len(DASHES)
    return Look(f"--series-{colour + 1}", DASHES[sign], SYMBOLS[sign])


def curves(metric: str, runs: Sequence[tuple[int, str, Points]]) -> dict[str, Any]:
    """A line of `metric` over rounds from 1 for each (place, name, points)."""
    data = [_line(place, name, points) for place, name, points in runs if points]
    layout = {
        "xaxis": {"title": {"text": "round"}, "rangemode": "tozero"},
        "yaxis": {"title": {"text": _plain(metric)}},
        "hovermode": "closest",
        "showlegend": len(data) <= LEGEND,
        "legend": {"y": 1.02, "yanchor": "bottom"},
    }
    return {"data": data, "layout": layout}


def _line(place: int, name: str, points: Points) -> dict[str, Any]:
    drawn = look(place)
    return {
        "type": "scatter",
        "mode": "lines" if len(points) > 1 else "markers",
        "name": _plain(f"{place + 1} {name}"),
        **_rounds([step + 1 for step, _ in points]),
        "y": [float(f"{value:.7g}") for _, value in points],
        "line": {"color": drawn.colour, "dash": drawn.dash, "width": 1.5},
        "marker": {"color": drawn.colour, "symbol": drawn.symbol},
        "hovertemplate": "%{fullData.name}<br>round %{x}: %{y}<extra></extra>",
    }


def _plain(text: str) -> str:
    """As Plotly shows `text` itself: it reads tags, links among them, in names and on axes."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _rounds(steps: list[int]) -> dict[str, Any]:
    """Every round in turn needs no list."""
    is_plain = steps == list(range(steps[0], steps[0] + len(steps)))
    return {"x0": steps[0], "dx": 1} if is_plain else {"x": steps}


Dot = tuple[int, str, str, Value, float]  # place, name, address, x, y


def scatter(x: str, y: str, runs: Sequence[Dot]) -> dict[str, Any]:
    """A dot for each run; an `x` that is no number everywhere becomes an axis of words."""
    numbers = [number(value) for _, _, _, value, _ in runs]
    is_number = all(one is not None for one in numbers)
    looks = [look(place) for place, *_ in runs]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": numbers if is_number else [_plain(str(value)) for _, _, _, value, _ in runs],
        "y": [value for *_, value in runs],
        "text": [_plain(f"{place + 1} {name}") for place, name, *_ in runs],
        "customdata": [address for _, _, address, _, _ in runs],
        "hovertemplate": "%{text}<br>%{x}, %{y}<extra></extra>",
        "marker": {
            "size": 11,
            "color": [one.colour for one in looks],
            "symbol": [one.symbol for one in looks],
        },
    }
    axis = {"title": {"text": _plain(x)}, "type": "linear" if is_number else "category"}
    layout = {"xaxis": axis, "yaxis": {"title": {"text": _plain(y)}}, "showlegend": False}
    return {"data": [dots] if runs else [], "layout": layout | {"hovermode": "closest"}}
