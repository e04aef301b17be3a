"""The conformance table says what the code and botocore's model say."""

import pytest

from localaws import conformance
from localaws.errors import AwsError
from localaws.wire.declared import DECLARED, refuse
from tests.localaws.lab import refusal


def test_it_decides_every_member_of_every_operation():
    assert list(conformance.problems()) == []


def test_it_is_printed_in_the_readme():
    text = conformance.README.read_text()
    assert text == conformance.rendered(text), "run python -m localaws.conformance --write"


def test_it_lists_every_served_operation():
    table = conformance.table()
    for operations in DECLARED.values():
        for name in operations:
            assert f"| {name} |" in table
    assert "`PutObject`" in table


def test_it_would_notice_a_new_member(monkeypatch):
    fields = DECLARED["sagemaker"]["StopTrainingJob"]
    monkeypatch.setitem(DECLARED["sagemaker"], "StopTrainingJob", type(fields)("Other"))
    assert sorted(conformance.problems()) == [
        "sagemaker.StopTrainingJob: Other is not in botocore's model",
        "sagemaker.StopTrainingJob: TrainingJobName is undecided",
    ]


def test_it_refuses_what_the_table_says_by_name(localaws):
    client = localaws.client("sagemaker")
    code, message = refusal(client.list_training_jobs, WarmPoolStatusEquals="InUse")
    assert code == "ValidationException"
    assert message == "WarmPoolStatusEquals of ListTrainingJobs is not available in localaws."


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_it_looks_into_lists_and_over_empty_members(empty):
    ranges = {"AutoParameters": [{"Name": "a", "ValueHint": "1"}]}
    request = {"TrainingJobDefinitions": [{}, {"HyperParameterRanges": ranges}]}
    with pytest.raises(AwsError, match="AutoParameters of CreateHyperParameterTuningJob"):
        refuse("sagemaker", "CreateHyperParameterTuningJob", request)
    ranges["AutoParameters"] = empty
    refuse("sagemaker", "CreateHyperParameterTuningJob", request)
