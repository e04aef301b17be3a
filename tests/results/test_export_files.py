"""A result as PDF, HTML, JSON, CSV and PNG: every format says the same, and nothing else."""

import csv
import io
import json
import re
import threading
from html.parser import HTMLParser

import pytest
from PIL import Image
from pypdf import PdfReader

from results import exports, threshold
from tests.results.made import result

TASKS = ("binary", "multiclass", "regression", "clustering", "anomaly")
FIGURES = {
    "binary": ["matrix", "roc", "pr", "calibration", "gain", "scores"],
    "multiclass": ["matrix"],
    "regression": ["scatter", "residuals"],
    "clustering": ["clusters"],
    "anomaly": ["roc", "pr", "scores", "precision_at"],
}
TITLE = "Catching fraud: Prüfung, αβγ, дела"


def text_of(document):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


@pytest.fixture(scope="module")
def made():
    return {task: result(task) for task in TASKS}


@pytest.mark.parametrize("task", TASKS)
def test_the_pdf_holds_every_metric_as_text(made, task):
    text = text_of(exports.pdf(made[task], title=TITLE))
    for name, value in made[task]["metrics"].items():
        assert f"{name} {'–' if value is None else repr(value)}" in text.replace("\n", " "), name
    assert TITLE in text


def test_the_pdf_says_first_what_it_means_and_holds_the_matrix(made):
    text = text_of(exports.pdf(made["multiclass"], title=TITLE))
    assert text.index("What it means") < text.index("In figures") < text.index("Confusion matrix")
    for label, counts in zip(["cat", "dog", "cow"], made["multiclass"]["confusion"], strict=True):
        assert re.search(rf"{label}\s+{counts[0]}\s+{counts[1]}\s+{counts[2]}\s", text)


def test_the_pdf_names_nobody_and_has_an_outline_and_a_language(made):
    reader = PdfReader(io.BytesIO(exports.pdf(made["binary"], title=TITLE)))
    about = {key: str(value) for key, value in reader.metadata.items() if "Date" not in key}
    assert about == {"/Title": TITLE, "/Creator": "mlconsole", "/Producer": "mlconsole"}
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert [one["/Title"] for one in reader.outline if not isinstance(one, list)] == [TITLE]
    sections = next(one for one in reader.outline if isinstance(one, list))
    assert {"What it means", "Confusion matrix", "ROC curve"} <= {one["/Title"] for one in sections}
    last = reader.pages[-1].extract_text()
    assert f"{len(reader.pages)} / {len(reader.pages)}" in last
    assert TITLE in last


def test_a_frozen_result_gives_the_same_pdf_whenever_it_is_asked_for(made):
    frozen = made["binary"] | {"taken_at": "2026-03-04T05:06:07+00:00"}
    assert exports.pdf(frozen, title="x") == exports.pdf(frozen, title="x")


def test_letters_that_the_font_lacks_do_not_make_two_classes_one():
    found = result("binary", labels=["正常", "詐欺"])
    text = text_of(exports.pdf(found, title="詐欺"))
    assert "□□ (class 1)" in text
    assert "□□ (class 2)" in text


def test_a_thousand_classes_make_a_document_of_bounded_size():
    found = result("multiclass", labels=[f"kind {n}" for n in range(1000)], rows=3000)
    document = exports.pdf(found, title="Many")
    text = text_of(document)
    assert len(document) < 400_000
    assert "kind 999" in text
    assert "The 20 of 1,000 classes that are confused most" in " ".join(text.split())


class Reading(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("task", TASKS)
def test_the_html_is_one_file_without_scripts_that_loads_nothing(made, task):
    page = exports.html(made[task], title="<script>alert(1)</script>").decode()
    read = Reading()
    read.feed(page)
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert not read.addresses
    assert "url(" not in page
    assert "@import" not in page
    for name, value in made[task]["metrics"].items():
        assert name in read.text
        assert value is None or repr(value) in read.text


def test_a_class_name_stays_text_in_html_and_svg():
    hostile = ["</svg><script>x</script>", "b&w"]
    page = exports.html(result("binary", labels=hostile), title="x").decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("task", TASKS)
def test_json_is_the_mapping_itself(made, task):
    found = json.loads(exports.json(made[task], title=TITLE))
    assert found.pop("title") == TITLE
    assert found.pop("version") == 1
    assert found == made[task]


def test_csv_holds_numbers_as_they_are_and_no_formula():
    found = result("binary", labels=["=1+1", "fraud"])
    lines = list(csv.reader(io.StringIO(exports.csv(found, title="@x").decode())))
    assert lines[0] == ["result", "'@x"]
    told = {line[0]: line[1] for line in lines if len(line) == 5}
    assert float(told["accuracy"]) == found["metrics"]["accuracy"]
    assert ["'=1+1", *map(str, found["confusion"][0])] in lines
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "@"))]


@pytest.mark.parametrize("task", TASKS)
def test_there_is_a_picture_of_each_figure(made, task):
    assert list(exports.figures(made[task])) == FIGURES[task]
    for name in FIGURES[task]:
        with Image.open(io.BytesIO(exports.png(made[task], name))) as picture:
            assert picture.format == "PNG"
            assert picture.width >= 200
            assert len(picture.convert("L").getcolors(1 << 20)) > 5, "something is drawn"
        assert exports.svg(made[task], name).startswith("<svg")


def test_a_figure_that_a_result_does_not_have_is_an_error(made):
    with pytest.raises(KeyError):
        exports.png(made["regression"], "roc")


def test_pictures_of_several_threads_do_not_mix(made):
    expected = {name: exports.png(made["binary"], name) for name in FIGURES["binary"][:3]}
    found = {}

    def draw(name):
        found[name] = exports.png(made["binary"], name)

    threads = [threading.Thread(target=draw, args=(name,)) for name in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_a_result_without_curves_still_makes_every_file():
    old = {"labels": ["a", "b"], "confusion": [[3, 1], [0, 2]], "metrics": {"accuracy": 5 / 6}}
    for kind in exports.TYPES:
        assert exports.make(kind, old, title="Old")
    assert list(exports.figures(old)) == ["matrix"]


def test_files_draw_the_line_where_somebody_put_it(made):
    moved = made["binary"] | {"threshold": 0.8}
    table = threshold.at(moved["outcome"], 0.8).confusion
    assert table != moved["confusion"]
    text = " ".join(text_of(exports.pdf(moved, title="x")).split())
    assert f"honest {table[0][0]} {table[0][1]} {sum(table[0])}" in text
    assert f"fraud {table[1][0]} {table[1][1]} {sum(table[1])}" in text
    lines = list(csv.reader(io.StringIO(exports.csv(moved, title="x").decode())))
    assert ["honest", *map(str, table[0])] in lines
    assert exports.png(moved, "matrix") != exports.png(made["binary"], "matrix")
