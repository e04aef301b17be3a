"""Several variants, serverless, asynchronous, recorded, labelled: as asked, or refused in words."""

import pytest

from core.errors import InvalidFields
from endpoints import cost, delete, deploy
from endpoints.deploy import Part
from endpoints.models import Endpoint
from endpoints.sizing import Setup, Share
from tests.endpoints.conftest import fresh, in_service, now

M5 = {"instance_type": "ml.m5.large", "instance_count": 1}
JSON = "application/json"


@pytest.fixture
def bob(signed_in, member):
    return signed_in(member)


@pytest.fixture
def bucket(workspace):
    workspace.bucket = "lab-bucket"
    workspace.save(update_fields=["bucket"])
    return workspace.bucket


def config_of(aws, endpoint):
    client = aws.client("sagemaker")
    return client.describe_endpoint_config(EndpointConfigName=endpoint.config_name)


def test_two_variants_share_the_requests(aws, who, job, make_job, artifact):
    other = Part(job=make_job(artifact), share=Share(**M5 | {"instance_count": 2}, weight=1))
    endpoint = in_service(deploy.request(who, job=job, **M5, weight=9, more=[other]))
    assert [(v["name"], v["weight"], v["instance_count"]) for v in endpoint.variants] == [
        ("AllTraffic", 9.0, 1),
        ("variant-2", 1.0, 2),
    ]
    assert endpoint.instance_count == 3
    assert endpoint.hourly_cost == pytest.approx(3 * 0.115)
    models = [variant["ModelName"] for variant in config_of(aws, endpoint)["ProductionVariants"]]
    assert models[0] == endpoint.model.aws_name
    assert len(set(models)) == 2


def test_what_a_refused_deploy_of_two_left_is_listed_and_then_cleaned(aws, who, job, make_job, lab):
    bad = Part(job=make_job("s3://lab-bucket/nowhere/model.tar.gz"), share=Share(**M5))
    endpoint = deploy.request(who, job=job, **M5, more=[bad])
    deploy.submit(fresh(endpoint), now())
    rejected = fresh(endpoint)
    assert rejected.status == "Rejected"
    assert "Could not find model data" in rejected.failure_reason
    assert [left["kind"] for left in rejected.leftovers] == ["config", "model"]
    delete.advance(rejected, now())
    assert fresh(endpoint).leftovers == []
    assert not lab.sagemaker.list_models(NameContains=endpoint.model.uid)["Models"]


def test_serverless_costs_nothing_at_rest(aws, requested):
    wish = Setup(kind="serverless", serverless={"memory_mb": 3072, "max_concurrency": 7})
    endpoint = in_service(requested(setup=wish))
    (variant,) = config_of(aws, endpoint)["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 3072, "MaxConcurrency": 7}
    assert (endpoint.kind, endpoint.hourly_cost) == ("serverless", 0.0)
    assert endpoint.variants[0]["serverless"]["memory_mb"] == 3072


def test_answers_recordings_and_tags_go_where_they_were_asked(aws, bucket, requested):
    wish = Setup(
        kind="asynchronous",
        async_config={"max_concurrent": 3},
        data_capture={"percent": 20, "uri": f"s3://{bucket}/seen/"},
        aws_tags={"team": "fraud"},
    )
    endpoint = in_service(requested(setup=wish))
    config = config_of(aws, endpoint)
    output = config["AsyncInferenceConfig"]
    assert output["OutputConfig"]["S3OutputPath"] == f"s3://{bucket}/endpoints/answers/"
    assert output["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 3}
    assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 20
    tags = aws.client("sagemaker").list_tags(ResourceArn=endpoint.arn)["Tags"]
    assert {"Key": "team", "Value": "fraud"} in tags
    assert endpoint.kind == "asynchronous"
    assert endpoint.data_capture == {"percent": 20, "uri": f"s3://{bucket}/seen/"}


SERVERLESS = Setup(kind="serverless")
REFUSED = [
    (Setup(kind="serverless", serverless={"memory_mb": 1000}), {}, "memory_mb"),
    (Setup(kind="serverless", serverless={"max_concurrency": 201}), {}, "max_concurrency"),
    (
        Setup(kind="serverless", serverless={"max_concurrency": 2, "provisioned": 3}),
        {},
        "provisioned",
    ),
    (Setup(kind="serverless", data_capture={"percent": 5}), {}, "capture_percent"),
    (Setup(kind="asynchronous", async_config={"max_concurrent": 0}), {}, "max_concurrent"),
    (
        Setup(kind="asynchronous", async_config={"output_uri": "s3://elsewhere/x"}),
        {},
        "output_uri",
    ),
    (Setup(data_capture={"percent": 101}), {}, "capture_percent"),
    (Setup(data_capture={"percent": 5, "uri": "https://a/b"}), {}, "capture_uri"),
    (Setup(kind="psychic"), {}, "kind"),
    (Setup(aws_tags={"aws:mine": "x"}), {}, "aws_tags"),
    (Setup(), {"weight": 0}, "weight"),
    (Setup(), {"weight": 101}, "weight"),
]


@pytest.mark.parametrize(("setup", "more", "field"), REFUSED)
def test_misfits_are_refused_at_their_field(who, make_job, setup, more, field):
    with pytest.raises(InvalidFields) as refused:
        deploy.request(who, job=make_job(), **M5, **more, setup=setup)
    assert list(refused.value.errors) == [field]
    assert not Endpoint.objects.exists()


def test_serverless_has_one_variant(who, make_job):
    second = Part(job=make_job(), share=Share(**M5))
    with pytest.raises(InvalidFields, match="one variant"):
        deploy.request(who, job=make_job(), setup=SERVERLESS, more=[second])


def test_the_misfit_of_another_variant_is_at_its_field(who, make_job):
    second = Part(job=make_job(), share=Share(instance_type="m5", instance_count=1))
    with pytest.raises(InvalidFields) as refused:
        deploy.request(who, job=make_job(), **M5, more=[second])
    assert list(refused.value.errors) == ["more_0_instance_type"]


def test_the_page_asks_for_variants_and_prices_them(bob, make_job):
    first, second = make_job(), make_job(name="another")
    url = f"/endpoints/deploy?job={first.uid}"
    share = f"&more_0_source=job:{second.uid}&more_0_instance_type=ml.m5.large"
    price = bob.get(f"{url}&part=price{share}", headers={"HX-Request": "true"})
    assert "$0.230" in price.content.decode()
    wish = {"name": "both", "idempotency_key": "k", "weight": "9", "aws_tags": "team=a"} | M5
    more = {"more_0_source": f"job:{second.uid}", "more_0_weight": "1", "capture_percent": "10"}
    assert bob.post(url, wish | more).status_code == 302
    endpoint = Endpoint.objects.get()
    assert [variant["weight"] for variant in endpoint.variants] == [9.0, 1.0]
    assert endpoint.aws_tags == {"team": "a"}
    assert endpoint.data_capture["percent"] == 10
    assert cost.monthly(endpoint.hourly_cost) == pytest.approx(0.23 * 730)


def test_the_page_shows_what_is_refused_at_its_field(bob, make_job):
    url = f"/endpoints/deploy?job={make_job().uid}"
    wish = {"kind": "serverless", "memory_mb": "2048", "capture_percent": "5"}
    answer = bob.post(url, wish | {"idempotency_key": "k"} | M5)
    assert answer.status_code == 422
    assert "does not record what serverless" in answer.content.decode()


def test_the_api_takes_variants(api, member, make_job):
    second = {"job": make_job().uid, "weight": 3} | M5
    body = {"job": make_job().uid, "more_variants": [second]} | M5
    answer = api(member).post("/api/v1/endpoints", body, JSON)
    assert answer.status_code == 201
    assert [variant["weight"] for variant in answer.json()["variants"]] == [1.0, 3.0]
