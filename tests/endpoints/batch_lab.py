"""An endpoint that answers, shared by the tests of batches, and files to ask it about."""

import io
import json
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from django.utils import timezone

from aws import s3
from endpoints import batch
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from tests.endpoints.conftest import COLUMNS, use
from tests.localaws.lab import BUCKET, csv

SERVED = "batch-suite"
LABELS = ["malignant", "benign"]
INVOKE = {"service": "sagemaker-runtime", "operation": "InvokeEndpoint"}
FAULTS = "/_localaws/faults"
TIMES = 40  # the 113 test rows, in the split “many”


@pytest.fixture
def service(localaws, monkeypatch):
    """localaws for the console; what runs there stays for the next test."""
    use(localaws, monkeypatch)
    return localaws


@pytest.fixture
def serving(service, lab, artifact, workspace, make_job) -> Endpoint:
    """A row of an endpoint that answers."""
    if not lab.sagemaker.list_endpoints(NameContains=SERVED)["Endpoints"]:
        # The first of these tests, or one after a file that left the account empty.
        with suppress(ClientError):
            lab.model(SERVED, artifact)
        with suppress(ClientError):
            lab.config(SERVED, **{SERVED: 1})
        table = np.column_stack([lab.labels, lab.features])[456:]
        lab.put("cancer/many/many.csv", csv(np.tile(table, (TIMES, 1))))
        lab.endpoint(SERVED, SERVED)
    model = RegisteredModel.objects.create(
        workspace=workspace,
        name="cancer",
        status="Registered",
        job=make_job(artifact, algorithm="xgboost"),
        aws_name=SERVED,
        image="xgboost",
    )
    return Endpoint.objects.create(
        workspace=workspace, name="cancer-live", status="InService", model=model, aws_name=SERVED
    )


@pytest.fixture
def many(preparation):
    """The preparation with a split of 4,520 rows."""
    preparation.channels["many"] = {
        "uri": f"s3://{BUCKET}/cancer/many/many.csv",
        "rows": 113 * TIMES,
        "content_type": "text/csv",
    }
    preparation.save()
    return preparation


@pytest.fixture
def inject(service):
    """Faults in the service; `inject.fired()` is how often each rule has struck."""

    class Inject:
        def __call__(self, *rules: dict[str, Any]) -> None:
            body = json.dumps(rules).encode()
            status, _, answer = service.call("PUT", FAULTS, body, service="localaws")
            assert status == 200, answer

        def fired(self) -> list[int]:
            answer = service.call("GET", FAULTS, service="localaws")[2]
            return [rule["fired"] for rule in json.loads(answer)]

    yield Inject()
    assert service.call("DELETE", FAULTS, service="localaws")[0] == 200


def csv_file(lab, rows=slice(456, 476), *, header=True, truth=False) -> bytes:
    names = [*COLUMNS, *(["diagnosis"] if truth else [])]
    table = [
        [*map(str, lab.features[n]), *([LABELS[int(lab.labels[n])]] if truth else [])]
        for n in range(*rows.indices(569))
    ]
    return csv([names, *table] if header else table)


def stored(lab, body, key="batches/test/input"):
    lab.put(key, body)
    return key


def done(found: BatchPrediction) -> BatchPrediction:
    """Run it once, as its task does."""
    batch.run(BatchPrediction.objects.listed().get(pk=found.pk), timezone.now())
    return BatchPrediction.objects.listed().get(pk=found.pk)


def table_of(found: BatchPrediction) -> Any:
    body = s3.get_object(found.workspace.account, found.workspace.bucket, found.output)
    return pq.ParquetFile(io.BytesIO(body))
