"""Third-party code comes out of installed packages, never out of this tree."""

import re

import pytest

from tests.architecture.sources import ROOT, shown

LARGEST = {".js": 40_000, ".css": 40_000, ".svg": 20_000, ".png": 200_000, ".ico": 50_000}
BANNER = re.compile(r"/\*!|@license|@preserve|sourceMappingURL|Copyright \(c\)", re.IGNORECASE)
LONGEST_LINE = 500


def static_files():
    return [path for path in sorted((ROOT / "static").rglob("*")) if path.is_file()]


def looks_foreign(name, text):
    """Minified, licensed by somebody else, or named as such."""
    is_minified = max(map(len, text.splitlines()), default=0) > LONGEST_LINE
    return ".min." in name or is_minified or bool(BANNER.search(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("htmx.min.js", "short"),
        ("x.js", "a;" * 300),
        ("x.js", "/*! jQuery v3 */"),
        ("x.css", "/* @license MIT */"),
    ],
)
def test_it_recognises_foreign_files(name, text):
    assert looks_foreign(name, text)


def test_static_holds_only_our_own_scripts_and_styles():
    texts = [path for path in static_files() if path.suffix in (".js", ".css")]
    assert not [shown(path) for path in texts if looks_foreign(path.name, path.read_text())]


def test_static_holds_only_small_files_of_known_kinds():
    wrong = [
        shown(path) for path in static_files() if path.stat().st_size > LARGEST.get(path.suffix, 0)
    ]
    assert not wrong
