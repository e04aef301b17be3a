"""What tests of training and serving share: real data, short calls, deadlines."""

import time
from functools import cache
from typing import Any

import numpy as np
from botocore.exceptions import ClientError
from sklearn.datasets import load_breast_cancer

BUCKET = "lab-bucket"
ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
OLD_XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.2-1"
BASIC = {"objective": "binary:logistic", "num_round": "5", "eval_metric": "logloss"}
# Slow rounds: a thousand log lines a second would keep localaws busy instead of the algorithm.
LONG = BASIC | {"num_round": "1000000", "num_parallel_tree": "20"}


def csv(table: Any) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in table).encode()


@cache
def breast_cancer() -> tuple[Any, Any]:
    """(features, labels) of 569 rows, shuffled."""
    features, labels = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return features[order], labels[order]


class Lab:
    """A bucket with the breast-cancer data: rows 0-399 to train, 400-455 to validate."""

    def __init__(self, localaws: Any) -> None:
        self.localaws = localaws
        self.s3, self.sagemaker = localaws.client("s3"), localaws.client("sagemaker")
        self.runtime = localaws.client("sagemaker-runtime")
        self.features, self.labels = breast_cancer()
        self.endpoints: list[str] = []
        self.s3.create_bucket(Bucket=BUCKET)
        table = np.column_stack([self.labels, self.features])
        self.put("cancer/train/train.csv", csv(table[:400]))
        self.put("cancer/validation/validation.csv", csv(table[400:456]))
        self.put("cancer/train/", b"")

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def start(self, name: str, hyperparameters: dict[str, str] = BASIC, **members: Any) -> str:
        request = {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "HyperParameters": hyperparameters,
            "InputDataConfig": [channel("train"), channel("validation")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out/"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }
        answer = self.sagemaker.create_training_job(**request | members)
        return str(answer["TrainingJobArn"])

    def job(self, name: str) -> dict[str, Any]:
        described: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return described

    def finished(self, name: str) -> dict[str, Any]:
        job: dict[str, Any] = until(lambda: self.job(name), lambda job: "TrainingEndTime" in job)
        return job

    def trained(
        self, name: str, hyperparameters: dict[str, str] = BASIC, **more: Any
    ) -> dict[str, Any]:
        self.start(name, hyperparameters, **more)
        job = self.finished(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        return job

    def running(self, name: str) -> dict[str, Any]:
        """Once its first metric is there."""
        job: dict[str, Any] = until(
            lambda: self.job(name), lambda job: job.get("FinalMetricDataList")
        )
        return job

    def model(self, name: str, url: str, image: str = XGBOOST, **environment: str) -> None:
        container = {"Image": image, "ModelDataUrl": url, "Environment": environment}
        self.sagemaker.create_model(
            ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE
        )

    def config(self, name: str, **models: float) -> None:
        """One variant per model, named as the model, with its weight."""
        variants = [variant(model, weight) for model, weight in models.items()]
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)

    def endpoint(self, name: str, config: str, status: str = "InService") -> dict[str, Any]:
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        self.endpoints.append(name)
        return self.settled(name, status)

    def leave(self) -> None:
        """Delete the endpoints made here: each is a process."""
        for name in set(self.endpoints):
            try:
                self.sagemaker.delete_endpoint(EndpointName=name)
            except ClientError as error:
                assert "Could not find" in str(error)  # noqa: PT017  gone already is fine

    def settled(self, name: str, status: str) -> dict[str, Any]:
        found: dict[str, Any] = until(
            lambda: self.sagemaker.describe_endpoint(EndpointName=name),
            lambda endpoint: endpoint["EndpointStatus"] not in {"Creating", "Updating"},
        )
        assert found["EndpointStatus"] == status, found.get("FailureReason")
        return found

    def ask(self, endpoint: str, body: bytes, **members: Any) -> bytes:
        request = {"EndpointName": endpoint, "ContentType": "text/csv", "Body": body}
        answer: bytes = self.runtime.invoke_endpoint(**request | members)["Body"].read()
        return answer

    def logged(self, group: str, prefix: str) -> list[str]:
        logs = self.localaws.client("logs")
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)
        (stream,) = streams["logStreams"]
        events = logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )
        return [event["message"] for event in events["events"]]


def channel(name: str, uri: str = "", **members: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri or f"s3://{BUCKET}/cancer/{name}/"}
    given = {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
    return given | members


def variant(model: str, weight: float = 1.0) -> dict[str, Any]:
    return {
        "VariantName": model,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": weight,
    }


def until(look: Any, enough: Any, seconds: float = 40) -> Any:
    """What `look()` gives once `enough` says so."""
    deadline = time.monotonic() + seconds
    while not enough(found := look()):
        assert time.monotonic() < deadline, f"waited {seconds} s; last seen: {found}"
        time.sleep(0.05)
    return found


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    """(code, message) of the error that the call must end with."""
    try:
        call(**request)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was not refused")
