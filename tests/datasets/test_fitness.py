import pytest

from datasets import fitness
from datasets.tables import Profile

ROWS = 200


def profiled(**columns):
    found = Profile(list(columns))
    found.add(list(zip(*columns.values(), strict=True)))
    return found.columns()


def texts(make):
    return [str(make(n)) for n in range(ROWS)]


PLAIN = {"size": texts(lambda n: n % 27 / 2), "kind": texts(lambda n: "ab"[n % 2])}


def judged(insights=None, *, target="kind", rows=ROWS, **columns):
    found = profiled(**(PLAIN | columns))
    insights = {"constant": [], "duplicates": {"rows": 0, "exact": True}} | (insights or {})
    insights.setdefault("targets", {target: {"features": [], "leaks": []}})
    return verdict(found, insights, rows=rows, target=target)


def verdict(columns, insights, *, rows, target=""):
    aimed = fitness.aim(columns, insights, target)
    return fitness.verdict(columns, insights, aimed, rows=rows)


def titles(found):
    return [finding.title for finding in found.findings]


def test_a_table_without_trouble_is_fit_and_says_what_was_looked_for():
    found = judged()
    assert (found.tone, found.headline) == ("good", "Fit for training")
    assert found.findings == []
    assert {"no row occurs twice", "the classes are balanced", "no value is missing"} <= set(
        found.passed
    )


def test_what_was_not_looked_for_is_not_called_fine():
    found = verdict(profiled(**PLAIN), {}, rows=ROWS)
    assert "no row occurs twice" not in found.passed
    assert "no column gives the target away" not in found.passed
    found = verdict(profiled(**PLAIN), {}, rows=ROWS, target="size")
    assert "the classes are balanced" not in found.passed  # a quantity has none


@pytest.mark.parametrize(
    ("column", "insights", "title", "named"),
    [
        ({"still": texts(lambda n: 5)}, {"constant": ["still"]}, "1 column never changes", "still"),
        (
            {"id": texts(lambda n: n + 1000)},
            {"identifiers": ["id"]},
            "1 column looks like an identifier",
            "id",
        ),
        (
            {"gap": texts(lambda n: n % 5 if n % 2 else "")},
            {},
            "1 column lacks more than 20% of the rows",
            "gap",
        ),
        (
            {"leak": texts(lambda n: "xy"[n % 2])},
            {
                "targets": {
                    "kind": {"leaks": [{"column": "leak", "why": "each value has one kind"}]}
                }
            },
            "1 column may give kind away",
            "leak",
        ),
    ],
)
def test_it_warns_and_names_the_column(column, insights, title, named):
    found = judged(insights, **column)
    assert found.tone == "warn"
    assert title in titles(found)
    finding = found.findings[titles(found).index(title)]
    assert finding.columns == [named]
    assert finding.advice


def test_it_warns_of_imbalance_and_says_what_a_guess_gets():
    found = judged(kind=texts(lambda n: "rare" if n % 20 == 0 else "usual"))
    assert "The classes of kind are imbalanced" in titles(found)
    assert "would be right in 95.0 %" in found.findings[0].advice


def test_repeated_rows_are_a_note_when_few_and_a_warning_when_many():
    few = judged({"duplicates": {"rows": 1, "exact": True}})
    many = judged({"duplicates": {"rows": 30, "exact": False}})
    assert (few.tone, titles(few)) == ("note", ["1 row repeats"])
    assert few.headline == "Fit for training"
    assert (many.tone, titles(many)) == ("warn", ["At least 30 rows repeat"])


def test_few_gaps_and_empty_columns_are_notes():
    found = judged(gap=texts(lambda n: n % 5 if n > 3 else ""), none=texts(lambda n: ""))
    assert found.tone == "note"
    assert set(titles(found)) == {"1 column has gaps", "1 column is empty"}


def test_dark_pixels_at_the_border_are_only_a_note():
    columns = profiled(p0=texts(lambda n: 0), p1=texts(lambda n: n % 9), p2=texts(lambda n: n % 5))
    insights = {"constant": ["p0"], "images": {"first": 0, "count": 3}}
    found = verdict(columns, insights, rows=ROWS)
    assert [(f.tone, f.title) for f in found.findings] == [("note", "1 pixel never changes")]


def test_many_columns_are_counted_and_few_named():
    many = {f"c{n}": texts(lambda n: 1) for n in range(40)}
    found = judged({"constant": list(many)}, **many)
    finding = found.findings[0]
    assert (finding.title, len(finding.columns), finding.more) == ("40 columns never change", 6, 34)
