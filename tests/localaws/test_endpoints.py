"""Model, configuration, endpoint: from Creating to gone."""

import io
import tarfile
from collections.abc import Iterator

import pytest

from tests.localaws.lab import XGBOOST, Lab, refusal, until

URL = "s3://lab-bucket/out/for-endpoints/output/model.tar.gz"


@pytest.fixture(scope="module")
def lab(localaws) -> Iterator[Lab]:
    lab = Lab(localaws)
    lab.trained("for-endpoints")
    lab.model("cancer-model", URL)
    lab.config("cancer-config", **{"cancer-model": 1})
    yield lab
    lab.leave()


def test_it_shows_no_variants_while_creating(lab):
    lab.sagemaker.create_endpoint(EndpointName="fresh", EndpointConfigName="cancer-config")
    fresh = lab.sagemaker.describe_endpoint(EndpointName="fresh")
    assert fresh["EndpointStatus"] == "Creating"
    assert "ProductionVariants" not in fresh
    (variant,) = lab.settled("fresh", "InService")["ProductionVariants"]
    assert (variant["CurrentWeight"], variant["DesiredInstanceCount"]) == (1.0, 1)
    assert variant["DeployedImages"][0]["SpecifiedImage"] == XGBOOST


def test_it_is_deleting_and_then_gone(lab):
    lab.endpoint("leaving", "cancer-config")
    lab.sagemaker.delete_endpoint(EndpointName="leaving")
    until(
        lambda: lab.sagemaker.list_endpoints(NameContains="leaving")["Endpoints"],
        lambda found: not found,
    )
    code, message = refusal(lab.sagemaker.describe_endpoint, EndpointName="leaving")
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/leaving"
    assert (code, message) == ("ValidationException", f'Could not find endpoint "{arn}".')
    assert not (lab.localaws.data / "sagemaker" / "endpoints" / "leaving").exists()


def test_it_refuses_to_delete_while_creating(lab):
    lab.sagemaker.create_endpoint(EndpointName="hasty", EndpointConfigName="cancer-config")
    code, message = refusal(lab.sagemaker.delete_endpoint, EndpointName="hasty")
    assert code == "ValidationException"
    assert message.startswith('Cannot update in-progress endpoint "arn:')


def test_it_fails_with_the_ping_message_when_the_model_cannot_be_loaded(lab):
    lab.put("broken/model.tar.gz", archive_of("xgboost-model", b"no model at all"))
    lab.model("broken", "s3://lab-bucket/broken/model.tar.gz")
    lab.config("broken", broken=1)
    failed = lab.endpoint("broken", "broken", "Failed")
    assert failed["FailureReason"] == (
        "The primary container for production variant broken did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    lab.sagemaker.delete_endpoint(EndpointName="broken")


def test_it_refuses_pickled_models(lab):
    lab.put("pickled/model.tar.gz", archive_of("xgboost-model", b"\x80\x04N."))
    lab.model("pickled", "s3://lab-bucket/pickled/model.tar.gz")
    lab.config("pickled", pickled=1)
    lab.endpoint("pickled", "pickled", "Failed")
    lines = lab.logged("/aws/sagemaker/Endpoints/pickled", "pickled/")
    assert any("it is a Python pickle" in line for line in lines)


def test_it_keeps_serving_while_it_is_updated(lab):
    lab.endpoint("updated", "cancer-config")
    lab.model("second-model", URL)
    lab.config("second-config", **{"second-model": 3})
    lab.sagemaker.update_endpoint(EndpointName="updated", EndpointConfigName="second-config")
    row = b",".join([b"1.0"] * 30)
    while lab.sagemaker.describe_endpoint(EndpointName="updated")["EndpointStatus"] == "Updating":
        assert float(lab.ask("updated", row)) > 0
    now = lab.settled("updated", "InService")
    assert now["EndpointConfigName"] == "second-config"
    answer = lab.runtime.invoke_endpoint(EndpointName="updated", ContentType="text/csv", Body=row)
    assert answer["InvokedProductionVariant"] == "second-model"


def test_it_goes_on_as_before_when_an_update_fails(lab):
    lab.endpoint("kept", "cancer-config")
    lab.put("rotten/model.tar.gz", archive_of("xgboost-model", b"no model at all"))
    lab.model("rotten", "s3://lab-bucket/rotten/model.tar.gz")
    lab.config("rotten", rotten=1)
    lab.sagemaker.update_endpoint(EndpointName="kept", EndpointConfigName="rotten")
    now = lab.settled("kept", "InService")
    assert now["EndpointConfigName"] == "cancer-config"
    assert "ping health check" in now["FailureReason"]
    assert float(lab.ask("kept", b",".join([b"1.0"] * 30))) > 0


def archive_of(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
