"""CloudWatch Logs as boto3 and the SageMaker SDK read it."""

import secrets
import time

import pytest
from botocore.exceptions import ClientError

GROUP = "/aws/sagemaker/TrainingJobs"


@pytest.fixture
def logs(localaws):
    return localaws.client("logs")


@pytest.fixture
def stream(logs):
    """Ten events, one per second; the group and the stream's name."""
    names = {"logGroupName": f"{GROUP}-{secrets.token_hex(4)}", "logStreamName": "job/algo-1"}
    logs.create_log_group(logGroupName=names["logGroupName"])
    logs.create_log_stream(**names)
    events = [{"timestamp": 1_000_000 + 1000 * n, "message": f"line {n}"} for n in range(10)]
    logs.put_log_events(**names, logEvents=events)
    return names


def messages(answer):
    return [event["message"] for event in answer["events"]]


LINES = [f"line {n}" for n in range(10)]


def test_it_reads_forward_until_the_token_repeats(logs, stream):
    read: list[str] = []
    token = None
    for _ in range(20):
        more: dict[str, str] = {"nextToken": token} if token else {}
        answer = logs.get_log_events(**stream, startFromHead=True, limit=4, **more)
        read += messages(answer)
        if answer["nextForwardToken"] == token:
            break
        token = answer["nextForwardToken"]
    assert read == LINES
    assert messages(answer) == []
    late = [{"timestamp": 2_000_000, "message": "late"}]
    logs.put_log_events(**stream, logEvents=late)
    assert messages(logs.get_log_events(**stream, nextToken=token)) == ["late"]


def test_it_reads_the_tail_and_then_backward(logs, stream):
    tail = logs.get_log_events(**stream, limit=3)
    assert messages(tail) == LINES[-3:]
    before = logs.get_log_events(**stream, limit=3, nextToken=tail["nextBackwardToken"])
    assert messages(before) == LINES[4:7]
    after = logs.get_log_events(**stream, nextToken=tail["nextForwardToken"])
    assert messages(after) == []


def test_it_reads_a_span_of_time(logs, stream):
    span = {"startTime": 1_002_000, "endTime": 1_004_000}
    assert messages(logs.get_log_events(**stream, startFromHead=True, **span)) == LINES[2:4]


def test_it_describes_streams_without_a_token_when_they_fit(logs, stream):
    """The SDK repeats its question for ever as long as there is a token."""
    group = stream["logGroupName"]
    answer = logs.describe_log_streams(
        logGroupName=group, logStreamNamePrefix="job/", orderBy="LogStreamName", limit=1
    )
    assert [s["logStreamName"] for s in answer["logStreams"]] == ["job/algo-1"]
    assert answer["logStreams"][0]["firstEventTimestamp"] == 1_000_000
    assert answer["logStreams"][0]["lastEventTimestamp"] == 1_009_000
    assert "nextToken" not in answer
    logs.create_log_stream(logGroupName=group, logStreamName="job/algo-2")
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=group, PaginationConfig={"PageSize": 1}
    )
    names = [s["logStreamName"] for page in pages for s in page["logStreams"]]
    assert names == ["job/algo-1", "job/algo-2"]


def test_it_filters_over_streams(logs, stream):
    group = stream["logGroupName"]
    other = {"logGroupName": group, "logStreamName": "other/algo-1"}
    logs.create_log_stream(**other)
    event = {"timestamp": 1_000_500, "message": "an ERROR here"}
    logs.put_log_events(**other, logEvents=[event])
    found = logs.filter_log_events(logGroupName=group, filterPattern='"ERROR"')["events"]
    assert [(e["logStreamName"], e["message"]) for e in found] == [
        ("other/algo-1", "an ERROR here")
    ]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, logStreamNamePrefix="job/", PaginationConfig={"PageSize": 4}
    )
    assert [e["message"] for page in pages for e in page["events"]] == LINES


def test_it_says_what_does_not_exist(logs, stream):
    missing = stream | {"logStreamName": "nope"}
    with pytest.raises(ClientError, match="The specified log stream does not exist"):
        logs.get_log_events(**missing)
    with pytest.raises(logs.exceptions.ResourceNotFoundException, match="log group"):
        logs.describe_log_streams(logGroupName="/no/such/group")
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=stream["logGroupName"])


def test_it_lists_groups_by_prefix(logs, stream):
    name = stream["logGroupName"]
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert [group["logGroupName"] for group in groups] == [name]
    assert groups[0]["creationTime"] <= time.time() * 1000
    assert groups[0]["storedBytes"] > 0
