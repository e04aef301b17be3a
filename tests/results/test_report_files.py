"""A report of blocks as PDF: every kind of block, its words and its numbers as text."""

import base64
import io

import pytest
from PIL import Image
from pypdf import PdfReader

from results import blocks, downloads
from tests.results.made import result

WORDS = """# Summary

It catches **most** frauds, see [the wiki](https://example.com).

* cheap
* fast

1. first

```
line one
line two
```
"""


def picture(shade):
    out = io.BytesIO()
    Image.new("L", (8, 8), shade).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@pytest.fixture(scope="module")
def shown():
    """Every kind of block, of two results."""
    weak, strong = (result("binary", skill=skill) for skill in (0.8, 2.5))
    many = result("multiclass", labels=[f"kind {n}" for n in range(30)], rows=600)
    results = {"a": weak, "b": strong, "c": many}
    two = {
        "evaluations": ["a", "b"],
        "names": ["Weak", "Strong"],
        "sentences": ["Strong is better."],
    }
    pictures = [{"src": picture(20 * n), "alt": f"Row {n}"} for n in range(12)]
    images = {"actual": 0, "predicted": 1, "pictures": pictures}
    wishes = [
        {"kind": "text", "text": WORDS, "heading": ""},
        {"kind": "metric", "evaluation": "b", "heading": "How good is it?"},
        {"kind": "matrix", "evaluation": "b", "view": "counts", "heading": "Mix-ups"},
        {"kind": "matrix", "evaluation": "c", "view": "counts", "heading": "Many"},
        {"kind": "curve", "evaluation": "b", "figure": "roc", "heading": "Its curve"},
        {"kind": "table", "evaluation": "c", "of": "mistakes", "heading": "Mistakes"},
        {"kind": "comparison", "heading": "Against the old one", **two},
        {"kind": "images", "evaluation": "a", "heading": "Alarms", **images},
        {"kind": "metric", "evaluation": "gone", "heading": "Lost"},
    ]
    taken = [blocks.taken(wish, results) for wish in wishes]
    return {"taken_at": "2026-03-04T05:06:07+00:00", "blocks": taken}


@pytest.fixture(scope="module")
def made(shown):
    return downloads.made("pdf", shown, title="Fraud, prüft")


@pytest.fixture(scope="module")
def reader(made):
    return PdfReader(io.BytesIO(made.content))


@pytest.fixture(scope="module")
def text(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_texts_are_paragraphs_without_marks(text):
    told = "Summary It catches most frauds, see the wiki. • cheap • fast 1. first line one line two"
    assert told in text
    assert "□" not in text


def test_figures_stand_with_guess_and_interval(text, shown):
    accuracy = next(one for one in shown["blocks"][1]["figures"] if one["name"] == "accuracy")
    low, high = accuracy["interval"]
    shares = [f"{100 * one:.1f}" for one in (accuracy["value"], low, high, accuracy["baseline"])]
    assert "Accuracy {} % {} to {} % {} %".format(*shares) in text


def test_matrices_mistakes_and_comparisons_are_tables(text, shown):
    for label, counts in zip(["honest", "fraud"], shown["blocks"][2]["counts"], strict=True):
        assert f"{label} {counts[0]} {counts[1]} {sum(counts)}" in text
    row = shown["blocks"][5]["rows"][0]
    assert f"{row[0]} {row[1]} {row[2]} {100 * row[3]:.1f} %" in text
    assert "Strong is better." in text
    assert "★" in text


def test_headings_are_its_outline_and_a_lost_result_is_told(reader, text):
    sections = next(one for one in reader.outline if isinstance(one, list))
    headings = [one["/Title"] for one in sections]
    assert headings[0] == "How good is it?"
    assert {"Against the old one", "Alarms", "Lost"} <= set(headings)
    assert blocks.NOT_THERE in text


def test_pictures_are_in_it(reader):
    assert sum(len(page.images) for page in reader.pages) >= 12


def test_it_is_the_same_file_whenever_it_is_asked_for(made, shown):
    assert made.content_type == "application/pdf"
    assert downloads.made("pdf", shown, title="Fraud, prüft").content == made.content
