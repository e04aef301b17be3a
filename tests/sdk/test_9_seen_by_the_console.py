"""A job of the real SDK is in the console after one look: its metrics, its log, its recipe.

The console has an environment of its own: one look is a process of its Python.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.localaws.conftest import ROOT
from tests.sdk.data import INSTANCE

CONSOLE = ROOT / ".venv" / "bin" / "python"
LOOK = """
import django, json
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.utils import timezone
from core.models import Workspace
from jobs import mirror
from jobs.models import LogLine, MetricPoint, TrainingJob
lab = Workspace.objects.create(slug="lab", kind="local", bucket="b", execution_role_arn="r")
mirror.look(lab, now=timezone.now())
job = TrainingJob.objects.get(aws_name={name!r})
print(json.dumps({{
    "status": job.status, "algorithm": job.algorithm, "metrics": job.metrics,
    "outside": job.is_outside, "hyperparameters": job.hyperparameters, "inputs": job.inputs,
    "artifact": job.artifact, "headline": job.headline_value,
    "lines": LogLine.objects.filter(job=job).count(),
    "points": MetricPoint.objects.filter(job=job, name="train:logloss").count(),
}}))
"""


@pytest.mark.skipif(not CONSOLE.exists(), reason="the console is not installed beside: make run")
def test_the_console_shows_it_after_one_look(session, service, tmp_path):
    from sagemaker import get_execution_role
    from sagemaker.estimator import Estimator
    from sagemaker.image_uris import retrieve
    from sagemaker.inputs import TrainingInput

    bucket = session.default_bucket()
    rows = "\n".join(f"{n % 2},{n % 2 + n / 1000},{n % 7}" for n in range(200))
    session.upload_string_as_file_body(rows, bucket, "seen/train/train.csv")
    image = retrieve("xgboost", session.boto_region_name, version="1.7-1")
    estimator = Estimator(image, get_execution_role(), 1, INSTANCE, sagemaker_session=session)
    estimator.set_hyperparameters(num_round=6, objective="binary:logistic", eval_metric="logloss")
    data = TrainingInput(f"s3://{bucket}/seen/train/", content_type="text/csv")
    estimator.fit({"train": data}, job_name="seen-by-the-console", logs=False)

    seen = look(service, "seen-by-the-console", tmp_path)
    assert (seen["status"], seen["algorithm"], seen["outside"]) == ("Completed", "xgboost", True)
    assert seen["points"] == 6
    assert seen["lines"] > 6
    assert seen["metrics"]["train:logloss"] < 0.7
    assert seen["hyperparameters"]["num_round"] == "6"
    assert seen["inputs"]["train"]["content_type"] == "text/csv"
    assert seen["artifact"].endswith("model.tar.gz")


def look(service, name: str, folder: Path):
    """What one pass of the console's mirror makes of the account."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DJANGO_SETTINGS_MODULE": "mlconsole.settings",
        "MLCONSOLE_DATA_DIR": str(folder / "var"),
        "AWS_ENDPOINT_URL": service.url,
        "AWS_ACCESS_KEY_ID": service.access_key,
        "AWS_SECRET_ACCESS_KEY": service.secret,
        "LOG_LEVEL": "ERROR",
    }
    told = subprocess.run(
        [CONSOLE, "-c", LOOK.format(name=name)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr.decode()
    return json.loads(told.stdout.splitlines()[-1])
