"""Channels, hyperparameters and artifacts of Amazon's own algorithms."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, issparse

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.firstparty import channels, ndarrays
from localaws.algorithms.firstparty.hyperparameters import (
    JsonList,
    Parameter,
    flag,
    integer,
    number,
    required,
    resolve,
)
from localaws.algorithms.recordio.tables import Table
from tests.localaws.firstparty_job import Job, recordio

ROWS = np.array([[1, 2], [3, 4]], np.float32)
TABLE = {
    "k": required(integer()),
    "dim": integer("auto"),
    "rate": number("0.5"),
    "fast": flag("true"),
    "names": Parameter(JsonList(("a", "b")), '["a"]'),
}


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


def channel(job: Job, kind: str, *contents: bytes) -> Table | None:
    def read(container: Container) -> None:
        for number_, content in enumerate(contents):
            (container.channel("train") / f"more-{number_}").write_bytes(content)
        found.append(channels.read(container, "train"))

    found: list[Table | None] = []
    job.run(read, {}, {"train": (kind, b"")})
    return found[0]


def test_it_joins_the_files_of_a_channel_and_skips_empty_ones(job):
    table = channel(job, "", recordio(ROWS, ROWS[:, 0]), recordio(ROWS, ROWS[:, 1]), b"")
    assert table.features.tolist() == ROWS.tolist() * 2
    assert table.labels.tolist() == [1, 3, 2, 4]


def test_it_joins_dense_and_sparse_files(job):
    table = channel(job, "", recordio(ROWS), recordio(csr_matrix(ROWS)))
    assert issparse(table.features)
    assert table.features.toarray().tolist() == ROWS.tolist() * 2


@pytest.mark.parametrize(
    ("kind", "features", "labels"),
    [
        ("text/csv", [[2], [4]], [1, 3]),
        ("text/csv;label_size=1", [[2], [4]], [1, 3]),
        ("Text/CSV; Label_Size = 0 ; charset=utf8", [[1, 2], [3, 4]], None),
    ],
)
def test_it_takes_the_label_from_the_first_column(job, kind, features, labels):
    table = channel(job, kind, b"1,2\n3,4\n")
    assert table.features.tolist() == features
    assert (None if table.labels is None else table.labels.tolist()) == labels


@pytest.mark.parametrize(
    ("kind", "contents", "said"),
    [
        ("", [], "Unable to read data channel 'train': there is no data"),
        ("application/json", [b"{}"], "content type application/json of the channel train"),
        ("text/csv;label_size=2", [b"1,2,3"], "label_size must be 0 or 1, not 2"),
        ("text/csv", [b"label,feature\n1,2\n"], "Unable to read data channel 'train'"),
        ("text/csv", [b"1,2\n3,\n"], "a value is missing"),
        ("text/csv", [b"1\n2\n"], "has no feature next to the label"),
        ("", [b"1,2\n"], "no RecordIO record at byte 0"),
        ("", [recordio(ROWS), recordio(ROWS[:, :1])], "differ in their number of features"),
        ("", [recordio(ROWS), recordio(ROWS, ROWS[:, 0])], "some files have labels"),
    ],
)
def test_it_refuses_a_channel_with_the_reason(job, kind, contents, said):
    with pytest.raises(UserError) as caught:
        channel(job, kind, *contents)
    assert said in str(caught.value)


def test_it_types_and_completes_hyperparameters():
    given = {"k": "3", "fast": "False", "names": '["b", "a"]', "_internal": "x"}
    expected = {"k": 3, "dim": None, "rate": 0.5, "fast": False, "names": ["b", "a"]}
    assert resolve(given, TABLE) == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"K": "1"}, "Additional hyperparameters are not allowed ('K' was unexpected)"),
        ({"a": "", "b": ""}, "('a', 'b' were unexpected)"),
        ({"k": "auto"}, "Hyperparameter k: 'auto' is not valid, expected [1, inf)"),
        ({"dim": "0"}, "Hyperparameter dim: '0' is not valid, expected [1, inf) or 'auto'"),
        ({"rate": "inf"}, "Hyperparameter rate: 'inf' is not valid"),
        ({"rate": "nan"}, "Hyperparameter rate: 'nan' is not valid"),
        ({"fast": "yes"}, "expected ['true', 'false']"),
        ({"names": "[a]"}, "Hyperparameter must be valid json, but found names"),
        ({"names": '["c"]'}, "expected a list of ['a', 'b']"),
    ],
)
def test_it_refuses_hyperparameters(change, said):
    with pytest.raises(UserError) as caught:
        resolve({"k": "1"} | change, TABLE)
    assert said in str(caught.value)


def test_it_names_missing_and_extra_channels(job):
    def check(container: Container) -> None:
        channels.check(container, optional=("test",))

    missing = job.refused(check, {}, {"test": ("", b"x")})
    assert missing.endswith("Caused by: 'train' is a required property")
    extra = job.refused(check, {}, {"train": ("", b"x"), "validation": ("", b"x")})
    assert extra.endswith("('validation' was unexpected)")


def test_it_writes_the_parameter_files_of_mxnet(tmp_path):
    path = tmp_path / "model_algo-1"
    ndarrays.write(path, {"": ROWS[:1]})
    assert path.read_bytes() == bytes.fromhex(
        "1201000000000000 0000000000000000 0100000000000000"
        "c9fa93f9 00000000 02000000 0100000000000000 0200000000000000"
        "01000000 00000000 00000000 0000803f 00000040 0000000000000000"
    )
    assert list(ndarrays.read(path)) == ["0"]
    ndarrays.write(path, {"mean": ROWS[0], "v": ROWS})
    found = ndarrays.read(path)
    assert {name: array.tolist() for name, array in found.items()} == {
        "mean": [1, 2],
        "v": ROWS.tolist(),
    }


@pytest.mark.parametrize("cut", [0, 8, 30, 60, -1])
def test_it_refuses_broken_parameter_files(tmp_path, cut):
    path = tmp_path / "model_algo-1"
    ndarrays.write(path, {"v": ROWS})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="parameter file"):
        ndarrays.read(path)
