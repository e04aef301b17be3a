"""A training job really trains: states, log, metrics, artifact."""

import io
import tarfile
from datetime import UTC, datetime, timedelta

import pytest

from tests.localaws.lab import BUCKET, XGBOOST, Lab, channel


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    return Lab(localaws)


@pytest.fixture(scope="module")
def job(lab):
    return lab.trained(
        "cancer",
        {"objective": "binary:logistic", "num_round": "50", "eval_metric": "logloss,accuracy"},
    )


def test_it_goes_through_the_states_with_messages_and_times(job):
    steps = job["SecondaryStatusTransitions"]
    assert [(step["Status"], step["StatusMessage"]) for step in steps] == [
        ("Starting", "Starting the training job"),
        ("Downloading", "Downloading input data"),
        ("Training", "Training image download completed. Training in progress."),
        ("Uploading", "Uploading generated training model"),
        ("Completed", "Training job completed"),
    ]
    assert [step["EndTime"] for step in steps[:-1]] == [step["StartTime"] for step in steps[1:]]
    assert steps[-1]["StartTime"] == steps[-1]["EndTime"] == job["TrainingEndTime"]
    assert job["TrainingStartTime"] == steps[1]["StartTime"]
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1


def test_it_takes_seconds_not_minutes(job):
    assert (job["TrainingEndTime"] - job["CreationTime"]).total_seconds() < 10


def test_it_fills_in_what_the_service_fills_in(job):
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["OutputDataConfig"]["CompressionType"] == "GZIP"
    assert job["InputDataConfig"][0]["CompressionType"] == "None"
    assert job["EnableManagedSpotTraining"] is False
    names = {item["Name"] for item in job["AlgorithmSpecification"]["MetricDefinitions"]}
    assert {"train:logloss", "validation:accuracy"} <= names
    assert len(names) <= 40


def test_it_stores_the_log_with_tabs_as_the_service_writes_them(lab, job):
    lines = lab.logged("/aws/sagemaker/TrainingJobs", "cancer/algo-1-")
    rounds = [line for line in lines if line.startswith("[") and "#011" in line]
    assert len(rounds) == 50
    assert rounds[49].startswith("[49]#011train-logloss:0.0")
    assert not any("\t" in line for line in lines)


def test_it_reports_the_last_value_of_each_metric(lab, job):
    metrics = {item["MetricName"]: item["Value"] for item in job["FinalMetricDataList"]}
    assert metrics.keys() == {
        f"{channel}:{metric}"
        for channel in ("train", "validation")
        for metric in ("logloss", "accuracy")
    }
    last = lab.logged("/aws/sagemaker/TrainingJobs", "cancer/algo-1-")[-1]
    assert f"validation-logloss:{metrics['validation:logloss']:.5f}" in last
    assert metrics["validation:accuracy"] > 0.9


def test_it_sends_metric_points_to_cloudwatch(lab, job):
    now = datetime.now(UTC)
    points = lab.localaws.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="validation:logloss",
        Dimensions=[{"Name": "TrainingJobName", "Value": "cancer"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=2),
        Period=3600,
        Statistics=["SampleCount", "Minimum"],
    )["Datapoints"]
    assert sum(point["SampleCount"] for point in points) == 50
    assert min(point["Minimum"] for point in points) < 0.1


def test_it_uploads_the_model_without_a_double_slash(lab, job):
    url = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert url == f"s3://{BUCKET}/out/cancer/output/model.tar.gz"
    body = lab.s3.get_object(Bucket=BUCKET, Key="out/cancer/output/model.tar.gz")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        assert archive.getnames() == ["xgboost-model"]


def test_it_leaves_no_job_directory_behind(lab, job):
    assert not (lab.localaws.data / "sagemaker" / "jobs" / "cancer").exists()


def test_it_reads_a_manifest_and_ignores_empty_keys(lab):
    lab.put("lists/m.json", b'[{"prefix": "s3://lab-bucket/cancer/"}, "train/train.csv"]')
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/lists/m.json"}
    listed = channel("train", DataSource={"S3DataSource": source})
    job = lab.trained("from-a-manifest", InputDataConfig=[listed])
    assert [item["MetricName"] for item in job["FinalMetricDataList"]] == ["train:logloss"]


def test_it_reads_libsvm_when_no_content_type_is_given(lab):
    rows = (b"1 0:2.5 1:1\n0 0:0.5\n" * 20) + b"0 1:0.25\n"
    lab.put("svm/train.libsvm", rows)
    plain = channel("train", f"s3://{BUCKET}/svm/train.libsvm")
    del plain["ContentType"]
    assert lab.trained("libsvm", InputDataConfig=[plain])["FinalMetricDataList"]


def test_it_takes_any_account_and_region_of_the_image(lab):
    image = XGBOOST.replace("683313688378", "141502667606").replace("us-east-1", "eu-west-1")
    specification = {"TrainingImage": image, "TrainingInputMode": "File"}
    assert lab.trained("elsewhere", AlgorithmSpecification=specification)


def test_it_stops_early_and_keeps_the_best_model(lab):
    eager = {"objective": "binary:logistic", "num_round": "5000", "early_stopping_rounds": "3"}
    job = lab.trained("early", eager | {"eval_metric": "accuracy,logloss", "eta": "1"})
    lines = lab.logged("/aws/sagemaker/TrainingJobs", "early/algo-1-")
    assert 5 < len(lines) < 1000
    assert {item["MetricName"] for item in job["FinalMetricDataList"]} >= {"validation:logloss"}
