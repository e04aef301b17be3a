"""InvokeEndpointAsync: a request waits in the queue, its answer goes to S3."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.conftest import LocalAws
from tests.localaws.hosting import config, obedient, variant
from tests.localaws.lab import BUCKET, Lab, refusal, until

OUT = f"s3://{BUCKET}/answers"
OUTPUT = {"S3OutputPath": f"{OUT}/", "S3FailurePath": f"s3://{BUCKET}/failures"}
AT_ONCE = {"MaxConcurrentInvocationsPerInstance": 2}


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    service = LocalAws(tmp_path_factory.mktemp("async") / "data", "--allow-scripts")
    lab = prepared(service)
    lab.endpoint("later", "later")
    config(lab, "at-once", variant("worker"))
    lab.endpoint("at-once", "at-once")
    yield lab
    lab.leave()
    service.stop()


def prepared(service: LocalAws) -> Lab:
    lab = Lab(service)
    obedient(lab, "worker")
    asynchronous = {"OutputConfig": OUTPUT, "ClientConfig": AT_ONCE}
    config(lab, "later", variant("worker"), AsyncInferenceConfig=asynchronous)
    return lab


def submit(lab: Lab, name: str, *, endpoint: str = "later", **asked: Any) -> dict[str, Any]:
    lab.s3.put_object(
        Bucket=BUCKET, Key=f"in/{name}", Body=json.dumps(asked).encode(), ContentType="text/x-asked"
    )
    answer: dict[str, Any] = lab.runtime.invoke_endpoint_async(
        EndpointName=endpoint, InputLocation=f"s3://{BUCKET}/in/{name}"
    )
    return answer


def there(lab: Lab, uri: str) -> bytes | None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        content: bytes = lab.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchKey"  # noqa: PT017  not yet there
        return None
    return content


def arrived(lab: Lab, uri: str) -> bytes:
    content: bytes = until(lambda: there(lab, uri), lambda found: found is not None)
    return content


def test_it_answers_202_and_writes_the_answer_to_s3(lab):
    answer = submit(lab, "one")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    number = answer["OutputLocation"].removeprefix(f"{OUT}/").removesuffix(".out")
    assert answer["InferenceId"] == number
    assert answer["FailureLocation"] == f"s3://{BUCKET}/failures/{number}-error.out"
    assert json.loads(arrived(lab, answer["OutputLocation"])) == {
        "model": "worker",
        "kind": "text/x-asked",
    }
    assert there(lab, answer["FailureLocation"]) is None


def test_it_takes_a_payload_names_and_an_id_with_the_request(lab):
    answer = lab.runtime.invoke_endpoint_async(
        EndpointName="later",
        Body=b"{}",
        ContentType="application/json",
        InferenceId="mine",
        S3OutputPathExtension="some/where",
        Filename="answer.json",
    )
    assert answer["InferenceId"] == "mine"
    assert answer["OutputLocation"] == f"{OUT}/some/where/answer.json"
    assert json.loads(arrived(lab, answer["OutputLocation"]))["kind"] == "application/json"


def test_it_writes_what_the_model_says_to_the_failure_path(lab):
    answer = submit(lab, "bad", fail="no such thing")
    text = arrived(lab, answer["FailureLocation"]).decode()
    assert text.startswith("Received server error (500) from primary with message ")
    assert "no such thing" in text
    assert there(lab, answer["OutputLocation"]) is None
    lines = lab.localaws.client("logs").filter_log_events(
        logGroupName="/aws/sagemaker/Endpoints/later", filterPattern='"no such thing"'
    )
    assert any("/data-log" in event["logStreamName"] for event in lines["events"])


def test_it_writes_that_there_is_no_input_to_the_failure_path(lab):
    answer = lab.runtime.invoke_endpoint_async(
        EndpointName="later", InputLocation=f"s3://{BUCKET}/in/missing"
    )
    text = arrived(lab, answer["FailureLocation"]).decode()
    assert text.startswith(f"Cannot download the request payload s3://{BUCKET}/in/missing")


def test_it_ends_a_request_that_takes_too_long(lab):
    lab.s3.put_object(Bucket=BUCKET, Key="in/slow", Body=b'{"sleep": 2}')
    answer = lab.runtime.invoke_endpoint_async(
        EndpointName="later", InputLocation=f"s3://{BUCKET}/in/slow", InvocationTimeoutSeconds=1
    )
    assert b"invocation timed out" in arrived(lab, answer["FailureLocation"])


def test_it_accepts_before_it_answers(lab):
    started = time.monotonic()
    answers = [submit(lab, f"many-{number}", sleep=0.4) for number in range(5)]
    accepted = time.monotonic() - started
    for answer in answers:
        arrived(lab, answer["OutputLocation"])
    assert accepted < 2 <= time.monotonic() - started


def test_it_goes_on_over_an_update(lab):
    answers = [submit(lab, f"during-{number}", sleep=0.3) for number in range(8)]
    lab.sagemaker.update_endpoint(EndpointName="later", EndpointConfigName="later")
    lab.settled("later", "InService")
    for answer in answers:
        arrived(lab, answer["OutputLocation"])


def test_it_refuses_the_other_way_of_asking(lab):
    code, message = refusal(lab.runtime.invoke_endpoint, EndpointName="later", Body=b"{}")
    assert (code, message) == (
        "ValidationError",
        "Endpoint later is asynchronous: use InvokeEndpointAsync.",
    )
    code, message = refusal(
        lab.runtime.invoke_endpoint_async, EndpointName="at-once", InputLocation=f"{OUT}/x"
    )
    assert (code, message) == (
        "ValidationError",
        "Endpoint at-once is not asynchronous: use InvokeEndpoint.",
    )


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "Exactly one of InputLocation and Body must be given."),
        ({"InputLocation": f"{OUT}/x", "Body": b"{}"}, "Exactly one of InputLocation and Body"),
        ({"InputLocation": "https://a/b"}, "localaws reads an InputLocation that begins with s3"),
    ],
)
def test_it_refuses_a_request_without_one_payload(lab, members, said):
    request = {"EndpointName": "later"} | members
    code, message = refusal(lab.runtime.invoke_endpoint_async, **request)
    assert code == "ValidationError"
    assert message.startswith(said)


def test_it_words_a_missing_endpoint_as_amazon(lab):
    code, message = refusal(
        lab.runtime.invoke_endpoint_async, EndpointName="nowhere", InputLocation=f"{OUT}/x"
    )
    assert code == "ValidationError"
    assert message == "Endpoint nowhere of account 123456789012 not found."


def test_it_describes_where_the_answers_go(lab):
    described = lab.sagemaker.describe_endpoint(EndpointName="later")["AsyncInferenceConfig"]
    assert described == {"OutputConfig": OUTPUT, "ClientConfig": AT_ONCE}
    given = lab.sagemaker.describe_endpoint_config(EndpointConfigName="later")
    assert given["AsyncInferenceConfig"] == described
    plain = lab.sagemaker.describe_endpoint(EndpointName="at-once")
    assert "AsyncInferenceConfig" not in plain


def test_it_refuses_a_configuration_whose_answers_go_nowhere(lab):
    code, message = refusal(
        lab.sagemaker.create_endpoint_config,
        EndpointConfigName="nowhere",
        ProductionVariants=[variant("worker")],
        AsyncInferenceConfig={"OutputConfig": {}},
    )
    assert code == "ValidationException"
    assert message == "localaws needs the S3OutputPath of AsyncInferenceConfig."


def test_it_publishes_the_size_of_the_queue(lab):
    answers = [submit(lab, f"queued-{number}", sleep=0.2) for number in range(4)]
    until(lambda: maximum(lab, "ApproximateBacklogSize"), lambda size: size >= 1)
    for answer in answers:
        arrived(lab, answer["OutputLocation"])
    until(
        lambda: maximum(lab, "InvocationsProcessed", VariantName="AllTraffic"),
        lambda processed: processed == 1,
    )
    assert maximum(lab, "HasBacklogWithoutCapacity") == 0
    assert maximum(lab, "Invocations", VariantName="AllTraffic") == -1


def maximum(lab: Lab, name: str, **dimensions: str) -> float:
    """-1 when nothing was published."""
    now = datetime.now(UTC)
    given = {"EndpointName": "later"} | dimensions
    found = lab.localaws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in given.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Maximum"],
    )
    return max((point["Maximum"] for point in found["Datapoints"]), default=-1)
