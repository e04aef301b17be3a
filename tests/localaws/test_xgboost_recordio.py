"""XGBoost on recordio-protobuf, in training and in requests."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from localaws.algorithms.xgboost import predicting
from tests.localaws.firstparty_job import RECORDIO, Job, recordio, split

CANCER = split("breast_cancer")
ROUNDS = {"num_round": "10", "objective": "binary:logistic", "nthread": "1"}


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


def train(container) -> None:
    from localaws.algorithms.xgboost import hyperparameters, training

    training.train(container, hyperparameters.parse(container.hyperparameters()))


@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_it_trains_and_answers(job, form):
    content = recordio(form(CANCER.x), CANCER.y)
    job.run(train, ROUNDS, {"train": (RECORDIO, content), "validation": (RECORDIO, content)})
    model = predicting.Model(predicting.load(job.container.model), one_line=False)
    answer = model.answer(recordio(form(CANCER.test_x)), RECORDIO, "text/csv")
    found = np.array(answer.body.split(), float) > 0.5
    assert np.mean(found == CANCER.test_y) > 0.93


def test_it_wants_labels_and_whole_records(job):
    said = job.refused(train, ROUNDS, {"train": (RECORDIO, recordio(CANCER.x))})
    assert said.endswith("the records have no labels")
    with pytest.raises(predicting.Undecodable, match="ensure data is in recordio-protobuf format"):
        predicting.decoded(b"1,2,3", RECORDIO)
