"""The TensorFlow script again, with nothing but boto3: as pipelines and Lambdas launch it."""

import io
import json
import tarfile

import boto3
import numpy as np

from tests.sdk.data import INSTANCE
from tests.sdk.test_4_scripts import (  # the fixtures
    SOURCE,
    channels,  # noqa: F401
    right,
    words,  # noqa: F401
)

ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"
REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
WAITER = {"Delay": 1, "MaxAttempts": 120}
NAME = "bag-of-words"


def source(bucket):
    """The address of the script's archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(f"{SOURCE}/network.py", arcname="network.py")
    boto3.client("s3").put_object(Bucket=bucket, Key="code.tar.gz", Body=buffer.getvalue())
    return f"s3://{bucket}/code.tar.gz"


def trained(client, bucket, channels):  # noqa: F811 (a fixture's value)
    data = [
        {
            "ChannelName": name,
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
        }
        for name, uri in channels.items()
    ]
    client.create_training_job(
        TrainingJobName=NAME,
        AlgorithmSpecification={
            "TrainingImage": f"{REGISTRY}/tensorflow-training:2.14-cpu-py310",
            "TrainingInputMode": "File",
        },
        RoleArn=ROLE,
        HyperParameters={
            "sagemaker_program": json.dumps("network.py"),
            "sagemaker_submit_directory": json.dumps(source(bucket)),
            "epochs": "8",
        },
        InputDataConfig=data,
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/words/out"},
        ResourceConfig={"InstanceType": INSTANCE, "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    waiter = client.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=NAME, WaiterConfig=WAITER)
    return client.describe_training_job(TrainingJobName=NAME)["ModelArtifacts"]["S3ModelArtifacts"]


def test_a_script_of_tensorflow_with_low_level_calls(session, channels, words):  # noqa: F811
    client, runtime = boto3.client("sagemaker"), boto3.client("sagemaker-runtime")
    url = trained(client, session.default_bucket(), channels)
    image = f"{REGISTRY}/tensorflow-inference:2.14-cpu"
    container = {"Image": image, "ModelDataUrl": url}
    client.create_model(ModelName=NAME, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "AllTraffic", "ModelName": NAME, "InstanceType": INSTANCE}
    client.create_endpoint_config(
        EndpointConfigName=NAME, ProductionVariants=[variant | {"InitialInstanceCount": 1}]
    )
    client.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    client.get_waiter("endpoint_in_service").wait(EndpointName=NAME, WaiterConfig=WAITER)
    answer = runtime.invoke_endpoint(
        EndpointName=NAME,
        ContentType="application/json",
        Body=json.dumps({"instances": words[1].tolist()}),
    )
    found = np.argmax(json.load(answer["Body"])["predictions"], axis=1)
    assert right(found, words[3]) > 0.7
