"""Search by what Describe shows."""

from datetime import UTC, datetime

import pytest

from localaws.errors import AwsError
from localaws.sagemaker import matching
from tests.localaws.lab import BASIC, Lab, channel, refusal
from tests.localaws.tuning_lab import TuningLab, config

JOB = {
    "TrainingJobStatus": "Completed",
    "HyperParameters": {"eta": "0.3", "a.b": "x"},
    "FinalMetricDataList": [{"MetricName": "validation:auc", "Value": 0.91}],
    "InputDataConfig": [
        {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/one"}}},
        {"ChannelName": "test", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/two"}}},
    ],
    "Tags": [{"Key": "team", "Value": "red"}],
    "CreationTime": datetime(2026, 5, 1, tzinfo=UTC),
    "BillableTimeInSeconds": 30,
    "EnableManagedSpotTraining": False,
}


def fits(name, operator, value=None):
    given = {"Name": name, "Operator": operator} | ({} if value is None else {"Value": value})
    return matching.expression({"Filters": [given]})(JOB)


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("TrainingJobStatus", "Equals", "Completed", True),
        ("TrainingJobStatus", "NotEquals", "Failed", True),
        ("TrainingJobStatus", "In", "Failed, Completed", True),
        ("TrainingJobStatus", "Contains", "plet", True),
        ("HyperParameters.eta", "LessThan", "0.5", True),
        ("HyperParameters.a.b", "Equals", "x", True),
        ("HyperParameters.gamma", "Exists", None, False),
        ("HyperParameters.gamma", "NotExists", None, True),
        ("HyperParameters.gamma", "LessThan", "1", False),
        ("Metrics.validation:auc", "GreaterThanOrEqualTo", "0.91", True),
        ("Metrics.validation:auc", "GreaterThan", "0.95", False),
        ("Tags.team", "Equals", "red", True),
        ("Tags.team", "Equals", "blue", False),
        ("CreationTime", "GreaterThan", "2026-04-01T00:00:00Z", True),
        ("CreationTime", "LessThan", "2026-04-01", False),
        ("CreationTime", "LessThan", "1e30", False),
        ("BillableTimeInSeconds", "Equals", "30.0", True),
        ("EnableManagedSpotTraining", "Equals", "false", True),
        ("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", "two", True),
    ],
)
def test_it_compares(name, operator, value, expected):
    assert fits(name, operator, value) is expected


def test_it_combines_expressions():
    red = {"Name": "Tags.team", "Operator": "Equals", "Value": "red"}
    failed = {"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Failed"}
    assert matching.expression({"Filters": [red, failed], "Operator": "Or"})(JOB)
    assert not matching.expression({"Filters": [red, failed]})(JOB)
    inner = {"Filters": [red, failed], "Operator": "Or"}
    assert matching.expression({"SubExpressions": [inner], "Filters": [red]})(JOB)
    assert matching.expression({})(JOB)


def test_it_wants_nested_filters_to_hold_for_one_element():
    def nested(uri):
        filters = [
            {"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": "train"},
            {
                "Name": "InputDataConfig.DataSource.S3DataSource.S3Uri",
                "Operator": "Contains",
                "Value": uri,
            },
        ]
        given = {"NestedPropertyName": "InputDataConfig", "Filters": filters}
        return matching.expression({"NestedFilters": [given]})(JOB)

    assert nested("one")
    assert not nested("two")


def test_it_refuses_filters_without_a_value():
    with pytest.raises(AwsError, match="needs a Value"):
        fits("TrainingJobStatus", "Equals")
    with pytest.raises(AwsError, match="takes no Value"):
        fits("TrainingJobStatus", "Exists", "x")


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    lab = TuningLab(localaws)
    for number, rounds in enumerate(("3", "4", "5")):
        tags = [{"Key": "search", "Value": "yes"}, {"Key": "number", "Value": str(number)}]
        lab.start(f"searched-{number}", BASIC | {"num_round": rounds}, Tags=tags)
    for number in range(3):
        lab.finished(f"searched-{number}")
    return lab


def searched(lab, resource="TrainingJob", tag="search", **members):
    filters = [{"Name": f"Tags.{tag}", "Operator": "Equals", "Value": "yes"}]
    request = {"Resource": resource, "SearchExpression": {"Filters": filters}}
    return lab.sagemaker.search(**request | members)


def test_it_finds_training_jobs_with_their_tags(lab):
    answer = searched(lab)
    jobs = [result["TrainingJob"] for result in answer["Results"]]
    assert answer["TotalHits"] == {"Value": 3, "Relation": "EqualTo"}
    assert {job["TrainingJobName"] for job in jobs} == {f"searched-{n}" for n in range(3)}
    assert {"Key": "search", "Value": "yes"} in jobs[0]["Tags"]
    assert jobs[0]["FinalMetricDataList"]
    times = [job["LastModifiedTime"] for job in jobs]
    assert times == sorted(times, reverse=True)


def test_it_sorts_by_a_metric_and_pages(lab):
    by = {"SortBy": "Metrics.train:logloss", "SortOrder": "Ascending", "MaxResults": 2}
    first = searched(lab, **by)
    rest = searched(lab, **by, NextToken=first["NextToken"])
    assert "NextToken" not in rest
    names = [r["TrainingJob"]["TrainingJobName"] for r in first["Results"] + rest["Results"]]
    assert names == ["searched-2", "searched-1", "searched-0"]


def test_it_finds_models_endpoints_and_tuning_jobs(lab):
    tags = [{"Key": "searched-kind", "Value": "yes"}]
    url = lab.job("searched-0")["ModelArtifacts"]["S3ModelArtifacts"]
    lab.model("searched", url)
    arn = lab.sagemaker.describe_model(ModelName="searched")["ModelArn"]
    lab.sagemaker.add_tags(ResourceArn=arn, Tags=tags)
    lab.config("searched", searched=1)
    lab.sagemaker.create_endpoint(EndpointName="searched", EndpointConfigName="searched", Tags=tags)
    lab.endpoints.append("searched")
    lab.settled("searched", "InService")
    lab.tune("searched", config(jobs=1), Tags=tags)
    lab.tuned("searched")
    try:
        for resource in ("Model", "Endpoint", "HyperParameterTuningJob"):
            [found] = searched(lab, resource, "searched-kind")["Results"]
            inner = found[resource]["Model"] if resource == "Model" else found[resource]
            assert inner[f"{resource}Name"] == "searched"
            assert inner["Tags"] == tags
    finally:
        lab.leave()


def test_it_finds_jobs_by_their_data(lab):
    lab.put("found-by/data.csv", b"1,2\n0,3\n" * 10)
    uri = "s3://lab-bucket/found-by/"
    lab.trained("by-data", InputDataConfig=[channel("train", uri)])
    given = {"Name": "InputDataConfig.DataSource.S3DataSource.S3Uri", "Value": uri}
    nested = {
        "NestedPropertyName": "InputDataConfig",
        "Filters": [given | {"Operator": "Equals"}],
    }
    answer = lab.sagemaker.search(
        Resource="TrainingJob", SearchExpression={"NestedFilters": [nested]}
    )
    names = [result["TrainingJob"]["TrainingJobName"] for result in answer["Results"]]
    assert names == ["by-data"]


def test_it_says_what_it_does_not_search(lab):
    code, message = refusal(lab.sagemaker.search, Resource="Pipeline")
    assert code == "ValidationException"
    assert message.startswith("localaws searches TrainingJob, Endpoint, Model, Hyper")
