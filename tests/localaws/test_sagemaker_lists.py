"""Lists: filters first, then order, then pages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.localaws.lab import Lab, refusal, until

URL = "s3://lab-bucket/out/for-lists/output/model.tar.gz"


@pytest.fixture(scope="module")
def lab(localaws) -> Iterator[Lab]:
    lab = Lab(localaws)
    lab.trained("for-lists")
    for number in range(12):
        lab.model(f"listed-{number:02}", URL)
        lab.model(f"noise-{number:02}", URL)
    yield lab
    lab.leave()


def names(page) -> list[str]:
    return [model["ModelName"] for model in page["Models"]]


def every_page(lab, **request):
    pages = lab.sagemaker.get_paginator("list_models").paginate(**request)
    return [names(page) for page in pages]


def test_it_filters_before_it_cuts_pages(lab):
    pages = every_page(lab, NameContains="listed", PaginationConfig={"PageSize": 5})
    assert [len(page) for page in pages] == [5, 5, 2]
    assert {name.partition("-")[0] for page in pages for name in page} == {"listed"}


def test_it_shows_ten_newest_first_by_default(lab):
    page = lab.sagemaker.list_models(NameContains="listed")
    assert names(page) == [f"listed-{number:02}" for number in range(11, 1, -1)]
    rest = lab.sagemaker.list_models(NameContains="listed", NextToken=page["NextToken"])
    assert names(rest) == ["listed-01", "listed-00"]
    assert "NextToken" not in rest


def test_it_sorts_by_name(lab):
    request = {"NameContains": "listed", "SortBy": "Name", "SortOrder": "Ascending"}
    assert names(lab.sagemaker.list_models(**request))[0] == "listed-00"


def test_it_does_not_shift_when_something_new_comes(lab):
    request = {"NameContains": "shifting", "MaxResults": 2}
    for number in range(4):
        lab.model(f"shifting-{number}", URL)
    first = lab.sagemaker.list_models(**request)
    lab.model("shifting-9", URL)
    second = lab.sagemaker.list_models(NextToken=first["NextToken"], **request)
    assert names(first) + names(second) == [f"shifting-{number}" for number in (3, 2, 1, 0)]


def test_it_filters_by_time(lab):
    created = lab.sagemaker.describe_model(ModelName="listed-05")["CreationTime"]
    page = lab.sagemaker.list_models(
        NameContains="listed", CreationTimeAfter=created + timedelta(milliseconds=1)
    )
    assert "listed-05" not in names(page)
    assert "listed-11" in names(page)


def test_it_refuses_a_token_of_its_own_making(lab):
    assert refusal(lab.sagemaker.list_models, NextToken="bm90IGEgdG9rZW4=")[0] == (
        "ValidationException"
    )


def test_it_lists_jobs_with_their_states(lab):
    lab.start("lists-fails", {"num_round": "none"})
    lab.finished("lists-fails")
    failed = lab.sagemaker.list_training_jobs(NameContains="lists", StatusEquals="Failed")
    (summary,) = failed["TrainingJobSummaries"]
    assert (summary["TrainingJobName"], summary["SecondaryStatus"]) == ("lists-fails", "Failed")
    assert summary["TrainingEndTime"] >= summary["CreationTime"]


def test_it_lists_the_oldest_job_first(lab):
    for number in range(3):
        lab.start(f"in-order-{number}", {"num_round": "none"})
    listed = lab.sagemaker.list_training_jobs(NameContains="in-order")["TrainingJobSummaries"]
    assert [item["TrainingJobName"][-1] for item in listed] == ["0", "1", "2"]


def test_it_lists_what_changed_since(lab):
    lab.trained("lists-late")
    late = lab.job("lists-late")["LastModifiedTime"]
    changed = lab.sagemaker.list_training_jobs(NameContains="lists", LastModifiedTimeAfter=late)
    assert [j["TrainingJobName"] for j in changed["TrainingJobSummaries"]] == ["lists-late"]


def test_it_lists_endpoints_and_configurations(lab):
    lab.config("lists-config", **{"listed-00": 1})
    lab.endpoint("lists-endpoint", "lists-config")
    (config,) = lab.sagemaker.list_endpoint_configs(NameContains="lists")["EndpointConfigs"]
    assert config["EndpointConfigArn"].endswith(":endpoint-config/lists-config")
    found = until(
        lambda: lab.sagemaker.list_endpoints(NameContains="lists", StatusEquals="InService"),
        lambda page: page["Endpoints"],
    )
    assert [item["EndpointName"] for item in found["Endpoints"]] == ["lists-endpoint"]
