"""A job as code to copy."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.http import page, page_object
from jobs import reproduce
from jobs.models import TrainingJob, TuningJob

NEAR = ("workspace", "preparation")


@require_GET
def job_code(request: HttpRequest, uid: str) -> HttpResponse:
    job = page_object(request, TrainingJob.objects.select_related(*NEAR), uid)
    context = {
        "job": job,
        "back": reverse(job.PAGE, args=[uid]),
        "codes": reproduce.of_training(job),
    }
    return page(request, "jobs/code.html", context)


@require_GET
def tuning_code(request: HttpRequest, uid: str) -> HttpResponse:
    job = page_object(request, TuningJob.objects.select_related(*NEAR), uid)
    context = {"job": job, "back": reverse(job.PAGE, args=[uid]), "codes": reproduce.of_tuning(job)}
    return page(request, "jobs/code.html", context)
