"""Amazon's own algorithms through the service: channels, log, metrics, endpoint."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.localaws.firstparty_job import RECORDIO, csv, labels_of, recordio, split
from tests.localaws.lab import BUCKET, Lab, channel

DIGITS = split("digits")


def image(repository: str) -> str:
    return f"382416733822.dkr.ecr.us-east-1.amazonaws.com/{repository}:1"


def recordio_channel(name: str, uri: str) -> dict[str, Any]:
    """As the SDK's RecordSet makes them: without a content type."""
    made = channel(name, uri)
    del made["ContentType"]
    made["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    return made


@pytest.fixture(scope="module")
def lab(localaws) -> Iterator[Lab]:
    lab = Lab(localaws)
    lab.put("digits/train/part-0", recordio(DIGITS.x[:700], DIGITS.y[:700]))
    lab.put("digits/train/part-1", recordio(DIGITS.x[700:], DIGITS.y[700:]))
    lab.put("digits/test/part-0", recordio(DIGITS.test_x, DIGITS.test_y))
    yield lab
    lab.leave()


def trained(lab: Lab, name: str, repository: str, **hyperparameters: str) -> dict[str, Any]:
    return lab.trained(
        name,
        hyperparameters,
        AlgorithmSpecification={"TrainingImage": image(repository), "TrainingInputMode": "File"},
        InputDataConfig=[
            recordio_channel(part, f"s3://{BUCKET}/digits/{part}/") for part in ("train", "test")
        ],
    )


def test_it_trains_watches_deploys_and_asks(lab):
    job = trained(lab, "digits-knn", "knn", k="5", predictor_type="classifier", sample_size="2000")
    metrics = {item["MetricName"]: item["Value"] for item in job["FinalMetricDataList"]}
    assert metrics["test:accuracy"] > 0.96
    defined = {item["Name"] for item in job["AlgorithmSpecification"]["MetricDefinitions"]}
    assert "test:accuracy" in defined
    log = lab.logged("/aws/sagemaker/TrainingJobs", "digits-knn/")
    assert log[0] == "Docker entrypoint called with argument(s): train"
    assert any("#quality_metric: host=algo-1, test accuracy <score>=0.9" in line for line in log)
    lab.model("digits-knn", job["ModelArtifacts"]["S3ModelArtifacts"], image("knn"))
    lab.config("digits-knn", **{"digits-knn": 1})
    lab.endpoint("digits-knn", "digits-knn")
    rows, labels = DIGITS.test_x[:100], DIGITS.test_y[:100].tolist()
    found = [
        row["predicted_label"]
        for row in json.loads(lab.ask("digits-knn", csv(rows)))["predictions"]
    ]
    assert sum(a == b for a, b in zip(found, labels, strict=True)) > 90
    binary = lab.ask("digits-knn", recordio(rows), ContentType=RECORDIO, Accept=RECORDIO)
    assert [row["predicted_label"] for row in labels_of(binary)] == [[label] for label in found]


FACTOR = {"factors_lr": "0.01", "bias_lr": "0.5", "linear_lr": "0.5", "epochs": "10"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("repository", "hyperparameters", "key", "metric"),
    [
        ("kmeans", {"k": "10", "feature_dim": "64"}, "predictions", "test:msd"),
        (
            "linear-learner",
            {"predictor_type": "multiclass_classifier", "num_classes": "10"},
            *("predictions", "test:multiclass_accuracy"),
        ),
        (
            "pca",
            {"feature_dim": "64", "num_components": "5", "mini_batch_size": "500"},
            *("projections", "train:progress"),
        ),
        (
            "factorization-machines",
            {"feature_dim": "64", "num_factors": "3", "predictor_type": "regressor"} | FACTOR,
            *("predictions", "test:rmse"),
        ),
    ],
)
def test_it_runs_every_image(lab, repository, hyperparameters, key, metric):
    job = trained(lab, f"digits-{repository}", repository, **hyperparameters)
    assert metric in {item["MetricName"] for item in job["FinalMetricDataList"]}
    name = f"serve-{repository}"
    lab.model(name, job["ModelArtifacts"]["S3ModelArtifacts"], image(repository))
    lab.config(name, **{name: 1})
    lab.endpoint(name, name)
    rows = [{"features": row} for row in DIGITS.test_x[:7].tolist()]
    body = json.dumps({"instances": rows}).encode()
    assert len(json.loads(lab.ask(name, body, ContentType="application/json"))[key]) == 7


def test_it_detects_anomalies(lab):
    job = lab.trained(
        "digits-forest",
        {"feature_dim": "64", "num_trees": "50"},
        AlgorithmSpecification={
            "TrainingImage": image("randomcutforest"),
            "TrainingInputMode": "File",
        },
        InputDataConfig=[recordio_channel("train", f"s3://{BUCKET}/digits/train/")],
    )
    lab.model("forest", job["ModelArtifacts"]["S3ModelArtifacts"], image("randomcutforest"))
    lab.config("forest", forest=1)
    lab.endpoint("forest", "forest")
    odd = DIGITS.test_x[:2].copy()
    odd[1] = 16 - odd[1]
    usual, negative = json.loads(lab.ask("forest", csv(odd)))["scores"]
    assert negative["score"] > usual["score"]


def test_it_fails_a_job_with_the_reason(lab):
    lab.start(
        "knn-refused",
        {"k": "5"},
        AlgorithmSpecification={"TrainingImage": image("knn"), "TrainingInputMode": "File"},
    )
    job = lab.finished("knn-refused")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "ClientError: No value(s) were specified for 'predictor_type', 'sample_size' which are "
        "required hyperparameter(s) (caused by ValidationError), exit code: 1"
    )
    log = "\n".join(lab.logged("/aws/sagemaker/TrainingJobs", "knn-refused"))
    assert "ERROR" in log
    assert "Customer Error: No value(s) were specified" in log
