import pytest

from datasets.forms.columns import choices, is_identifier, suggested


def column(name, dtype="integer", unique=100, *, missing=0, exact=True, **more):
    facts = {"name": name, "dtype": dtype, "unique": unique, "missing": missing}
    return facts | {"unique_exact": exact} | more


@pytest.mark.parametrize(
    "found",
    [
        column("customer_id"),
        column("Id", dtype="text"),
        column("orderID"),
        column("Unnamed: 0"),
        column("n", min=0, max=99),
        column("n", unique=90, exact=False, min=5, max=104),
    ],
)
def test_it_knows_an_identifier(found):
    assert is_identifier(found, 100)


@pytest.mark.parametrize(
    "found",
    [
        column("id", unique=99),
        column("id", missing=1, unique=99),
        column("id", dtype="number"),
        column("price", min=0, max=5_000),
        column("paid", min=1, max=101),
        column("review", dtype="text"),
    ],
)
def test_it_does_not_take_data_for_an_identifier(found):
    assert not is_identifier(found, 100)


def test_few_rows_say_nothing():
    assert not is_identifier(column("id", unique=5), 5)


def test_it_suggests_leaks_of_this_target_constants_and_identifiers():
    columns = [
        column("id"),
        column("same", unique=1),
        column("gaps", unique=1, missing=50),
        column("refund", unique=2),
        column("age", unique=40),
        column("y", unique=2),
    ]
    insights = {"targets": {"y": {"leaks": [{"column": "refund", "why": "it determines y"}]}}}
    assert suggested(columns, 100, insights, target="y") == ["id", "same", "refund"]
    assert suggested(columns, 100, insights, target="age") == ["id", "same"]
    assert suggested(columns, 100, {}, target="y") == ["id", "same"]


def test_a_dark_corner_of_a_picture_is_not_suggested():
    columns = [column("p0", unique=1), column("p1", unique=9), column("same", unique=1)]
    images = {"first": 0, "count": 2, "height": 1, "width": 2, "low": 0, "high": 255}
    assert suggested(columns, 100, {"images": images}, target="y") == ["same"]


def test_the_list_says_why_and_leaves_the_target_out():
    columns = [column("id"), column("age", unique=40, missing=25), column("y", unique=2)]
    first, second = choices(columns, 100, {}, target="y", ticked=["age"])
    assert ([mark.word for mark in first.marks], first.ticked) == (["identifier"], False)
    assert (second.name, second.marks, second.ticked, second.missing) == ("age", [], True, 0.25)
