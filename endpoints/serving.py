"""How a job's model is served: by which image, and of a script with what environment and code.

As version 2 of the SageMaker Python SDK does it: scikit-learn's image fetches the script by itself,
PyTorch's finds it in the model archive, TensorFlow's needs none for a SavedModel.
"""

import gzip
import io
import tarfile
import tempfile
from typing import IO

from aws import s3
from aws.frameworks import Framework
from jobs import scriptmode
from jobs.machine import GPU
from jobs.models import TrainingJob

IN_ARCHIVE = "code/"  # where PyTorch's image looks for the script
BLOCK = 2**20


def image(job: TrainingJob, instance_type: str = "") -> str:
    """The image that serves `job`'s model on such an instance; of one's own, the same again.

    aws.errors.Invalid where none is known for the region.
    """
    framework = _framework(job)
    if framework is None:
        return job.image
    gpu = framework.has_gpu and instance_type.startswith(GPU)
    return framework.serving_image(job.image, job.workspace.region, gpu=gpu)


def environment(job: TrainingJob | None) -> dict[str, str]:
    """What tells the framework's image which script answers; nothing for other images."""
    framework = _framework(job)
    if job is None or framework is None or framework.name == "tensorflow":
        return {}
    in_archive = framework.name == "pytorch"
    return {
        "SAGEMAKER_CONTAINER_LOG_LEVEL": str(scriptmode.INFO),
        "SAGEMAKER_PROGRAM": job.entry_point,
        "SAGEMAKER_REGION": job.workspace.region,
        "SAGEMAKER_SUBMIT_DIRECTORY": f"/opt/ml/model/{IN_ARCHIVE}".rstrip("/")
        if in_archive
        else job.source,
    }


def artifact(job: TrainingJob) -> str:
    """Where the model archive lies; PyTorch's is made here, with the script in it. Repeatable.

    Raises AwsError. Holds one block in memory, and the archive on disk for a while.
    """
    framework = _framework(job)
    if framework is None or framework.name != "pytorch":
        return job.artifact
    account, key = job.workspace.account, f"jobs/{job.uid}/served/model.tar.gz"
    if s3.head_object(account, job.workspace.bucket, key) is None:
        program = s3.get_object(account, *s3.parse_uri(job.source))
        with tempfile.TemporaryFile() as packed:
            with s3.open_object(account, *s3.parse_uri(job.artifact)) as model:
                _repack(model, program, packed)
            packed.seek(0)
            s3.upload_fileobj(account, job.workspace.bucket, key, packed)
    return s3.uri(job.workspace.bucket, key)


def wrong_machine(image: str, instance_type: str) -> str:
    """Why a model's image cannot run on such an instance; "" when it can."""
    if "-inference:" in image and "-gpu" in image and not instance_type.startswith(GPU):
        return "This model was registered to be served on a GPU, such as ml.g4dn.xlarge."
    return ""


def _framework(job: TrainingJob | None) -> Framework | None:
    return scriptmode.framework_of(job) if job and job.source else None


def _repack(model: IO[bytes], program: bytes, packed: IO[bytes]) -> None:
    """The model's files and, in a folder of its own, the program's."""
    # Weights hardly shrink: speed counts.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", bufsize=BLOCK) as tar,
    ):
        with tarfile.open(fileobj=model, mode="r|gz", bufsize=BLOCK) as found:
            for member in found:
                if not member.name.removeprefix("./").startswith(IN_ARCHIVE):
                    tar.addfile(member, found.extractfile(member) if member.isreg() else None)
        with tarfile.open(fileobj=io.BytesIO(program), mode="r:gz") as code:
            for member in code:
                content = code.extractfile(member)
                member.name = IN_ARCHIVE + member.name
                tar.addfile(member, content)
