"""What kind an endpoint is decides how its calls are counted, and whether silence costs money."""

from datetime import timedelta

import pytest

from endpoints import idle, mirror, traffic
from endpoints.models import Endpoint
from tests.endpoints.conftest import fresh, now, until
from tests.localaws.lab import BUCKET

SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
INSTANCE = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.fixture
def found(aws, lab, artifact, workspace):
    """The row of an endpoint that a notebook made with this variant."""

    def make(name, variant, **members):
        lab.model(f"{name}-model", artifact)
        production = {"VariantName": "v", "ModelName": f"{name}-model"} | variant
        lab.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[production], **members
        )
        lab.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        lab.settled(name, "InService")
        mirror.look(workspace, now())
        return Endpoint.objects.get(aws_name=name, workspace=workspace)

    yield make
    lab.leave()


def test_an_asynchronous_endpoint_is_busy_by_what_it_processed(found, lab, workspace):
    output = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/answers/"}}
    endpoint = found("later", INSTANCE, AsyncInferenceConfig=output)
    assert endpoint.kind == idle.ASYNC
    row = ",".join(map(str, lab.features[500]))
    lab.runtime.invoke_endpoint_async(
        EndpointName="later", Body=row.encode(), ContentType="text/csv"
    )

    def read():
        Endpoint.objects.filter(pk=endpoint.pk).update(traffic_check_at=now())
        traffic.refresh(workspace, now() + timedelta(seconds=61))

    until(read, lambda: (fresh(endpoint).traffic or {}).get("invocations") == {"v": 1.0})
    assert traffic.verdict(fresh(endpoint), now()).word == "busy"


def test_serverless_endpoints_rest_for_nothing_unless_copies_are_kept_warm(found):
    assert found("cheap", {"ServerlessConfig": SERVERLESS}).kind == idle.SERVERLESS
    warm = SERVERLESS | {"ProvisionedConcurrency": 2}
    assert found("warm", {"ServerlessConfig": warm}).kind == idle.REAL_TIME


def test_rows_of_before_are_read_again(found, workspace):
    endpoint = found("plain", INSTANCE)
    assert endpoint.kind == idle.REAL_TIME
    old = [{name: one for name, one in endpoint.variants[0].items() if name != "kind"}]
    Endpoint.objects.filter(pk=endpoint.pk).update(variants=old)
    assert traffic.verdict(fresh(endpoint), now(), grace=timedelta(0)).word == "unknown"
    mirror.look(workspace, now())
    assert fresh(endpoint).kind == idle.REAL_TIME


def test_waiting_requests_are_asked_for_without_the_variant(make_endpoint):
    variant = {"name": "v", "model": "m", "instance_count": 1, "kind": idle.ASYNC}
    queries = traffic.queries(make_endpoint(variants=[variant]))
    assert [(one.metric, sorted(one.dimensions)) for one in queries] == [
        ("InvocationsProcessed", ["EndpointName", "VariantName"]),
        ("InvocationFailures", ["EndpointName", "VariantName"]),
        ("ApproximateBacklogSize", ["EndpointName"]),
    ]


def test_inference_components_are_asked_for_by_their_names_alone(make_endpoint):
    variant = {"name": "v", "model": "", "instance_count": 1, "kind": idle.COMPONENTS}
    endpoint = make_endpoint(variants=[variant], components=[{"name": "llm"}, {"name": "tts"}])
    queries = traffic.queries(endpoint)
    assert {one.metric for one in queries} == {"Invocations"}
    names = [{"InferenceComponentName": "llm"}, {"InferenceComponentName": "tts"}]
    assert [one.dimensions for one in queries] == names
    endpoint.components = []
    assert traffic.queries(endpoint) == []
    assert traffic.verdict(endpoint, now()).word == "unknown"
