"""The colours of `tokens.css` for files that no browser draws: its light ones, on white paper."""

import functools
import re
from pathlib import Path

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
COLOUR = re.compile(r"--([\w-]+):\s*light-dark\(#([0-9a-f]{6}),")
WHITE = (255, 255, 255)

Colour = tuple[int, int, int]


@functools.cache
def palette() -> dict[str, Colour]:
    found = {name: _rgb(code) for name, code in COLOUR.findall(TOKENS.read_text())}
    return found | {"page": WHITE, "shade-0": WHITE, "apart-0": WHITE}


def rgb(tone: str) -> Colour:
    """Red, green and blue from 0 to 255 of the token `tone`."""
    return palette()[tone]


def _rgb(code: str) -> Colour:
    red, green, blue = (int(code[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue
