"""What tests of script mode share: code as the SDK submits it, and short requests."""

import io
import json
import tarfile
from typing import Any

from tests.localaws.lab import BUCKET, ROLE, Lab

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
TENSORFLOW = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.14-cpu-py310"
PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1-cpu-py310"


def archive(**files: str) -> bytes:
    """A sourcedir.tar.gz; `train__py="..."` becomes train.py, `lib__sub__py` lib/sub.py."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in files.items():
            *folders, stem, suffix = name.split("__")
            member = tarfile.TarInfo("/".join([*folders, f"{stem}.{suffix}"]))
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


def submitted(lab: Lab, name: str, content: bytes) -> str:
    """The S3 address of a code archive."""
    lab.put(f"code/{name}/sourcedir.tar.gz", content)
    return f"s3://{BUCKET}/code/{name}/sourcedir.tar.gz"


def start(
    lab: Lab,
    name: str,
    content: bytes,
    *,
    image: str = SKLEARN,
    role: str = ROLE,
    **hyperparameters: Any,
) -> None:
    """A training job as the SDK's framework estimators request it."""
    toolkit = {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": submitted(lab, name, content),
        "sagemaker_container_log_level": 20,
        "sagemaker_job_name": name,
        "sagemaker_region": "us-east-1",
    }
    texts = {key: json.dumps(value) for key, value in (toolkit | hyperparameters).items()}
    members: dict[str, Any] = {"TrainingImage": image, "TrainingInputMode": "File"}
    definitions = [{"Name": "accuracy", "Regex": r"accuracy=([\d.]+)"}]
    specification = members | {"MetricDefinitions": definitions}
    lab.start(name, texts, AlgorithmSpecification=specification, RoleArn=role)


def run(lab: Lab, name: str, content: bytes, **members: Any) -> dict[str, Any]:
    """The finished job."""
    start(lab, name, content, **members)
    return lab.finished(name)
