"""Faults on request."""

import json
import time

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.localaws.conftest import LocalAws

PATH = "/_localaws/faults"


def inject(service, *rules):
    status, _, answer = service.call("PUT", PATH, json.dumps(rules).encode(), service="localaws")
    assert status == 200, answer


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    running = LocalAws(tmp_path_factory.mktemp("faults") / "data")
    running.client("s3").create_bucket(Bucket="data")
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def no_faults_left(service):
    yield
    assert service.call("DELETE", PATH, service="localaws")[0] == 200


def test_it_throttles_as_often_as_told(service):
    rule = {"service": "sagemaker", "operation": "ListModels", "kind": "throttle", "count": 2}
    inject(service, rule)
    client = service.client("sagemaker")
    for _ in range(2):
        with pytest.raises(ClientError) as refused:
            client.list_models()
        assert refused.value.response["Error"] == {
            "Code": "ThrottlingException",
            "Message": "Rate exceeded",
        }
    client.list_models()
    client.list_endpoints()


def test_it_answers_an_error_of_choice(service):
    inject(
        service,
        {"service": "s3", "kind": "error", "code": "SlowDown", "status": 503, "message": "Wait"},
    )
    with pytest.raises(ClientError, match="SlowDown") as refused:
        service.client("s3").put_object(Bucket="data", Key="k", Body=b"x")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    service.client("sts").get_caller_identity()


def test_it_performs_a_call_whose_response_is_lost(service):
    s3 = service.client("s3")
    inject(service, {"service": "s3", "operation": "PutObject", "kind": "lost_response"})
    with pytest.raises(ConnectionClosedError):
        s3.put_object(Bucket="data", Key="arrived", Body=b"all the same")
    assert s3.get_object(Bucket="data", Key="arrived")["Body"].read() == b"all the same"


def test_it_delays(service):
    inject(service, {"operation": "GetCallerIdentity", "kind": "latency", "seconds": 0.4})
    began = time.monotonic()
    service.client("sts").get_caller_identity()
    assert time.monotonic() - began >= 0.4


def test_it_answers_stale_reads_for_a_while(service):
    s3 = service.client("s3")
    inject(service, {"service": "s3", "operation": "ListObjectsV2", "kind": "stale", "seconds": 1})

    def count():
        return s3.list_objects_v2(Bucket="data", Prefix="stale/")["KeyCount"]

    assert count() == 0
    s3.put_object(Bucket="data", Key="stale/k", Body=b"x")
    assert count() == 0
    deadline = time.monotonic() + 10
    while count() == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_lets_the_first_calls_pass_when_told(service):
    sts = service.client("sts")
    inject(service, {"service": "sts", "kind": "throttle", "skip": 2})
    sts.get_caller_identity()
    sts.get_caller_identity()
    with pytest.raises(ClientError, match="Throttling"):
        sts.get_caller_identity()


def test_it_hits_about_as_often_as_its_probability(service):
    sts, hits = service.client("sts"), 0
    inject(service, {"service": "sts", "kind": "throttle", "probability": 0.5})
    for _ in range(60):
        try:
            sts.get_caller_identity()
        except ClientError:
            hits += 1
    assert 10 <= hits <= 50


def test_it_hits_the_same_calls_for_the_same_seed(service):
    sts = service.client("sts")

    def hits():
        rule = {"service": "sts", "kind": "throttle", "probability": 0.5, "seed": 4}
        inject(service, rule)
        found = []
        for call in range(20):
            try:
                sts.get_caller_identity()
            except ClientError:
                found.append(call)
        return found

    first = hits()
    assert 0 < len(first) < 20
    assert hits() == first


def test_it_hangs_without_performing_the_call(service):
    s3 = service.client("s3", read_timeout=0.5)
    inject(service, {"service": "s3", "operation": "PutObject", "kind": "hang", "seconds": 30})
    with pytest.raises(ReadTimeoutError):
        s3.put_object(Bucket="data", Key="hanging", Body=b"x")
    service.client("sts").get_caller_identity()
    service.call("DELETE", PATH, service="localaws")
    assert s3.list_objects_v2(Bucket="data", Prefix="hanging")["KeyCount"] == 0


def test_it_drops_the_connection_when_it_has_hung_long_enough(service):
    inject(service, {"service": "sts", "kind": "hang", "seconds": 0.2})
    with pytest.raises(ConnectionClosedError):
        service.client("sts").get_caller_identity()


def test_it_shows_the_rules_and_how_often_they_fired(service):
    inject(service, {"service": "sts", "kind": "latency", "seconds": 0})
    service.client("sts").get_caller_identity()
    _, _, answer = service.call("GET", PATH, service="localaws")
    [rule] = json.loads(answer)
    assert (rule["service"], rule["kind"], rule["fired"]) == ("sts", "latency", 1)


@pytest.mark.parametrize(
    "rules", [b"{}", b"[1]", b"not json", b'[{"kind": "fire"}]', b'[{"kind":"error","x":1}]']
)
def test_it_refuses_rules_it_does_not_understand(service, rules):
    status, _, answer = service.call("PUT", PATH, rules, service="localaws")
    assert status == 400
    assert b"ValidationException" in answer or b"Message" in answer


def test_it_takes_rules_from_the_key_holder_only(service):
    rules = json.dumps([{"kind": "throttle"}]).encode()
    assert service.call("PUT", PATH, rules)[0] == 403
    assert service.call("PUT", PATH, rules, {"X-Localaws-Secret": "guess"})[0] == 403
    assert service.call("GET", PATH, service="localaws")[2] == b"[]"
    assert service.call("PUT", PATH, rules, {"X-Localaws-Secret": service.secret})[0] == 200
    assert service.call("DELETE", PATH, b"", {"X-Localaws-Secret": service.secret})[0] == 200


def test_it_reads_rules_from_a_file_at_the_start(tmp_path):
    rules = tmp_path / "faults.json"
    rules.write_text('[{"service": "sts", "kind": "throttle", "count": 1}]')
    running = LocalAws(tmp_path / "data", "--faults", str(rules))
    try:
        with pytest.raises(ClientError, match="Throttling"):
            running.client("sts").get_caller_identity()
        running.client("sts").get_caller_identity()
    finally:
        running.stop()
