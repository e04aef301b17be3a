"""A split or a file in, one prediction a row out, in order."""

import numpy as np
import pyarrow as pa
import pytest

from aws.types import Invocation
from core.errors import InvalidFields, NotAllowed
from endpoints import batch, batch_run
from endpoints.errors import NotServing, WrongInput
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


@pytest.fixture
def ask(who, serving, lab):  # noqa: F811  # that fixture
    """`ask(body)` is a batch of a file, run to its end."""

    def made(body: bytes, **choices):
        source = stored(lab, body)
        wish = {"source_name": "rows.csv", "name": "rows"} | choices
        return done(batch.request(who, endpoint=serving, source=source, **wish))

    return made


def test_a_split_is_predicted_row_by_row(who, serving, many, lab):  # noqa: F811  # those fixtures
    made = batch.request(who, endpoint=serving, split="many", has_truth=True, name="many")
    found = done(made)
    assert (found.status, found.failure_reason) == ("Completed", "")
    assert (found.rows_total, found.rows_done, found.done_parts) == (4520, 4520, [])
    table = table_of(found)
    assert table.schema_arrow == pa.schema(
        [
            ("row", pa.int64()),
            ("actual", pa.float64()),
            ("predicted", pa.float64()),
            ("score_0", pa.float64()),
            ("score_1", pa.float64()),
        ]
    )
    rows = table.read().to_pydict()
    assert rows["row"] == list(range(1, 4521))
    assert rows["actual"] == np.tile(lab.labels[456:], 40).tolist()
    assert np.mean(np.array(rows["predicted"]) == rows["actual"]) > 0.9
    assert np.allclose(np.array(rows["score_0"]) + rows["score_1"], 1)


def test_a_file_with_a_header_in_any_order_is_the_same_as_one_without(ask, lab):
    plain = ask(csv_file(lab, header=False))
    lines = [line.split(b",") for line in csv_file(lab).splitlines()]
    turned = b"\n".join(b",".join([*line[::-1], b"7"]) for line in lines)
    turned = turned.replace(b",7", b",note", 1)
    named = ask(turned)
    assert plain.status == named.status == "Completed", (plain.failure_reason, named.failure_reason)
    assert table_of(plain).read().equals(table_of(named).read())
    assert table_of(plain).read().num_rows == 20
    assert "actual" not in table_of(plain).schema_arrow.names


def test_a_file_may_say_what_is_true(ask, lab):
    found = ask(csv_file(lab, truth=True), has_truth=True)
    assert found.status == "Completed", found.failure_reason
    assert table_of(found).read()["actual"].to_pylist() == lab.labels[456:476].tolist()


@pytest.mark.parametrize(
    ("change", "has_truth", "reason"),
    [
        (("\n", "\n\n", 3), False, ""),  # blank lines are no rows
        (("20.57", "much", 1), False, "Row 1 (line 2): “much” is not a number"),
        (("benign", "harmless", 1), True, "is no class of “diagnosis” that is known"),
        (("mean radius", "radius", 1), False, "The file lacks the column mean radius."),
        (("diagnosis", "result", 1), True, "There is no column “diagnosis”"),
    ],
)
def test_what_is_wrong_in_a_file_has_its_place(ask, lab, change, has_truth, reason):
    text = csv_file(lab, truth=True).decode()
    first_cell = text.splitlines()[1].partition(",")[0]
    old, new, count = change
    text = text.replace(first_cell if old == "20.57" else old, new, count)
    found = ask(text.encode(), has_truth=has_truth)
    assert found.status == ("Failed" if reason else "Completed"), found.failure_reason
    assert reason in found.failure_reason


def test_a_line_is_counted_as_editors_count(ask, lab):
    lines = csv_file(lab).decode().splitlines()
    lines[12] = "many" + lines[12]
    found = ask("\n".join([*lines[:5], "", "", *lines[5:]]).encode())
    assert found.failure_reason.startswith("Row 12 (line 15): “many")


def test_what_cannot_be_asked_is_refused_at_its_field(who, serving, make_endpoint, preparation):  # noqa: F811
    refused = [
        ({"endpoint": None, "split": "test"}, InvalidFields, "endpoint"),
        ({"endpoint": make_endpoint(status="Creating"), "split": "test"}, NotServing, "endpoint"),
        ({"endpoint": serving, "split": "nothing"}, WrongInput, "split"),
        ({"endpoint": serving}, InvalidFields, "source"),
        ({"endpoint": serving, "split": "test", "concurrency": 0}, InvalidFields, "concurrency"),
    ]
    for wish, error, field in refused:
        with pytest.raises(error) as told:
            batch.request(who, name="x", **wish)
        assert told.value.field == field


def test_a_viewer_starts_and_stops_nothing(who, viewer, serving, preparation):  # noqa: F811
    from core import access

    looker = access.actor(viewer, slug=serving.workspace.slug)
    with pytest.raises(NotAllowed):
        batch.request(looker, endpoint=serving, split="test", name="x")
    made = batch.request(who, endpoint=serving, split="test", name="x")
    with pytest.raises(NotAllowed):
        batch.stop(looker, made)


def test_a_model_that_nobody_knows_gives_numbers(who, serving, lab):  # noqa: F811  # that fixture
    serving.model.job = None
    serving.model.save()
    source = stored(lab, csv_file(lab, header=False))
    made = batch.request(who, endpoint=serving, source=source, source_name="x.csv", name="x")
    found = done(made)
    assert found.status == "Completed", found.failure_reason
    table = table_of(found).read()
    assert table.schema.names == ["row", "predicted"]
    assert all(0 <= one <= 1 for one in table["predicted"].to_pylist())


def test_answers_that_nobody_reads_stay_as_they_came(workspace):
    made = BatchPrediction(workspace=workspace, way="endpoint")
    said = Invocation(b'{"label": "cat"}\nnothing\n', "text/plain", "", 1.0)
    found = batch_run.decoded(made, 5, 2, None, said).to_pydict()
    assert found == {"row": [5, 6], "response": ['{"label": "cat"}', "nothing"]}
    with pytest.raises(batch_run.BadAnswer, match="2 lines to 3 rows"):
        batch_run.decoded(made, 5, 3, None, said)
