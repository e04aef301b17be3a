"""What an endpoint is asked lies in the workspace's bucket as text, where its page says."""

import json

import pytest
from django.urls import reverse

from endpoints.sizing import Setup
from tests.endpoints.conftest import in_service, until
from tests.localaws.lab import BUCKET

pytestmark = pytest.mark.django_db


def test_requests_are_recorded_where_the_page_says(aws, lab, requested, signed_in, member):
    endpoint = in_service(requested(setup=Setup(data_capture={"percent": 100})))
    row = ",".join(map(str, lab.features[500]))
    answer = lab.ask(endpoint.aws_name, row.encode()).decode()
    place = f"endpoints/captured/{endpoint.aws_name}/"
    page = signed_in(member).get(reverse("endpoints:detail", args=[endpoint.uid]))
    assert f"s3://{BUCKET}/{place}" in page.content.decode()

    def found():
        listed = lab.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{place}AllTraffic/")
        return listed.get("Contents")

    [kept] = until(lambda: None, found)
    body = lab.s3.get_object(Bucket=BUCKET, Key=kept["Key"])["Body"].read()
    data = json.loads(body)["captureData"]
    assert (data["endpointInput"]["encoding"], data["endpointInput"]["data"]) == ("CSV", row)
    assert data["endpointOutput"]["data"] == answer
