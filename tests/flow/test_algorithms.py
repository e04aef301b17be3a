"""Every built-in algorithm, from a sample dataset to answers, with nothing but the API."""

from importlib.util import find_spec

import pytest

from tests.localaws.lab import until

pytestmark = [pytest.mark.slow, pytest.mark.flow]
MACHINE = {"instance_type": "ml.m5.large"}


@pytest.fixture(scope="module")
def sample(console):
    """A sample dataset by name, uploaded once."""
    made = {}

    def named(name):
        if name not in made:
            made[name] = console.call("POST", "/datasets/samples", json={"sample": name})["id"]
        return console.wait(f"/datasets/{made[name]}", "Ready")

    return named


@pytest.fixture
def trained(console, sample):
    """A job on a sample, Completed; its endpoint is deleted at the end."""
    serving = []

    def done(name, algorithm, hyperparameters, **wish):
        dataset = sample(name)
        place = f"/datasets/{dataset['id']}/preparations"
        prepared = console.call("POST", place, json={"algorithm": algorithm, **wish})
        console.wait(f"/preparations/{prepared['id']}", "Ready")
        wanted = {"algorithm": algorithm, "preparation": prepared["id"], **MACHINE}
        job = console.call("POST", "/jobs", json=wanted | {"hyperparameters": hyperparameters})
        job = console.wait(f"/jobs/{job['id']}", "Completed")
        endpoint = console.call("POST", "/endpoints", json={"job": job["id"], **MACHINE})
        serving.append(endpoint["id"])
        console.wait(f"/endpoints/{endpoint['id']}", "InService")
        return dataset, job, endpoint["id"]

    yield done
    for endpoint in serving:
        console.call("DELETE", f"/endpoints/{endpoint}")


def ask(console, dataset, endpoint, count=3):
    columns, rows = dataset["preview"]["columns"], dataset["preview"]["rows"][:count]
    instances = [dict(zip(columns, row, strict=True)) for row in rows]
    body = {"instances": instances}
    answers = console.call("POST", f"/endpoints/{endpoint}/predict", json=body)["predictions"]
    assert len(answers) == count
    return answers


def evaluated(console, endpoint):
    made = console.call("POST", "/evaluations", json={"endpoint": endpoint, "split": "test"})
    return console.wait(f"/evaluations/{made['id']}", "Completed")["metrics"]


DIGITS, CANCER = ("digits", "digit"), ("breast-cancer", "diagnosis")


@pytest.mark.parametrize(
    ("data", "algorithm", "hyperparameters", "accuracy"),
    [
        (DIGITS, "knn", {"k": 3}, 0.95),
        (DIGITS, "linear-learner", {"epochs": 10}, 0.9),
        (CANCER, "factorization-machines", {"num_factors": 8, "epochs": 20}, 0.7),
    ],
)
def test_it_learns_labels(console, trained, data, algorithm, hyperparameters, accuracy):
    name, target = data
    dataset, job, endpoint = trained(name, algorithm, hyperparameters, target=target)
    assert job["metrics"]
    place = dataset["preview"]["columns"].index(target)
    truth = [row[place] for row in dataset["preview"]["rows"][:3]]
    said = [answer["label"] for answer in ask(console, dataset, endpoint)]
    assert sum(map(str.__eq__, said, truth)) >= 2
    assert evaluated(console, endpoint)["accuracy"] >= accuracy


@pytest.mark.skipif(find_spec("fasttext") is None, reason="fastText has no wheel here")
def test_it_learns_texts(console, trained):
    wish = {"target": "module", "recipe": {"text": {"column": "text", "do": "blazingtext"}}}
    settings = {"epochs": 40, "min_count": 1, "learning_rate": 0.5}
    dataset, job, endpoint = trained("python-docs", "blazingtext", settings, **wish)
    assert job["metrics"]["validation:accuracy"] > 0.5
    (answer,) = ask(console, dataset, endpoint, 1)
    assert answer["label"] == dataset["preview"]["rows"][0][1]
    metrics = evaluated(console, endpoint)
    assert metrics["accuracy"] > metrics["baseline_accuracy"] + 0.3


def test_it_puts_pictures_into_clusters(console, trained):
    wish = {"recipe": {"columns_out": ["digit"]}}
    dataset, job, endpoint = trained("digits", "kmeans", {"k": 10}, **wish)
    assert 0 < job["metrics"]["test:msd"] < 1_200
    for answer in ask(console, dataset, endpoint):
        assert answer["label"] == f"cluster {int(answer['value'])}"
        assert answer["distance"] > 0


def test_it_scores_how_strange_rows_are(console, trained):
    wish = {"recipe": {"columns_out": ["progression"]}}
    dataset, _, endpoint = trained("diabetes", "randomcutforest", {"num_trees": 50}, **wish)
    usual = ask(console, dataset, endpoint, 1)[0]["value"]
    columns = [name for name in dataset["preview"]["columns"] if name != "progression"]
    odd = {"instances": [dict.fromkeys(columns, 50.0)]}
    strange = console.call("POST", f"/endpoints/{endpoint}/predict", json=odd)["predictions"]
    assert strange[0]["value"] > 2 * usual


def test_it_says_rows_in_two_numbers(console, trained):
    wish = {"recipe": {"columns_out": ["progression"]}}
    dataset, _, endpoint = trained("diabetes", "pca", {"num_components": 2}, **wish)
    assert [len(answer["vector"]) for answer in ask(console, dataset, endpoint)] == [2, 2, 2]


def told(search):
    """What the trials reached, the best first, as far as it is known."""
    return [trial["value"] for trial in search["trials"] if trial["value"] is not None]


def test_nine_trials_find_values_and_the_best_is_deployed(console, sample):
    dataset = sample("breast-cancer")
    place = f"/datasets/{dataset['id']}/preparations"
    wish = {"target": "diagnosis", "algorithm": "xgboost"}
    prepared = console.call("POST", place, json=wish)
    console.wait(f"/preparations/{prepared['id']}", "Ready")
    search = {
        "algorithm": "xgboost",
        "preparation": prepared["id"],
        "hyperparameters": {"num_round": 10, "eval_metric": "auc"},
        "ranges": [
            {"name": "max_depth", "low": 1, "high": 6},
            {"name": "eta", "low": 0.05, "high": 0.5, "scaling": "Logarithmic"},
        ],
        "objective": "validation:auc",
        "max_jobs": 9,
        "max_parallel": 3,
        **MACHINE,
    }
    tuning = console.call("POST", "/tuning-jobs", json=search)
    console.wait(f"/tuning-jobs/{tuning['id']}", "Completed", seconds=240)
    found = until(
        lambda: console.call("GET", f"/tuning-jobs/{tuning['id']}"),
        lambda row: row["best_job"] and len(told(row)) == 9,
        30,
    )
    values = told(found)
    assert values == sorted(values, reverse=True)
    assert found["best_value"] == pytest.approx(values[0])
    assert found["trials"][0]["id"] == found["best_job"]
    assert len({tuple(sorted(one["hyperparameters"].items())) for one in found["trials"]}) > 5
    endpoint = console.call("POST", "/endpoints", json={"job": found["best_job"], **MACHINE})
    console.wait(f"/endpoints/{endpoint['id']}", "InService")
    assert evaluated(console, endpoint["id"])["accuracy"] > 0.85
    console.call("DELETE", f"/endpoints/{endpoint['id']}")
