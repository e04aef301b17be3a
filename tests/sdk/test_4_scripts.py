"""Bags of words: a scikit-learn script, a TensorFlow script, and a SavedModel made elsewhere."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from tests.localaws import texts
from tests.sdk.data import INSTANCE, metrics

SOURCE = str(Path(__file__).parent / "source")
DEFINITIONS = [{"Name": "validation:accuracy", "Regex": r"accuracy=([\d.]+)"}]
AREAS = sorted(texts.AREAS)


@pytest.fixture(scope="module")
def words():
    """(rows to train, rows to test, their labels): counts of 600 words, areas as numbers."""
    train, test = texts.split()
    counter = CountVectorizer(max_features=600)
    rows = counter.fit_transform([text for _, text in train]).toarray().astype(np.float32)
    held = counter.transform([text for _, text in test]).toarray().astype(np.float32)
    labels = [np.array([AREAS.index(area) for area, _ in part]) for part in (train, test)]
    return rows, held, *labels


@pytest.fixture
def channels(session, words, tmp_path):
    uris = {}
    for name, rows, labels in (("train", words[0], words[2]), ("test", words[1], words[3])):
        path = tmp_path / f"{name}.npz"
        np.savez_compressed(path, rows=rows, labels=labels)
        uris[name] = session.upload_data(str(path), key_prefix=f"words/{name}")
    return uris


def right(found, labels):
    return np.mean(np.asarray(found) == labels)


def test_a_script_of_scikit_learn(session, channels, words):
    import sagemaker
    from sagemaker.sklearn import SKLearn

    estimator = SKLearn(
        "forest.py",
        source_dir=SOURCE,
        framework_version="1.2-1",
        role=sagemaker.get_execution_role(),
        instance_type=INSTANCE,
        hyperparameters={"n-estimators": 100},
        metric_definitions=DEFINITIONS,
        sagemaker_session=session,
    )
    estimator.fit(channels, logs=False)
    assert metrics(session, estimator.latest_training_job.name)["validation:accuracy"] > 0.7
    predictor = estimator.deploy(1, INSTANCE)
    assert right(predictor.predict(words[1]), words[3]) > 0.7


def test_a_script_of_tensorflow(session, channels, words):
    import sagemaker
    from sagemaker.tensorflow import TensorFlow

    estimator = TensorFlow(
        entry_point="network.py",
        source_dir=SOURCE,
        framework_version="2.14",
        py_version="py310",
        role=sagemaker.get_execution_role(),
        instance_count=1,
        instance_type=INSTANCE,
        hyperparameters={"epochs": 8},
        metric_definitions=DEFINITIONS,
        sagemaker_session=session,
    )
    estimator.fit(channels, logs=False)
    assert metrics(session, estimator.latest_training_job.name)["validation:accuracy"] > 0.7
    predictor = estimator.deploy(1, INSTANCE)
    answer = predictor.predict({"instances": words[1].tolist()})
    assert right(np.argmax(answer["predictions"], axis=1), words[3]) > 0.7


@pytest.fixture(scope="module")
def saved(words, tmp_path_factory):
    """model.tar.gz of a network trained here, as on anybody's machine."""
    import keras

    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.layers.Input((600,)),
            keras.layers.Dense(32, "relu"),
            keras.layers.Dense(len(AREAS), "softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(words[0], words[2], epochs=8, batch_size=32, verbose=0)
    folder = tmp_path_factory.mktemp("saved")
    network.export(folder / "1", verbose=False)
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        archive.add(folder / "1", arcname="export/Servo/1")
    return folder / "model.tar.gz", network.predict(words[1], verbose=0)


def test_a_saved_model_trained_elsewhere(session, saved, words):
    import sagemaker
    from sagemaker.tensorflow import TensorFlowModel

    path, expected = saved
    model = TensorFlowModel(
        model_data=session.upload_data(str(path), key_prefix="imported"),
        role=sagemaker.get_execution_role(),
        framework_version="2.14",
        sagemaker_session=session,
    )
    predictor = model.deploy(1, INSTANCE)
    found = np.array(predictor.predict({"instances": words[1].tolist()})["predictions"])
    assert np.allclose(found, expected, atol=1e-4)
    for row, label in zip(found[:5], words[3][:5], strict=True):
        top = [(AREAS[index], row[index]) for index in np.argsort(row)[::-1][:3]]
        assert sum(probability for _, probability in top) > 0.6
        assert AREAS[label] in [area for area, _ in top]
    ask = session.sagemaker_runtime_client.invoke_endpoint
    body = "\n".join(",".join(map(str, row)) for row in words[1][:2])
    name = predictor.endpoint_name
    csv = ask(EndpointName=name, ContentType="text/csv", Body=body)
    assert np.allclose(json.load(csv["Body"])["predictions"], expected[:2], atol=1e-4)
    with pytest.raises(ask.__self__.exceptions.ModelError, match="shape"):
        predictor.predict({"instances": [[1.0, 2.0]]})
