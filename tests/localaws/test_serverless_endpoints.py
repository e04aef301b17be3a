"""Endpoints with a ServerlessConfig, which start and serve as any other."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.hosting import config, obedient, variant
from tests.localaws.lab import Lab, refusal

SIZE = {"MemorySizeInMB": 2048, "MaxConcurrency": 1}


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    service = LocalAws(tmp_path_factory.mktemp("serverless") / "data", "--allow-scripts")
    lab = Lab(service)
    obedient(lab, "worker")
    config(lab, "small", variant("worker", ServerlessConfig=SIZE))
    lab.endpoint("small", "small")
    yield lab
    lab.leave()
    service.stop()


def test_it_shows_its_size_and_no_instances(lab):
    given = lab.sagemaker.describe_endpoint_config(EndpointConfigName="small")
    (shown,) = given["ProductionVariants"]
    assert shown["ServerlessConfig"] == SIZE
    assert not {"InstanceType", "InitialInstanceCount"} & set(shown)
    (now,) = lab.sagemaker.describe_endpoint(EndpointName="small")["ProductionVariants"]
    assert now["CurrentServerlessConfig"] == SIZE
    assert now["CurrentInstanceCount"] == 0


def test_it_throttles_what_is_more_than_its_concurrency(lab):
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lab.ask, "small", b'{"sleep": 1.5}')
        time.sleep(0.5)
        code, message = refusal(lab.runtime.invoke_endpoint, EndpointName="small", Body=b"{}")
        assert (code, message) == ("ThrottlingException", "Rate exceeded")
        assert json.loads(slow.result())["model"] == "worker"
    assert json.loads(lab.ask("small", b"{}"))["model"] == "worker"


def test_it_has_no_instances(lab):
    given = variant("worker", ServerlessConfig=SIZE) | {"InstanceType": "ml.m5.large"}
    code, message = refusal(
        lab.sagemaker.create_endpoint_config,
        EndpointConfigName="both",
        ProductionVariants=[given],
    )
    assert code == "ValidationException"
    assert message == "Production variant AllTraffic is serverless and has no instances."


def test_it_is_not_asynchronous(lab):
    code, message = refusal(
        lab.sagemaker.create_endpoint_config,
        EndpointConfigName="both",
        ProductionVariants=[variant("worker", ServerlessConfig=SIZE)],
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://lab-bucket/out"}},
    )
    assert code == "ValidationException"
    assert message == "Asynchronous inference is not available on serverless variants."


def test_streamed_answers_are_refused_by_name(lab):
    code, message = refusal(
        lab.runtime.invoke_endpoint_with_response_stream, EndpointName="small", Body=b"{}"
    )
    assert code == "NotImplementedException"
    assert message == "InvokeEndpointWithResponseStream is not implemented by localaws."
