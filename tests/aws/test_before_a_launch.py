"""What is asked before a launch: prices, quotas, the role's trust, the bucket's region."""

import json
from dataclasses import replace

import pytest

from aws import errors, iam, price_list, quotas, s3
from aws.clients import client
from tests.aws.conftest import Reply


def product(name, usd, unit="Hrs", **more):
    dimensions = {"x": {"unit": unit, "pricePerUnit": {"USD": usd}}}
    return json.dumps(
        {
            "product": {"attributes": {"instanceName": name} if name else {}},
            "terms": {"OnDemand": {"t": {"priceDimensions": dimensions}}, **more},
        }
    )


def page(*products, **more):
    return Reply(body=json.dumps({"PriceList": products, **more}).encode())


def test_it_reads_what_an_hour_costs(local):
    assert price_list.hourly(local, "training")["ml.m5.large"] == 0.115
    assert price_list.hourly(local, "processing")
    assert price_list.hourly(replace(local, region="eu-west-1"), "hosting") == {}


def test_it_reads_on_and_leaves_out_what_is_no_hour(scripted):
    scripted.says(
        page(product("ml.a.b", "0.10"), product("ml.c.d", "0.30", Reserved={}), NextToken="2"),
        page(product("ml.a.b", "0.12"), product("", "9"), product("ml.e.f", "9", unit="GB-Mo")),
    )
    account = replace(scripted.account, region="eu-north-1")
    assert price_list.hourly(account, "hosting") == {"ml.a.b": 0.12, "ml.c.d": 0.30}
    asked = json.loads(scripted.requests[0].body)
    assert {one["Field"]: one["Value"] for one in asked["Filters"]} == {
        "regionCode": "eu-north-1",
        "component": "Hosting",
    }
    assert "/eu-central-1/pricing/" in scripted.requests[0].headers["Authorization"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", errors.Denied),
        ("NotFoundException", errors.NotFound),
        ("NoSuchResourceException", errors.NotFound),
        ("TooManyRequestsException", errors.Throttled),
        ("ServiceException", errors.Unavailable),
    ],
)
def test_it_tells_their_errors_apart(scripted, code, kind):
    scripted.fails(code, "said AWS")
    with pytest.raises(kind, match="said AWS"):
        quotas.value(scripted.account, "L-1", read_timeout=2)


def test_it_finds_a_quota_by_its_name(local):
    codes = dict(quotas.codes(local))
    name = quotas.training_quota("ml.m5.large", spot=False)
    assert name == "ml.m5.large for training job usage"
    assert quotas.value(local, codes[name]) == 64
    assert quotas.training_quota("ml.m5.large", spot=True) in codes


def test_it_knows_whom_a_role_trusts(moto, name):
    def trusted(statement):
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        roles.update_assume_role_policy(RoleName=name, PolicyDocument=document)
        return iam.trusted_services(moto, name)

    roles = client(moto, "iam")
    roles.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({}))
    sagemaker, ec2 = "sagemaker.amazonaws.com", "ec2.amazonaws.com"
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    several = [allow | {"Principal": {"Service": [sagemaker, ec2]}}]
    assert trusted(several) == {sagemaker, ec2}
    other = {"Effect": "Allow", "Action": ["sts:TagSession"], "Principal": {"Service": sagemaker}}
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"Service": sagemaker}}
    user = allow | {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    assert trusted([other, deny, user]) == frozenset()
    with pytest.raises(errors.NotFound):
        iam.trusted_services(moto, "nobody")


def test_it_knows_where_a_bucket_is(local, name):
    s3.ensure_bucket(local, name)
    assert s3.bucket_region(local, name) == "us-east-1"
    with pytest.raises(errors.NotFound):
        s3.bucket_region(local, "no-such-bucket-anywhere")
