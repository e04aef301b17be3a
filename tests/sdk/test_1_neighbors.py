"""RecordIO upload, k-NN with a test channel, its accuracy in the log, deploy, predict with CSV."""

import io

import boto3
import numpy as np

from tests.sdk.data import INSTANCE, digits, metrics


def uploaded(session, name, features, labels):
    from sagemaker.amazon.common import write_numpy_to_dense_tensor

    buffer = io.BytesIO()
    write_numpy_to_dense_tensor(buffer, features, labels)
    buffer.seek(0)
    bucket = session.default_bucket()
    boto3.resource("s3").Bucket(bucket).Object(f"knn/{name}/data.pbr").upload_fileobj(buffer)
    return f"s3://{bucket}/knn/{name}/"


def test_nearest_neighbors(session, capsys):
    import sagemaker
    from sagemaker.deserializers import JSONDeserializer
    from sagemaker.serializers import CSVSerializer

    train, test, train_labels, test_labels = digits()
    image = sagemaker.image_uris.retrieve("knn", session.boto_region_name)
    estimator = sagemaker.estimator.Estimator(
        image,
        sagemaker.get_execution_role(),
        instance_count=1,
        instance_type=INSTANCE,
        sagemaker_session=session,
        base_job_name="digits",
    )
    estimator.set_hyperparameters(
        feature_dim=64, k=5, sample_size=len(train), predictor_type="classifier"
    )
    estimator.fit(
        {
            "train": uploaded(session, "train", train, train_labels),
            "test": uploaded(session, "test", test, test_labels),
        }
    )
    assert "#quality_metric: host=algo-1, test accuracy <score>=0.9" in capsys.readouterr().out
    assert metrics(session, estimator.latest_training_job.name)["test:accuracy"] > 0.97
    predictor = estimator.deploy(
        1, INSTANCE, serializer=CSVSerializer(), deserializer=JSONDeserializer()
    )
    answer = predictor.predict(test)["predictions"]
    found = np.array([item["predicted_label"] for item in answer])
    assert np.mean(found == test_labels) > 0.97
    predictor.delete_model()
    predictor.delete_endpoint()
    session.sagemaker_client.get_waiter("endpoint_deleted").wait(
        EndpointName=predictor.endpoint_name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
