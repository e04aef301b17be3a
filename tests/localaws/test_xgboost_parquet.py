"""XGBoost on Parquet files, whose first column is the label."""

import io
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from localaws.algorithms.xgboost import data
from localaws.algorithms.xgboost.parquet import matrix
from tests.localaws.firstparty_job import Job
from tests.localaws.lab import BASIC, BUCKET, Lab, channel


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    return Lab(localaws)


def parquet(columns) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def put(lab, key, rows) -> None:
    columns = {"benign": lab.labels[rows].astype(np.int8)}
    columns |= {f"c{i}": lab.features[rows, i] for i in range(lab.features.shape[1])}
    lab.put(key, parquet(columns))


@pytest.mark.parametrize("kind", ["parquet", "application/x-parquet"])
def test_it_trains_as_on_csv(lab, kind):
    put(lab, "parquet/train/a.parquet", slice(200))
    put(lab, "parquet/train/b.parquet", slice(200, 400))
    put(lab, "parquet/validation/c.parquet", slice(400, 456))
    inputs = [
        channel(name, f"s3://{BUCKET}/parquet/{name}/", ContentType=kind)
        for name in ("train", "validation")
    ]
    job = lab.trained(kind.replace("/", "-"), InputDataConfig=inputs)
    plain = lab.trained(f"csv-beside-{kind.replace('/', '-')}")
    assert measured(job) == pytest.approx(measured(plain), abs=1e-3)
    assert measured(job)["validation:logloss"] < 0.4


def measured(job):
    return {item["MetricName"]: item["Value"] for item in job["FinalMetricDataList"]}


def test_it_reads_numbers_of_every_kind_and_nulls(tmp_path):
    path = tmp_path / "kinds.parquet"
    columns = {
        "whole": pa.array([1, None], pa.int64()),
        "small": pa.array([0.5, 1.5], pa.float16()),
        "exact": pa.array([1, 2], pa.decimal128(5, 2)),
        "flag": [True, False],
    }
    path.write_bytes(parquet(columns))
    assert np.array_equal(
        matrix(path), np.array([[1, 0.5, 1, 1], [np.nan, 1.5, 2, 0]]), equal_nan=True
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (parquet({"y": [1], "name": ["a"]}), "the column name holds string, not numbers"),
        (b"1,2,3\n", "Parquet file size is 6 bytes"),
        (parquet({"y": [1.0]}), "no feature next to the label"),
    ],
)
def test_it_says_what_is_wrong(tmp_path, capsys, caplog, content, complaint):
    job = Job(tmp_path, capsys, caplog)

    def train(container) -> None:
        data.matrices(container, weighted=False)

    said = job.refused(train, BASIC, {"train": ("application/x-parquet", content)})
    assert complaint in said


def test_it_asks_for_parquet_only_when_there_is_some():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "from localaws.algorithms.xgboost import training\n"
        "sys.exit('pyarrow.parquet' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
