"""The REST API of TensorFlow Serving and the container's handlers around it, in process."""

import json

import pytest

pytest.importorskip("tensorflow", reason="TensorFlow has no wheel here")

import tensorflow as tf

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.scripts import saved_model, tensorflow

PAIR = tf.TensorSpec([None, 2], tf.float32, "x")


class Doubling(tf.Module):  # type: ignore[misc]
    @tf.function(input_signature=[PAIR])
    def one(self, x):
        return {"y": 2 * x}

    @tf.function(
        input_signature=[PAIR, tf.TensorSpec([None], tf.string, "name")],
    )
    def two(self, x, name):
        return {"sum": tf.reduce_sum(x, 1), "name": tf.strings.upper(name)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    for version in ("1", "12", "9"):
        model = Doubling()
        signatures = {"serving_default": model.one, "named": model.two}
        tf.saved_model.save(model, str(folder / "export" / version), signatures)
    (folder / "export" / "12" / "assets").mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def served(folder):
    return saved_model.load(folder)


def ask(served, **asked):
    return json.loads(served.predict(json.dumps(asked).encode()))


def test_it_answers_rows_with_predictions_and_columns_with_outputs(served):
    assert ask(served, instances=[[1, 2], [3, 4]]) == {"predictions": [[2, 4], [6, 8]]}
    assert ask(served, instances=[{"x": [1, 2]}]) == {"predictions": [[2, 4]]}
    assert ask(served, inputs=[[1, 2]]) == {"outputs": [[2, 4]]}
    assert ask(served, inputs={"x": [[1, 2]]}) == {"outputs": [[2, 4]]}


def test_it_names_the_outputs_where_there_are_several(served):
    rows = [{"x": [1, 2], "name": "a"}, {"x": [3, 4], "name": "b"}]
    found = ask(served, signature_name="named", instances=rows)
    assert found == {"predictions": [{"sum": 3, "name": "A"}, {"sum": 7, "name": "B"}]}


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "Missing 'inputs' or 'instances' key"),
        ({"instances": []}, "at least one element"),
        ({"instances": [[1, 2, 3]]}, "has shape"),
        ({"instances": [["a", "b"]]}, "Failed to process"),
        ({"instances": [{"z": 1}]}, "do not match the signature"),
        ({"instances": [[1, 2]], "signature_name": "none"}, "'none' not found"),
    ],
)
def test_it_says_what_is_wrong(served, asked, reason):
    with pytest.raises(saved_model.BadRequest, match=reason):
        ask(served, **asked)


def test_it_serves_the_highest_version(folder):
    for version in ("1", "9"):
        (folder / "export" / version / "saved_model.pb").write_bytes(b"broken")
    assert saved_model.load(folder)


def test_it_wants_a_version(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"")
    with pytest.raises(UserError, match="numbered directory"):
        saved_model.load(tmp_path)


@pytest.mark.parametrize(
    ("payload", "kind", "instances"),
    [
        ('{"instances": [1]}', "application/json", [1]),
        ("[1, 2]", "application/json", [[1, 2]]),
        ("[[1, 2], [3, 4]]", "application/json", [[1, 2], [3, 4]]),
        ('{"x": 1}', "application/json", [{"x": 1}]),
        ("[1, 2]\n[3, 4]\n", "application/jsonlines", [[1, 2], [3, 4]]),
        ('{"x": 1}\n{"x": 2}', "application/jsonlines", [{"x": 1}, {"x": 2}]),
        ("1,2\n3,4\n", "text/csv", [[1, 2], [3, 4]]),
        ("a\nb", "text/csv", ["a", "b"]),
    ],
)
def test_it_wraps_payloads(payload, kind, instances):
    assert json.loads(tensorflow.wrapped(payload.encode(), kind)) == {"instances": instances}


def test_it_refuses_other_types_and_answers_errors_as_json(served):
    endpoint = tensorflow.Endpoint(served, None, None)
    assert endpoint.answer(b"x", "image/png", "").status == 415
    refused = endpoint.answer(b'{"instances": [[1]]}', "application/json", "")
    assert refused.status == 400
    assert "has shape" in json.loads(refused.body)["error"]


def test_it_calls_the_handlers_of_a_script(served, tmp_path):
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "code" / "inference.py").write_text(
        "import json\n"
        "def input_handler(data, context):\n"
        "    assert context.request_content_type == 'text/plain'\n"
        "    return json.dumps({'instances': [json.loads(data.read().decode('utf-8'))]})\n"
        "def output_handler(response, context):\n"
        "    return str(response.json()['predictions'][0][1]), context.accept_header\n"
    )
    script = tensorflow.handlers.script(Container(tmp_path))
    endpoint = tensorflow.Endpoint(served, script.input_handler, script.output_handler)
    answer = endpoint.answer(b"[1, 5]", "text/plain", "text/x-number")
    assert (answer.body, answer.content_type) == (b"10.0", "text/x-number")
    assert endpoint.answer(b"no json", "text/plain", "").status == 500
