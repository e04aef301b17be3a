"""K-Means twice: with low-level calls and waiters, and with the SDK's own estimator."""

import io
import json

import boto3
import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from tests.sdk.data import INSTANCE, digits

ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"


def csv(rows):
    buffer = io.StringIO()
    np.savetxt(buffer, rows, delimiter=",", fmt="%g")
    return buffer.getvalue().rstrip().encode()


IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"
WAITER = {"Delay": 1, "MaxAttempts": 60}
NAME = "digits-clusters"


def trained(client, bucket):
    """The address of the model."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/kmeans/train"}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    client.create_training_job(
        TrainingJobName=NAME,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        HyperParameters={"k": "10", "feature_dim": "64", "mini_batch_size": "500"},
        InputDataConfig=[channel | {"ContentType": "text/csv;label_size=0"}],
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/kmeans/out/"},
        ResourceConfig={"InstanceType": INSTANCE, "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    waiter = client.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=NAME, WaiterConfig=WAITER)
    job = client.describe_training_job(TrainingJobName=NAME)
    return job["ModelArtifacts"]["S3ModelArtifacts"]


def deployed(client, url):
    container = {"Image": IMAGE, "ModelDataUrl": url}
    client.create_model(ModelName=NAME, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "AllTraffic", "ModelName": NAME, "InstanceType": INSTANCE}
    client.create_endpoint_config(
        EndpointConfigName=NAME, ProductionVariants=[variant | {"InitialInstanceCount": 1}]
    )
    client.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    client.get_waiter("endpoint_in_service").wait(EndpointName=NAME, WaiterConfig=WAITER)


def test_clusters_with_low_level_calls(session):
    train, test, _, labels = digits()
    bucket = session.default_bucket()
    boto3.client("s3").put_object(Bucket=bucket, Key="kmeans/train.csv", Body=csv(train))
    client, runtime = boto3.client("sagemaker"), boto3.client("sagemaker-runtime")
    deployed(client, trained(client, bucket))
    answer = runtime.invoke_endpoint(
        EndpointName=NAME, ContentType="text/csv", Body=csv(test[:100])
    )
    found = [item["closest_cluster"] for item in json.load(answer["Body"])["predictions"]]
    assert len(found) == 100
    assert normalized_mutual_info_score(labels[:100], found) > 0.6
    client.delete_endpoint(EndpointName=NAME)
    client.get_waiter("endpoint_deleted").wait(EndpointName=NAME, WaiterConfig=WAITER)
    client.delete_endpoint_config(EndpointConfigName=NAME)
    client.delete_model(ModelName=NAME)


def test_clusters_with_the_first_party_estimator(session):
    import sagemaker

    train, test, _, labels = digits()
    kmeans = sagemaker.KMeans(
        sagemaker.get_execution_role(), 1, INSTANCE, k=10, sagemaker_session=session
    )
    kmeans.fit(kmeans.record_set(train), logs=False)
    predictor = kmeans.deploy(1, INSTANCE)
    records = [record for part in np.array_split(test, 4) for record in predictor.predict(part)]
    found = [record.label["closest_cluster"].float32_tensor.values[0] for record in records]
    assert adjusted_rand_score(labels, found) > 0.4
