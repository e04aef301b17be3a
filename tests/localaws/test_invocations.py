"""InvokeEndpoint: answers, errors, shares of traffic, what CloudWatch sees."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import OLD_XGBOOST, Lab, csv, refusal, until

URL = "s3://lab-bucket/out/for-invocations/output/model.tar.gz"
ROW = b",".join([b"1.0"] * 30)


@pytest.fixture(scope="module")
def lab(localaws) -> Iterator[Lab]:
    lab = Lab(localaws)
    lab.trained("for-invocations", {"objective": "binary:logistic", "num_round": "50"})
    lab.model("one", URL)
    lab.model("two", URL)
    lab.model("old", URL, OLD_XGBOOST)
    lab.config("split", one=3, two=1, old=0)
    lab.endpoint("split", "split")
    yield lab
    lab.leave()


def test_it_predicts_what_the_model_learned(lab):
    answers = lab.ask("split", csv(lab.features[456:])).decode()
    assert answers.endswith("\n")
    scores = np.array(answers.split(), float)
    assert np.mean((scores > 0.5) == lab.labels[456:]) > 0.9


def test_it_answers_json_when_asked(lab):
    answer = json.loads(lab.ask("split", ROW + b"\n" + ROW, Accept="application/json"))
    assert [set(item) for item in answer["predictions"]] == [{"score"}, {"score"}]
    text = lab.ask("split", ROW, Accept="text/csv, application/json")
    assert float(text) == answer["predictions"][0]["score"]


def test_it_answers_one_line_as_versions_up_to_1_2_1(lab):
    answer = lab.ask("split", ROW + b"\n" + ROW, TargetVariant="old").decode()
    assert len(answer.split(",")) == 2
    assert "\n" not in answer


def test_it_reads_libsvm(lab):
    assert float(lab.ask("split", b"0:1.5 29:2.5", ContentType="text/libsvm")) > 0


@pytest.mark.parametrize(
    ("members", "status", "said"),
    [
        ({"Body": b"1,2"}, 400, "Unable to evaluate payload provided: Feature size of csv"),
        ({"Body": b"a,b"}, 415, "Loading csv data failed with Exception, please ensure"),
        ({"ContentType": "image/png"}, 415, "Content-type image/png not supported."),
        ({"Accept": "image/png"}, 406, "Accept type image/png is not supported."),
    ],
)
def test_it_hands_on_what_the_model_refuses(lab, members, status, said):
    request = {"EndpointName": "split", "ContentType": "text/csv", "Body": ROW} | members
    with pytest.raises(ClientError) as caught:
        lab.runtime.invoke_endpoint(**request)
    response: dict[str, Any] = dict(caught.value.response)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["Error"]["Code"] == "ModelError"
    assert response["OriginalStatusCode"] == status
    assert response["OriginalMessage"].startswith(said)
    assert response["Error"]["Message"].startswith(
        f'Received client error ({status}) from primary with message "{said}'
    )
    assert "group=/aws/sagemaker/Endpoints/split in account 123456789012" in str(caught.value)


def test_it_knows_no_such_endpoint(lab):
    code, message = refusal(lab.ask, endpoint="absent", body=ROW)
    assert code == "ValidationError"
    assert message == "Endpoint absent of account 123456789012 not found."


def test_it_limits_payloads_as_the_container_does(lab):
    body = (ROW + b"\n") * 60_000
    assert len(body) > 6 * 1024 * 1024
    code, message = refusal(lab.ask, endpoint="split", body=body)
    assert (code, message[:38]) == ("ModelError", "Received client error (413) from prima")
    assert refusal(lab.ask, endpoint="split", body=4 * body)[0] == (
        "RequestEntityTooLargeException"
    )


def test_it_answers_nothing_to_nothing(lab):
    assert lab.ask("split", b"") == b""


def test_it_shares_traffic_by_weight(lab):
    request = {"EndpointName": "split", "ContentType": "text/csv", "Body": ROW}
    seen = Counter(
        lab.runtime.invoke_endpoint(**request)["InvokedProductionVariant"] for _ in range(120)
    )
    assert seen["old"] == 0
    assert seen["one"] > seen["two"] > 0


def test_it_applies_new_weights(lab):
    lab.config("swap", one=1, two=0)
    lab.endpoint("swap", "swap")
    desired = [
        {"VariantName": "one", "DesiredWeight": 0},
        {"VariantName": "two", "DesiredWeight": 1},
    ]
    lab.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="swap", DesiredWeightsAndCapacities=desired
    )
    variants = lab.settled("swap", "InService")["ProductionVariants"]
    assert {v["VariantName"]: v["CurrentWeight"] for v in variants} == {"one": 0, "two": 1}
    answer = lab.runtime.invoke_endpoint(EndpointName="swap", ContentType="text/csv", Body=ROW)
    assert answer["InvokedProductionVariant"] == "two"


def test_it_counts_for_cloudwatch(lab):
    lab.config("counted", one=1)
    lab.endpoint("counted", "counted")
    for _ in range(2):
        lab.ask("counted", ROW)
    assert refusal(lab.ask, endpoint="counted", body=b"1,2")[0] == "ModelError"
    until(lambda: total(lab, "Invocations"), lambda count: count == 3)
    assert total(lab, "Invocation4XXErrors") == 1
    assert total(lab, "Invocation5XXErrors") == 0
    assert 3 * 50 < total(lab, "ModelLatency") < 3 * 10_000_000


def total(lab, metric: str):
    now = datetime.now(UTC)
    points = lab.localaws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[
            {"Name": "EndpointName", "Value": "counted"},
            {"Name": "VariantName", "Value": "one"},
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=2),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in points)


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the server's process in /proc")
def test_it_starts_a_crashed_server_again(lab):
    lab.config("crashing", one=1)
    lab.endpoint("crashing", "crashing")
    (pid,) = servers_below(lab.localaws.data / "sagemaker" / "endpoints" / "crashing")
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    assert float(lab.ask("crashing", ROW)) > 0


def servers_below(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").readlink()).startswith(str(folder)):
                found.append(int(process.name))
        except OSError:
            continue
    return found
