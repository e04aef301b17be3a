"""Processing jobs as the SDK's ScriptProcessor and SKLearnProcessor request them."""

from typing import Any

from tests.localaws.lab import BUCKET, ROLE, Lab, until
from tests.localaws.scripts import SKLEARN

HERE = "/opt/ml/processing"


def start(lab: Lab, name: str, code: str, **members: Any) -> str:
    """A job that runs `code` as script.py; `inputs` and `outputs` by name: (uri, path[, mode])."""
    lab.put(f"{name}/input/code/script.py", code.encode())
    given = {"code": (f"s3://{BUCKET}/{name}/input/code/script.py", f"{HERE}/input/code")}
    inputs = [_input(key, *place) for key, place in (given | members.pop("inputs", {})).items()]
    outputs = [_output(key, *place) for key, place in members.pop("outputs", {}).items()]
    request: dict[str, Any] = {
        "ProcessingJobName": name,
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {"Outputs": outputs},
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.xlarge",
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
            }
        },
        "AppSpecification": {
            "ImageUri": members.pop("image", SKLEARN),
            "ContainerEntrypoint": ["python3", f"{HERE}/input/code/script.py"],
        },
        "RoleArn": ROLE,
    }
    if "arguments" in members:
        request["AppSpecification"]["ContainerArguments"] = members.pop("arguments")
    return str(lab.sagemaker.create_processing_job(**request | members)["ProcessingJobArn"])


def _input(name: str, uri: str, path: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": path,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "AppManaged": False, "S3Input": source}


def _output(name: str, uri: str, path: str, mode: str = "EndOfJob") -> dict[str, Any]:
    target = {"S3Uri": uri, "LocalPath": path, "S3UploadMode": mode}
    return {"OutputName": name, "AppManaged": False, "S3Output": target}


def job(lab: Lab, name: str) -> dict[str, Any]:
    described: dict[str, Any] = lab.sagemaker.describe_processing_job(ProcessingJobName=name)
    return described


def finished(lab: Lab, name: str) -> dict[str, Any]:
    found: dict[str, Any] = until(lambda: job(lab, name), lambda job: "ProcessingEndTime" in job)
    return found


def run(lab: Lab, name: str, code: str, **members: Any) -> dict[str, Any]:
    start(lab, name, code, **members)
    return finished(lab, name)


def logged(lab: Lab, name: str) -> list[str]:
    return lab.logged("/aws/sagemaker/ProcessingJobs", f"{name}/")


def keys(lab: Lab, prefix: str) -> list[str]:
    found = lab.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [item["Key"].removeprefix(prefix) for item in found]
