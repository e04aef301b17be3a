"""Jobs as code."""

from django.http import HttpRequest
from ninja import Router, Schema

from core import access
from core.http import actor_of
from jobs import reproduce
from jobs.models import TrainingJob, TuningJob

router = Router()
NEAR = ("workspace", "preparation")


class Codes(Schema):
    """Python for boto3 and for version 2 of the SageMaker SDK."""

    boto3: str
    sagemaker: str


@router.get("/jobs/{uid}/code", response=Codes)
def get_job_code(request: HttpRequest, uid: str) -> dict[str, str]:
    rows = TrainingJob.objects.select_related(*NEAR)
    return reproduce.of_training(access.fetch(rows, actor_of(request), uid))


@router.get("/tuning-jobs/{uid}/code", response=Codes)
def get_tuning_code(request: HttpRequest, uid: str) -> dict[str, str]:
    rows = TuningJob.objects.select_related(*NEAR)
    return reproduce.of_tuning(access.fetch(rows, actor_of(request), uid))
