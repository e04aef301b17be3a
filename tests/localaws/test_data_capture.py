"""Data capture: good answers and their requests lie in S3 as Amazon lays them out."""

import base64
import json
import re

import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.hosting import config, obedient, variant
from tests.localaws.lab import BUCKET, Lab, until

BOTH = [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
JSON = {"JsonContentTypes": ["application/json"]}
LAYOUT = re.compile(
    r"seen/here/AllTraffic/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl"
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    service = LocalAws(tmp_path_factory.mktemp("capture") / "data", "--allow-scripts")
    lab = Lab(service)
    obedient(lab, "model")
    yield lab
    lab.leave()
    service.stop()


@pytest.fixture
def serve(lab):
    def serve(name, options=BOTH, percent=100, **more):
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": percent,
            "DestinationS3Uri": f"s3://{BUCKET}/seen",
            "CaptureOptions": options,
        }
        config(lab, name, variant("model"), DataCaptureConfig=capture | more)
        return lab.endpoint(name, name)

    return serve


def ask(lab, name, **asked):
    return lab.ask(name, json.dumps(asked).encode(), ContentType="application/json")


def keys(lab, name):
    listed = lab.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"seen/{name}/")
    return [one["Key"] for one in listed.get("Contents", ())]


def lines(lab, name, wanted):
    def read():
        texts = [
            lab.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys(lab, name)
        ]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    return until(read, lambda found: len(found) >= wanted)


def test_requests_and_answers_are_recorded_as_text_where_the_config_says_so(lab, serve):
    shown = serve("here", CaptureContentTypeHeader=JSON)["DataCaptureConfig"]
    assert (shown["CaptureStatus"], shown["CurrentSamplingPercentage"]) == ("Started", 100)
    answers = [ask(lab, "here", n=n).decode() for n in range(3)]
    found = lines(lab, "here", 3)
    assert all(LAYOUT.fullmatch(key) for key in keys(lab, "here"))
    data = [one["captureData"] for one in found]
    assert [json.loads(one["endpointInput"]["data"])["n"] for one in data] == [0, 1, 2]
    assert {one["endpointInput"]["encoding"] for one in data} == {"JSON"}
    assert [one["endpointOutput"]["data"] for one in data] == answers
    assert {one["eventVersion"] for one in found} == {"0"}
    assert len({one["eventMetadata"]["eventId"] for one in found}) == 3


def test_only_what_is_asked_for_is_recorded_and_never_a_failure(lab, serve):
    serve("inputs", options=BOTH[:1])
    serve("nothing", percent=0)
    with pytest.raises(lab.runtime.exceptions.ModelError):
        ask(lab, "inputs", fail="no")
    ask(lab, "nothing", n=1)
    ask(lab, "inputs", n=7)
    [one] = lines(lab, "inputs", 1)
    assert one["captureData"].keys() == {"endpointInput"}
    kept = one["captureData"]["endpointInput"]
    assert (kept["encoding"], kept["mode"]) == ("BASE64", "INPUT")
    assert json.loads(base64.b64decode(kept["data"])) == {"n": 7}
    assert keys(lab, "nothing") == []
