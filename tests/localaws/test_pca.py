"""Principal components of real digits and tumours."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA

from localaws.algorithms.firstparty import ndarrays
from localaws.algorithms.pca import training
from localaws.algorithms.pca.definitions import METRICS
from localaws.algorithms.pca.predicting import load
from tests.localaws.firstparty_job import (
    CSV0,
    RECORDIO,
    Job,
    answered,
    csv,
    labels_of,
    recordio,
    split,
)

DIGITS = split("digits")
BASIC = {"feature_dim": 64, "num_components": 8, "mini_batch_size": 200}


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


@pytest.mark.parametrize("mode", ["regular", "randomized"])
@pytest.mark.parametrize("form", ["dense", "sparse", "csv"])
def test_it_finds_the_components_that_scikit_learn_finds(job, mode, form):
    content = {
        "dense": ("", recordio(DIGITS.x)),
        "sparse": ("", recordio(csr_matrix(DIGITS.x))),
        "csv": (CSV0, csv(DIGITS.x)),
    }[form]
    job.run(training.train, BASIC | {"algorithm_mode": mode}, {"train": content})
    arrays = ndarrays.read(job.container.model / "model_algo-1")
    rival = PCA(8, svd_solver="full").fit(DIGITS.x)
    assert (arrays["v"].shape, arrays["mean"].shape) == ((64, 8), (1, 64))
    assert np.allclose(arrays["s"], rival.singular_values_[::-1], rtol=0.01)
    matches = np.abs(np.sum(arrays["v"].T[::-1] * rival.components_, axis=1))
    assert matches.min() > (0.999 if mode == "regular" else 0.95)
    assert job.metrics(METRICS)["train:progress"] == 100


def test_it_projects_with_the_strongest_component_last(job):
    job.run(training.train, BASIC, {"train": ("", recordio(DIGITS.x))})
    model = load(job.container.model)
    rows = answered(model, DIGITS.test_x)["projections"]
    found = np.array([row["projection"] for row in rows])
    assert found.shape == (len(DIGITS.test_x), 8)
    assert np.array_equal(found.var(axis=0).argsort()[-2:], [6, 7])
    rival = PCA(8, svd_solver="full").fit(DIGITS.x).transform(DIGITS.test_x)[:, ::-1]
    assert np.allclose(np.abs(found), np.abs(rival), atol=0.05)
    line = model.answer(csv(DIGITS.test_x[:1]), "text/csv", "application/jsonlines").body
    assert json.loads(line)["projection"] == pytest.approx(rows[0]["projection"], abs=1e-4)
    binary = model.answer(recordio(DIGITS.test_x[:1]), RECORDIO, RECORDIO).body
    assert np.allclose(labels_of(binary)[0]["projection"], found[0], atol=1e-4)


def test_it_leaves_the_mean_in_when_told(job):
    job.run(training.train, BASIC | {"subtract_mean": "False"}, {"train": ("", recordio(DIGITS.x))})
    arrays = ndarrays.read(job.container.model / "model_algo-1")
    _, singular, _ = np.linalg.svd(DIGITS.x, full_matrices=False)
    assert not arrays["mean"].any()
    assert np.allclose(arrays["s"], singular[7::-1], rtol=1e-3)


@pytest.mark.parametrize(
    ("hyperparameters", "said"),
    [
        (
            {"feature_dim": 64, "num_components": 8},
            "No value(s) were specified for 'mini_batch_size'",
        ),
        (BASIC | {"num_components": 65}, "num_components is 65, but feature_dim is only 64"),
        (BASIC | {"extra_components": -2}, "Hyperparameter extra_components: '-2'"),
        (BASIC | {"feature_dim": 65}, "does not match the feature_dim of 65"),
    ],
)
def test_it_refuses_what_does_not_fit(job, hyperparameters, said):
    assert said in job.refused(training.train, hyperparameters, {"train": ("", recordio(DIGITS.x))})
