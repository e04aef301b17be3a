"""Models whose files lie in S3 as they are."""

import pytest

from tests.localaws.lab import BUCKET, ROLE, XGBOOST, Lab, refusal


@pytest.fixture(scope="module")
def lab(localaws):
    lab = Lab(localaws)
    output = {"S3OutputPath": f"s3://{BUCKET}/plain/", "CompressionType": "NONE"}
    lab.trained("uncompressed", OutputDataConfig=output)
    yield lab
    lab.leave()


def create(lab, name, uri, kind="None"):
    source = {"S3Uri": uri, "S3DataType": "S3Prefix", "CompressionType": kind}
    container = {"Image": XGBOOST, "ModelDataSource": {"S3DataSource": source}}
    return lab.sagemaker.create_model(
        ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE
    )


def test_it_uploads_the_files_themselves(lab):
    job = lab.job("uncompressed")
    uri = f"s3://{BUCKET}/plain/uncompressed/output/model"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == uri
    assert job["OutputDataConfig"]["CompressionType"] == "NONE"
    listed = lab.s3.list_objects_v2(Bucket=BUCKET, Prefix="plain/uncompressed/")["Contents"]
    keys = [item["Key"] for item in listed]
    assert keys == ["plain/uncompressed/output/model/xgboost-model"]


def test_it_serves_them(lab):
    uri = f"s3://{BUCKET}/plain/uncompressed/output/model/"
    create(lab, "from-files", uri)
    described = lab.sagemaker.describe_model(ModelName="from-files")["PrimaryContainer"]
    assert described["ModelDataSource"]["S3DataSource"]["S3Uri"] == uri
    assert "ModelDataUrl" not in described
    lab.config("from-files", **{"from-files": 1})
    lab.endpoint("from-files", "from-files")
    assert 0 <= float(lab.ask("from-files", b",".join([b"1.0"] * 30))) <= 1


@pytest.mark.parametrize(
    ("uri", "kind", "complaint"),
    [
        (f"s3://{BUCKET}/plain/uncompressed/output/model", "None", "ends with a slash"),
        (f"s3://{BUCKET}/plain/", "Gzip", "CompressionType None"),
        (f"s3://{BUCKET}/nothing/", "None", "Could not find model data at"),
    ],
)
def test_it_refuses_prefixes_it_cannot_serve(lab, uri, kind, complaint):
    request = {"lab": lab, "name": "refused-files", "uri": uri, "kind": kind}
    code, message = refusal(create, **request)
    assert code == "ValidationException"
    assert complaint in message
