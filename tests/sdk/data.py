"""The data of the notebooks, as arrays."""

from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import train_test_split

INSTANCE = "ml.m5.large"


def digits() -> tuple[Any, Any, Any, Any]:
    """Images of 8 x 8 as rows of 64: features to train and to test, labels to train and to test."""
    features, labels = load_digits(return_X_y=True)
    features, labels = np.asarray(features, np.float32), np.asarray(labels, np.float32)
    return tuple(
        train_test_split(features, labels, test_size=0.25, random_state=0, stratify=labels)
    )


def cancer() -> tuple[Any, Any, Any, Any]:
    features, labels = load_breast_cancer(return_X_y=True)
    return tuple(train_test_split(features, labels, test_size=0.3, random_state=0, stratify=labels))


def metrics(session: Any, job: str) -> dict[str, float]:
    """FinalMetricDataList by name."""
    described = session.sagemaker_client.describe_training_job(TrainingJobName=job)
    return {item["MetricName"]: item["Value"] for item in described["FinalMetricDataList"]}
