"""A result as sentences, as a table, and as a spreadsheet."""

import pytest

from core.cells import inert
from results import matrix
from results.report import report
from results.scores import classification, confusion, regression

NAMES = ["malignant", "benign"]
COUNTS = [[20, 1], [0, 36]]


def said(labels, counts):
    return report(
        {"labels": labels, "confusion": counts, "metrics": classification(counts)}
    ).sentences


def test_the_sentences_need_no_statistics():
    assert said(NAMES, COUNTS) == [
        "It is right in 56 of 57 cases (98.2 %).",
        "Always answering “benign” would be right in 36 (63.2 %).",
        "Of 21 malignant cases it finds 20 and takes 1 for benign.",
        "It says “malignant” 20 times and is always right.",
        "It finds all 36 benign cases.",
    ]


def test_a_stakeholder_reads_what_is_caught_and_what_is_a_false_alarm():
    assert said(["fine", "fraud"], [[896, 4], [18, 82]])[2:4] == [
        "Of 100 fraud cases it finds 82 and takes 18 for fine.",
        "1 of 22 alarms is false: it says “fraud” 86 times and is wrong 4 times.",
    ]
    assert said(["fine", "fraud"], [[990, 0], [10, 0]])[3:] == [
        "It never says “fraud”.",
        "It finds all 990 fine cases.",
        "Only 1 in 100 cases is fraud: being right is easy here, so look at what it finds and at "
        "its false alarms.",
    ]
    assert said(["fine", "fraud"], [[3, 4], [1, 2]])[3].startswith("Most alarms are false")


def test_a_class_that_does_not_occur_is_not_told():
    assert said(NAMES, [[0, 0], [1, 3]])[2:] == [
        "Of 4 benign cases it finds 3 and takes 1 for malignant."
    ]


def test_many_classes_are_told_by_best_worst_and_most_frequent_mistake():
    counts = [[9, 1, 0], [0, 4, 6], [0, 0, 1]]
    assert said(["a", "b", "c"], counts)[2:-1] == [
        "It recognises c best: 1 of 1 case.",
        "It recognises b worst: 4 of 10 cases.",
        "Its most frequent mistake: 6 of 10 b cases taken for c.",
    ]


def test_uneven_classes_are_told():
    counts = [[90, 10, 0], [0, 8, 2], [0, 0, 20]]
    assert said(["a", "b", "c"], counts)[-1] == (
        "The classes are uneven: 100 cases of a, 10 of b. Look at the average over classes, too."
    )


def test_numbers_are_told_beside_the_constant_guess():
    metrics = regression([1.0, 2.0, 3.0, 6.0], [1.0, 2.0, 3.0, 5.0])
    told = report({"labels": [], "confusion": [], "metrics": metrics}).sentences
    assert told[0] == "Its predictions are off by 0.25 on average."
    assert "RMSE) is 0.5;" in told[1]
    assert told[2] == "It explains 92.9 % of the differences between the cases."


@pytest.mark.parametrize(
    ("view", "texts"),
    [
        ("counts", ["20", "1", "0", "36"]),
        ("row", ["95.2 %", "4.8 %", "0.0 %", "100.0 %"]),
        ("column", ["100.0 %", "2.7 %", "0.0 %", "97.3 %"]),
        ("<script>", ["20", "1", "0", "36"]),
    ],
)
def test_a_matrix_shows_counts_or_shares(view, texts):
    table = matrix.table(NAMES, COUNTS, view)
    cells = [cell for row in table.rows for cell in row.cells]
    assert [cell.text for cell in cells] == texts
    assert [cell.is_hit for cell in cells] == [True, False, False, True]
    assert cells[1].title == "1 of 21 malignant taken for benign"
    assert (table.totals, table.total) == ([20, 37], 57)


def test_shades_run_from_none_to_five():
    cells = matrix.table(NAMES, [[100, 0], [1, 50]], "counts").rows
    assert [cell.shade for row in cells for cell in row.cells] == [5, 0, 1, 3]


def test_a_class_without_rows_has_no_percentages():
    assert matrix.table(NAMES, [[0, 0], [0, 1]], "row").rows[0].cells[0].text == "–"


def test_mistakes_are_listed_by_frequency():
    found = matrix.confusions(["a", "b", "c"], [[5, 2, 1], [2, 5, 0], [0, 3, 5]])
    assert [(one.actual, one.predicted, one.count) for one in found] == [
        ("c", "b", 3),
        ("a", "b", 2),
        ("b", "a", 2),
        ("a", "c", 1),
    ]
    assert found[0].share == 3 / 8


def test_too_many_classes_for_a_table_are_listed_instead():
    names = list(range(60))
    counts = confusion([*names, 3], [*names, 4], 60).tolist()
    found = report({"labels": names, "confusion": counts, "metrics": classification(counts)})
    assert found.matrix is None
    assert found.is_large
    assert [(one.actual, one.predicted) for one in found.confusions] == [("3", "4")]


def test_the_most_confused_classes_come_first_when_wished():
    counts = [[5, 0, 0], [1, 2, 4], [0, 0, 3]]
    table = matrix.table(["a", "b", "c"], counts, "counts", order="confusion", rows_url="/rows")
    assert table.labels == ["b", "c", "a"]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["2", "4", "1"],
        ["0", "3", "0"],
        ["0", "0", "5"],
    ]
    assert table.totals == [2, 7, 6]
    assert table.rows[0].cells[1].href == "/rows?actual=1&predicted=2"
    assert table.rows[1].cells[0].href == ""
    assert matrix.table(["a", "b", "c"], counts, "counts", order="<b>").order == "name"


def test_the_figures_carry_their_baseline():
    figures = report(
        {"labels": NAMES, "confusion": COUNTS, "metrics": classification(COUNTS)}
    ).figures
    assert (figures[0].name, figures[0].baseline) == ("accuracy", 36 / 57)
    assert "Recall of benign" in [figure.label for figure in figures]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\tx", "\r=1"])
def test_formulas_are_inert(cell):
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-1.5", "+3", "1e-9", "malignant", "", "a=b"])
def test_numbers_and_words_stay_as_they_are(cell):
    assert inert(cell) == cell
