"""A batch transform job gives the same predictions as an endpoint, and no endpoint is needed."""

import pytest
from django.utils import timezone

from core.errors import InvalidFields
from endpoints import batch, batch_run, transform
from endpoints.models import BatchPrediction
from tests.endpoints.batch_lab import (  # noqa: F401  # fixtures for this file
    csv_file,
    done,
    inject,
    many,
    service,
    serving,
    stored,
    table_of,
)
from tests.endpoints.conftest import until

MACHINE = {"way": "transform", "instance_type": "ml.m5.large"}


class Died(BaseException):
    """As a kill: nobody catches it."""


@pytest.fixture
def model(serving):  # noqa: F811  # that fixture
    return serving.model


@pytest.fixture
def made(who, model, many):  # noqa: F811
    return batch.request(who, model=model, split="many", has_truth=True, name="many", **MACHINE)


def finished(made) -> BatchPrediction:
    """Looked at again and again, as the sweep does."""

    def look():
        BatchPrediction.objects.update(next_check_at=timezone.now())
        done(made)

    until(look, lambda: BatchPrediction.objects.get(pk=made.pk).is_finished)
    return BatchPrediction.objects.listed().get(pk=made.pk)


def test_a_split_is_predicted_as_through_an_endpoint(who, made, serving, many, lab):  # noqa: F811
    found = finished(made)
    assert (found.status, found.failure_reason) == ("Completed", "")
    wish = {"split": "many", "has_truth": True, "name": "same"}
    other = done(batch.request(who, endpoint=serving, **wish))
    assert table_of(found).read().equals(table_of(other).read())
    assert (found.rows_total, found.rows_done) == (4520, 4520)
    left = lab.s3.list_objects_v2(Bucket="lab-bucket", Prefix=f"batches/{found.uid}/")
    assert [one["Key"] for one in left["Contents"]] == [found.output]


def test_of_many_pieces_each_answer_finds_its_row(who, model, lab, monkeypatch):
    monkeypatch.setattr(transform, "PIECE_ROWS", 7)
    monkeypatch.setattr(transform, "CHUNK_ROWS", 3)
    monkeypatch.setattr(batch_run, "PART_ROWS", 5)
    source = stored(lab, csv_file(lab, truth=True))
    wish = {"source_name": "rows.csv", "has_truth": True, "name": "rows"}
    found = finished(batch.request(who, model=model, source=source, **wish, **MACHINE))
    assert found.status == "Completed", found.failure_reason
    table = table_of(found).read().to_pydict()
    assert table["row"] == list(range(1, 21))
    assert table["actual"] == lab.labels[456:476].tolist()


@pytest.mark.parametrize("place", ["before_create", "after_create"])
def test_who_takes_over_finds_the_job(made, service, monkeypatch, place):  # noqa: F811
    def reach(name):
        if name == f"endpoints.transform.{place}":
            raise Died

    with monkeypatch.context() as patched:
        patched.setattr(transform.failpoints, "reach", reach)
        with pytest.raises(Died):
            done(made)
    assert finished(made).status == "Completed"
    client = service.client("sagemaker")
    found = client.list_transform_jobs(NameContains=made.uid)["TransformJobSummaries"]
    assert len(found) == 1


def test_a_foreign_job_of_the_name_is_left_alone(made, service):  # noqa: F811
    client = service.client("sagemaker")
    client.create_transform_job(
        TransformJobName=transform.name_of(made),
        ModelName=made.model.aws_name,
        TransformInput={
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lab-bucket/cancer/test/"}
            }
        },
        TransformOutput={"S3OutputPath": "s3://lab-bucket/foreign/"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    found = finished(made)
    assert found.status == "Failed"
    assert "A foreign transform job has this name" in found.failure_reason


def test_a_stop_reaches_the_job(who, made, service):  # noqa: F811
    done(made)
    batch.stop(who, BatchPrediction.objects.get(pk=made.pk))
    assert finished(made).status == "Stopped"
    client = service.client("sagemaker")
    job = client.describe_transform_job(TransformJobName=transform.name_of(made))
    assert job["TransformJobStatus"] in ("Stopping", "Stopped", "Completed")


def test_what_the_model_refuses_is_told_with_its_log(who, model, lab):
    source = stored(lab, b"1,2,3\n4,5,6\n")
    wish = {"source_name": "x.csv", "name": "x"}
    model.job = None
    model.save()
    found = finished(batch.request(who, model=model, source=source, **wish, **MACHINE))
    assert found.status == "Failed"
    assert "failed: ClientError" in found.failure_reason
    assert "/aws/sagemaker/TransformJobs" in found.failure_reason


@pytest.mark.parametrize(
    ("change", "field"),
    [({"instance_type": ""}, "instance_type"), ({"instance_count": 0}, "instance_count")],
)
def test_a_machine_that_is_none_is_refused(who, model, many, change, field):  # noqa: F811
    with pytest.raises(InvalidFields) as told:
        batch.request(who, model=model, split="many", name="x", **MACHINE | change)
    assert told.value.field == field


def test_tensorflow_answers_no_lines(who, model, many):  # noqa: F811
    model.job.algorithm = "tensorflow"
    with pytest.raises(InvalidFields, match="endpoint"):
        batch.request(who, model=model, split="many", name="x", **MACHINE)
