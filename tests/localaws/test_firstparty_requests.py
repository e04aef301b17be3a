"""What the servers of Amazon's own algorithms read and write."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from localaws.algorithms.firstparty import requests, responses
from localaws.algorithms.firstparty.server import Model
from tests.localaws.firstparty_job import RECORDIO, labels_of, recordio

ROWS = np.array([[1.5, 16], [0, -2]], np.float32)
JSON, LINES = "application/json", "application/jsonlines"


def read(payload: object, kind: str = JSON) -> np.ndarray:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    rows = requests.features(body, kind)
    return rows.toarray() if isinstance(rows, csr_matrix) else rows


def instances(*features: object) -> dict[str, list[object]]:
    return {"instances": [{"data": {"features": given}} for given in features]}


@pytest.mark.parametrize(
    "payload",
    [
        {"instances": [{"features": [1.5, 16]}, {"features": [0, -2]}]},
        instances({"values": [1.5, 16]}, {"values": [0, -2]}),
        instances(
            {"keys": [0, 1], "shape": [2], "values": [1.5, 16]},
            {"keys": [1], "shape": [2], "values": [-2]},
        ),
        instances({"values": [1.5, 16]}, {"keys": [1], "shape": [2], "values": [-2]}),
        {"instances": [{"features": [1.5, 16], "configuration": {}}, {"features": [0, -2]}]},
    ],
)
def test_it_reads_json_in_every_documented_form(payload):
    assert read(payload).tolist() == ROWS.tolist()
    lines = b"\n".join(json.dumps(row).encode() for row in payload["instances"])
    assert read(lines + b"\n", LINES).tolist() == ROWS.tolist()


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"1.5,16\n0,-2\n", "text/csv"),
        (b"1.5,16\r\n0,-2", "text/csv; charset=utf-8"),
        (b"9,1.5,16\n9,0,-2", "TEXT/CSV;Label_Size=1"),
        (recordio(ROWS), RECORDIO),
        (recordio(csr_matrix(ROWS)), RECORDIO),
    ],
)
def test_it_reads_csv_and_recordio(payload, kind):
    assert read(payload, kind).tolist() == ROWS.tolist()


def test_it_takes_an_unnamed_payload_for_csv():
    assert read(b"1.5,16\n0,-2", "").tolist() == ROWS.tolist()


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"", "text/csv"),
        (b"a,b", "text/csv"),
        (b"1,2\n3", "text/csv"),
        (b"{", JSON),
        ({"rows": []}, JSON),
        ({"instances": []}, JSON),
        ({"instances": [{"x": 1}]}, JSON),
        ({"instances": [[1, 2]]}, JSON),
        ({"instances": [{"features": [[1], [2]]}]}, JSON),
        ({"instances": [{"features": [1]}, {"features": [1, 2]}]}, JSON),
        (instances({"keys": [2], "shape": [2], "values": [1]}), JSON),
        (instances({"keys": [0], "values": [1]}), JSON),
        (b"1,2", RECORDIO),
    ],
)
def test_it_refuses_what_it_cannot_read(payload, kind):
    with pytest.raises(ValueError):  # noqa: PT011  many readers word it
        read(payload, kind)


ANSWERS = {"score": np.array([[0.5, 0.25], [1, 0]]), "label": np.array([3, 4])}


def test_it_writes_every_documented_form():
    rows = [{"score": [0.5, 0.25], "label": 3}, {"score": [1.0, 0.0], "label": 4}]
    assert json.loads(responses.answer(ANSWERS, JSON, "scores").body) == {"scores": rows}
    lines = responses.answer(ANSWERS, LINES, "scores")
    assert [json.loads(line) for line in lines.body.splitlines()] == rows
    assert lines.content_type == LINES
    binary = labels_of(responses.answer(ANSWERS, RECORDIO, "scores").body)
    assert binary == [{"score": row["score"], "label": [row["label"]]} for row in rows]
    assert responses.answer(ANSWERS, "text/csv", "").body == b"0.5,0.25,3\n1.0,0.0,4\n"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("image/png, text/csv", "text/csv"),
        (f"{LINES}; verbose=TRUE", LINES),
    ],
)
def test_it_answers_json_unless_told_otherwise(header, kind):
    assert responses.accepted(header).kind == kind


def test_it_follows_the_models_default_accept(monkeypatch):
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
    assert responses.accepted("").kind == "text/csv"
    assert responses.accepted(JSON).kind == JSON


def test_it_answers_errors_with_their_status():
    model = Model(2, lambda rows, _: {"sum": rows.sum(axis=1)})
    assert json.loads(model.answer(b"1,2", "text/csv", "").body) == {"predictions": [{"sum": 3.0}]}
    assert model.answer(b"1,2", "image/png", "").status == 415
    assert model.answer(b"1,2", "text/csv", "image/png").status == 406
    assert b"not a number" in model.answer(b"1,nan", "text/csv", "").body
    narrow = model.answer(b"1", "text/csv", "")
    assert narrow.status == 400
    assert narrow.body == (
        b"unable to evaluate payload provided: the model has 2 features, the payload 1"
    )
