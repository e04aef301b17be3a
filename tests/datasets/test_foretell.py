"""What is shown before a preparation is what it will write, or is named as provisional."""

import pytest

from tests.datasets.pure_run import foretold, ran

TABLE = "x,city,note,y\n" + "".join(
    f"{n if n % 9 else ''},{('Basel', 'Bern')[n % 2]},good word{n % 4},{'abc'[n % 3]}\n"
    for n in range(120)
)
EXACT = [
    {"target": "y"},
    {"target": "y", "recipe": {"columns_in": ["x"], "split": {"by": "random"}}},
    {"target": "y", "recipe": {"columns_out": ["city"], "format": "libsvm"}},
    {"target": "y", "recipe": {"missing": "drop"}},
    {"target": "y", "recipe": {"rare": {"fewest": 3, "do": "drop"}}},
    {"target": "y", "recipe": {"sample": "up"}},
    {"target": "y", "algorithm": "kmeans", "recipe": {"missing": "drop"}},
    {"target": "", "algorithm": "pca", "recipe": {"missing": "drop", "format": "csv-unlabelled"}},
    {"target": "y", "algorithm": "blazingtext", "recipe": {"text": {"column": "note"}}},
]


@pytest.mark.parametrize("wish", EXACT, ids=str)
def test_it_is_what_will_be_written(wish):
    before, run = foretold(TABLE, **wish), ran(TABLE, **wish)
    assert before.features == run.result.features
    assert before.labels == run.result.labels
    written = [line for name in run.result.channels for line in shown(run, name)]
    assert before.lines
    assert set(before.lines) <= set(written)
    if not before.plan.provisional:
        assert before.plan.splits == run.counts()
        assert before.implied == run.result.implied


def shown(run, name):
    if run.result.channels[name]["content_type"] == "application/x-recordio-protobuf":
        return [",".join(f"{cell:g}" for cell in row) for row in run.rows(name)]
    return run.body(name).decode().splitlines()


@pytest.mark.parametrize(
    ("recipe", "word"),
    [
        ({"missing": "median"}, "medians"),
        ({"scale": "standard"}, "scaling"),
        ({"text": {"column": "note", "top": 3}}, "words"),
        ({}, "columns of categories"),
        ({"split": {"by": "group", "column": "note"}}, "sizes"),
        ({"missing": "drop"}, "sizes"),
    ],
)
def test_it_names_what_only_the_preparation_knows(recipe, word):
    before = foretold(TABLE, target="y", recipe=recipe)
    assert any(text.startswith(word) for text in before.provisional)
    assert len(before.lines) == 5


def test_numbers_alone_leave_nothing_open():
    before = foretold(TABLE, target="y", recipe={"columns_in": ["x"]})
    assert before.provisional == []


def test_what_is_provisional_is_near():
    wish = {"target": "y", "recipe": {"scale": "minmax", "columns_in": ["x"], "missing": "median"}}
    before, run = foretold(TABLE, **wish), ran(TABLE, **wish)
    value = float(before.lines[0].split(",")[1])
    assert value == pytest.approx(float(run.encoded(x="")[0]), abs=0.1)


@pytest.mark.parametrize(
    ("wish", "implied"),
    [
        (
            {"algorithm": "knn"},
            {
                "feature_dim": "3",
                "predictor_type": "classifier",
                "sample_size": "84",
                "mini_batch_size": "84",
            },
        ),
        (
            {"algorithm": "linear-learner"},
            {
                "feature_dim": "3",
                "predictor_type": "multiclass_classifier",
                "num_classes": "3",
                "mini_batch_size": "84",
            },
        ),
        ({"algorithm": "kmeans"}, {"feature_dim": "3", "k": "3", "mini_batch_size": "84"}),
        (
            {"algorithm": "kmeans", "target": "", "recipe": {"columns_out": ["note", "y"]}},
            {"feature_dim": "3", "mini_batch_size": "84"},
        ),
        ({"algorithm": "pca"}, {"feature_dim": "3", "mini_batch_size": "84"}),
        ({"algorithm": "randomcutforest"}, {"feature_dim": "3", "num_samples_per_tree": "84"}),
        (
            {"algorithm": "factorization-machines", "target": "city", "fractions": (1, 0, 0)},
            {
                "feature_dim": "4",
                "predictor_type": "binary_classifier",
                "mini_batch_size": "120",
            },
        ),
        ({"algorithm": "xgboost"}, {"objective": "multi:softprob", "num_class": "3"}),
        ({"algorithm": "xgboost", "target": "city"}, {"objective": "binary:logistic"}),
    ],
    ids=str,
)
def test_the_data_imply_hyperparameters(wish, implied):
    wish = {"target": "y", "recipe": {"columns_out": ["note"]}} | wish
    run = ran(TABLE, **wish)
    assert run.result.implied == implied
    assert foretold(TABLE, **wish).implied == implied
