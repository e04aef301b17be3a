"""Tags follow the resource, whatever its kind."""

import pytest

from tests.localaws.lab import Lab, refusal


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    lab = Lab(localaws)
    lab.trained("tagged", Tags=[{"Key": "team", "Value": "lab"}])
    return lab


@pytest.fixture
def arn(lab):
    return lab.job("tagged")["TrainingJobArn"]


def tags(lab, arn):
    listed = lab.sagemaker.list_tags(ResourceArn=arn, MaxResults=50)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_it_keeps_the_tags_of_creation(lab, arn):
    assert tags(lab, arn)["team"] == "lab"


def test_it_answers_the_whole_list_and_takes_tags_away(lab, arn):
    more = [{"Key": "mlconsole:id", "Value": "7"}]
    answer = lab.sagemaker.add_tags(ResourceArn=arn, Tags=more)["Tags"]
    assert {tag["Key"] for tag in answer} == {"team", "mlconsole:id"}
    lab.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["mlconsole:id"])
    assert tags(lab, arn) == {"team": "lab"}


def test_it_refuses_an_unknown_resource(lab, arn):
    assert refusal(lab.sagemaker.list_tags, ResourceArn=f"{arn}x")[0] == "ValidationException"


def test_it_forgets_the_tags_of_a_deleted_job(lab):
    lab.trained("fleeting", Tags=[{"Key": "a", "Value": "b"}])
    arn = lab.job("fleeting")["TrainingJobArn"]
    lab.sagemaker.delete_training_job(TrainingJobName="fleeting")
    assert refusal(lab.sagemaker.list_tags, ResourceArn=arn)[0] == "ValidationException"
    lab.trained("fleeting")
    assert tags(lab, arn) == {}
