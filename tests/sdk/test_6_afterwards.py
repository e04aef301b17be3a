"""What notebooks do once a job has ended: attach, plot, update an endpoint, transform a batch."""

import numpy as np
import pytest

from tests.sdk.data import INSTANCE, cancer
from tests.sdk.test_5_boosting import channels, estimator

__all__ = ["channels", "estimator"]  # fixtures


@pytest.fixture
def fitted(estimator, channels):
    estimator.fit(channels, logs=False)
    return estimator


def test_it_attaches_to_a_job_and_plots_its_metrics(session, fitted):
    import sagemaker
    from sagemaker.analytics import TrainingJobAnalytics

    name = fitted.latest_training_job.name
    again = sagemaker.estimator.Estimator.attach(name, sagemaker_session=session)
    assert again.model_data == fitted.model_data
    assert again.hyperparameters()["num_round"] == "40"
    assert again.image_uri == fitted.image_uri
    table = TrainingJobAnalytics(name, ["validation:auc"], sagemaker_session=session).dataframe()
    assert list(table.columns) == ["timestamp", "metric_name", "value"]
    assert table["value"].between(0.8, 1).all()


def test_it_updates_an_endpoint(session, fitted):
    from sagemaker.serializers import CSVSerializer

    predictor = fitted.deploy(1, INSTANCE, serializer=CSVSerializer())
    _, test, _, _ = cancer()
    before = predictor.predict(test[:20])
    predictor.update_endpoint(initial_instance_count=2, instance_type="ml.m5.xlarge")
    described = session.describe_endpoint(predictor.endpoint_name)
    assert described["EndpointStatus"] == "InService"
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert predictor.predict(test[:20]) == before


def test_it_transforms_a_batch(session, fitted, tmp_path):
    _, test, _, labels = cancer()
    np.savetxt(tmp_path / "batch.csv", test, delimiter=",")
    source = session.upload_data(str(tmp_path / "batch.csv"), key_prefix="batch")
    transformer = fitted.transformer(1, INSTANCE, assemble_with="Line", accept="text/csv")
    transformer.transform(source, content_type="text/csv", split_type="Line", logs=False)
    bucket, _, prefix = transformer.output_path.removeprefix("s3://").partition("/")
    key = f"{prefix}/batch.csv.out".lstrip("/")
    answer = session.read_s3_file(bucket, key).split()
    found = np.array(answer, float)
    assert np.mean((found > 0.5) == labels) > 0.93
