"""A PyTorch script, trained and served."""

import platform
import sys

import numpy as np
import pytest

from tests.sdk.data import INSTANCE, metrics
from tests.sdk.test_4_scripts import DEFINITIONS, SOURCE, channels, words

__all__ = ["channels", "words"]  # fixtures
pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) == ("darwin", "x86_64"),
    reason="PyTorch has no build for this machine",
)


def test_a_script_of_pytorch(session, channels, words):
    import sagemaker
    from sagemaker.pytorch import PyTorch

    estimator = PyTorch(
        "torched.py",
        source_dir=SOURCE,
        framework_version="2.1",
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
    found = np.argmax(predictor.predict(words[1]), axis=1)
    assert np.mean(found == words[3]) > 0.7
