"""Figures for what people zoom into, as dicts for Plotly."""

from collections.abc import Sequence
from typing import Any


def confusion_figure(labels: Sequence[object], counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """A heatmap of the share of each actual class (rows) by prediction; counts on hover."""
    names = [str(label) for label in labels]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    heatmap = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": shares,
        "customdata": [list(row) for row in counts],
        "zmin": 0,
        "zmax": 1,
        "colorscale": "Blues",
        "reversescale": True,
        "colorbar": {"title": {"text": "share of actual"}, "tickformat": ".0%"},
        "hovertemplate": "actual %{y}<br>predicted %{x}<br>%{customdata} rows, %{z:.1%}"
        "<extra></extra>",
    }
    return {
        "data": [heatmap],
        "layout": {
            "height": 640,
            "xaxis": {"title": {"text": "predicted"}, "type": "category"},
            "yaxis": {"title": {"text": "actual"}, "type": "category", "autorange": "reversed"},
        },
    }
