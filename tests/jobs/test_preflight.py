"""What is wrong with a launch, from what is known of data, algorithm and machine."""

import pytest

from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Data
from jobs.machine import Machine
from jobs.preflight import GIB, Plan, Source, Verdict, judged, refusals, stopping


def plan(algorithm="xgboost", *, sources=None, data=None, texts=None, **machine):
    csv = "text/csv"
    found = {
        "train": Source(uri="s3://b/train/", content_type=csv, rows=400),
        "validation": Source(uri="s3://b/validation/", content_type=csv, rows=50),
    }
    return Plan(
        machine=Machine(**{"instance_type": "ml.m5.large"} | machine),
        sources=found if sources is None else sources,
        entry=ALGORITHMS.get(algorithm),
        framework="" if algorithm in ALGORITHMS else algorithm,
        data=data or Data(task="binary", labels=2, features=30, rows=400),
        texts=texts or {},
    )


def source(**changes):
    return Source(**{"uri": "s3://b/k", "content_type": "text/plain", "rows": 10} | changes)


def verdicts(one):
    return {found.check: found.verdict for found in judged(one) if found.verdict != "ok"}


def test_it_finds_nothing_wrong_with_a_usual_job():
    good = judged(plan())
    assert {found.verdict for found in good} == {Verdict.OK}
    assert "400 rows of 30 features to learn from." in [found.words for found in good]
    assert refusals(plan()) == {}


def test_it_misses_channels_and_their_data():
    assert refusals(plan(sources={})) == {"preparation": ["The channel train has no data."]}
    broken = plan(sources={"train": source(content_type="text/csv", uri="")})
    assert refusals(broken) == {"preparation": ["The channel train has no data."]}


def test_it_names_a_format_that_the_algorithm_does_not_read():
    (message,) = refusals(plan("blazingtext"))["preparation"]
    assert message == "This preparation's format (text/csv) is not one BlazingText reads."
    assert refusals(plan("blazingtext", sources={"train": source()})) == {}


def test_it_knows_a_single_label():
    (message,) = refusals(plan(data=Data(task="binary", labels=1)))["preparation"]
    assert "nothing to tell apart" in message


@pytest.mark.parametrize(
    ("gigabytes", "machine", "verdict"),
    [
        (11, {}, Verdict.WOULD_FAIL),
        (6, {}, Verdict.WARNING),
        (4, {}, None),
        (11, {"volume_gb": 30}, None),
        (11, {"instance_type": "ml.g5.xlarge"}, None),  # a disk of its own
    ],
)
def test_it_measures_the_data_against_the_volume(gigabytes, machine, verdict):
    sources = {"train": source(content_type="text/csv", bytes=gigabytes * GIB)}
    texts = {"tree_method": "gpu_hist"}
    assert verdicts(plan(sources=sources, texts=texts, **machine)).get("Volume") == verdict


@pytest.mark.parametrize(
    ("algorithm", "texts", "machine", "check", "verdict"),
    [
        ("blazingtext", {"mode": "supervised"}, {"instance_count": 2}, "Instances", "would fail"),
        ("blazingtext", {"mode": "batch_skipgram"}, {"instance_count": 2}, "Instances", None),
        (
            "blazingtext",
            {"mode": "batch_skipgram"},
            {"instance_type": "ml.p3.2xlarge"},
            "Machine",
            "would fail",
        ),
        ("xgboost", {}, {"instance_count": 2}, "Instances", "warning"),
        ("xgboost", {}, {"instance_type": "ml.g5.xlarge"}, "Machine", "warning"),
        (
            "xgboost",
            {"tree_method": "gpu_hist"},
            {"instance_type": "ml.g5.xlarge"},
            "Machine",
            None,
        ),
        ("randomcutforest", {}, {"instance_type": "ml.g5.xlarge"}, "Machine", "warning"),
        ("factorization-machines", {}, {"instance_type": "ml.p3.2xlarge"}, "Machine", "warning"),
        ("knn", {}, {"instance_type": "ml.g5.xlarge", "instance_count": 2}, "Machine", None),
        ("scikit-learn", {}, {"instance_count": 2}, "Instances", "warning"),
        ("scikit-learn", {}, {"instance_type": "ml.g5.xlarge"}, "Machine", "warning"),
        ("pytorch", {}, {"instance_type": "ml.g5.xlarge", "instance_count": 2}, "Machine", None),
    ],
)
def test_it_fits_the_machine_to_the_algorithm(algorithm, texts, machine, check, verdict):
    assert verdicts(plan(algorithm, texts=texts, **machine)).get(check) == verdict


def test_it_wants_rows_for_every_instance_that_gets_a_share():
    sources = {"train": source(content_type="text/csv;label_size=0", rows=3, sharded=True)}
    few = plan("randomcutforest", sources=sources, instance_count=4)
    assert refusals(few) == {"instance_count": ["train has 3 rows for 4 instances."]}


def test_it_knows_an_objective_without_data():
    searching = plan(sources={"train": source(content_type="text/csv")})
    searching = Plan(**vars(searching) | {"objective": "validation:auc"})
    assert "validation:auc needs the channel validation" in refusals(searching)["objective"][0]


def test_it_judges_a_script_without_a_catalogue():
    found = judged(plan("pytorch", sources={"anything": source(content_type="", rows=0)}))
    assert [one.verdict for one in found if one.check != "Data"] == [Verdict.OK]


def test_it_lets_nobody_overrule_what_is_certain():
    certain = [one for one in judged(plan(sources={})) if one.verdict == Verdict.WOULD_FAIL]
    told = [*certain, *judged(plan(instance_count=2))]
    doubtful = certain[0].__class__("Quota", Verdict.WOULD_FAIL, "AWS allows 0.")
    assert stopping([*told, doubtful], anyway=False) == [*certain, doubtful]
    assert stopping([*told, doubtful], anyway=True) == certain
