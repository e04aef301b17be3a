from celery import shared_task
from django.utils import timezone

from results import evaluate, sample
from results.models import Evaluation


@shared_task
def run_evaluation(pk: int) -> None:
    evaluate.run(Evaluation.objects.get(pk=pk), timezone.now())


@shared_task
def sweep_evaluations() -> None:
    """Advance the sample and run what no nudge started."""
    for row in sample.due(timezone.now()):
        sample.advance(row, timezone.now())
    for evaluation in Evaluation.objects.due(timezone.now()):
        evaluate.run(evaluation, timezone.now())
