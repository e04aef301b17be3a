"""XGBoost: fit, predict with CSV in mini-batches, tune with nine jobs, deploy the best."""

import io

import numpy as np
import pytest

from tests.sdk.data import INSTANCE, cancer, metrics


@pytest.fixture
def channels(session, tmp_path):
    from sagemaker.inputs import TrainingInput

    train, test, train_labels, test_labels = cancer()
    uris = {}
    for name, rows, labels in (("train", train, train_labels), ("validation", test, test_labels)):
        path = tmp_path / f"{name}.csv"
        np.savetxt(path, np.column_stack([labels, rows]), delimiter=",")
        uri = session.upload_data(str(path), key_prefix=f"cancer/{name}")
        uris[name] = TrainingInput(uri, content_type="text/csv")
    return uris


@pytest.fixture
def estimator(session):
    import sagemaker

    estimator = sagemaker.estimator.Estimator(
        sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        sagemaker.get_execution_role(),
        instance_count=1,
        instance_type=INSTANCE,
        sagemaker_session=session,
    )
    estimator.set_hyperparameters(
        objective="binary:logistic", num_round=40, eval_metric="auc", seed=0
    )
    return estimator


def accuracy(predictor, rows, labels):
    """Of the answers to batches of 50 rows."""
    parts = np.array_split(rows, len(rows) // 50 + 1)
    answers = [predictor.predict(part).decode() for part in parts]
    found = np.concatenate([np.loadtxt(io.StringIO(answer), ndmin=1) for answer in answers])
    return np.mean((found > 0.5) == labels)


def test_boosted_trees(session, estimator, channels):
    from sagemaker.serializers import CSVSerializer

    estimator.fit(channels, logs=False)
    assert metrics(session, estimator.latest_training_job.name)["validation:auc"] > 0.97
    predictor = estimator.deploy(1, INSTANCE, serializer=CSVSerializer())
    _, test, _, labels = cancer()
    assert accuracy(predictor, test, labels) > 0.93


def test_a_tuner_of_nine_jobs(session, estimator, channels):
    from sagemaker.serializers import CSVSerializer
    from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

    tuner = HyperparameterTuner(
        estimator,
        "validation:auc",
        {
            "eta": ContinuousParameter(0.01, 0.5, "Logarithmic"),
            "max_depth": IntegerParameter(2, 6),
            "subsample": ContinuousParameter(0.5, 1.0),
        },
        max_jobs=9,
        max_parallel_jobs=3,
        random_seed=7,
    )
    tuner.fit(channels)
    table = tuner.analytics().dataframe()
    assert len(table) == 9
    assert set(table["TrainingJobStatus"]) == {"Completed"}
    assert {"eta", "max_depth", "subsample"} <= set(table.columns)
    best = table.sort_values("FinalObjectiveValue").iloc[-1]
    assert tuner.best_training_job() == best["TrainingJobName"]
    assert best["FinalObjectiveValue"] > 0.97
    predictor = tuner.deploy(1, INSTANCE, serializer=CSVSerializer())
    _, test, _, labels = cancer()
    # Which of the nine is best depends on which of three ends first.
    assert accuracy(predictor, test, labels) > 0.91
