"""Killed between any two steps, deploying and deleting converge with one of everything at AWS."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.models import AuditEvent
from endpoints import delete, mirror
from endpoints.models import Endpoint, RegisteredModel
from endpoints.tasks import sweep_endpoints
from tests.endpoints.conftest import fresh, in_service, now, until
from tests.jobs.conftest import committed, environment  # noqa: F401  # a fixture
from tests.jobs.processes import database_url

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]
ROOT = Path(__file__).parents[2]
SWEEP = "import django; django.setup(); from endpoints.tasks import *; {}()"


def swept_and_killed(service, failpoint, sweep="sweep_endpoints", **more):
    """A worker's process that dies at `failpoint`."""
    died = subprocess.run(
        [sys.executable, "-c", SWEEP.format(sweep)],
        cwd=ROOT,
        env={
            **os.environ,
            **environment(service),
            "DJANGO_SETTINGS_MODULE": "mlconsole.settings",
            "DATABASE_URL": database_url(),
            "MLCONSOLE_FAILPOINT": failpoint,
            **more,
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode in (0, -signal.SIGKILL), died.stderr.decode()
    return died.returncode == -signal.SIGKILL


def sweep():
    """The next worker's round, after the dead one's lease."""
    Endpoint.objects.update(next_check_at=now())
    RegisteredModel.objects.update(next_check_at=now())
    sweep_endpoints()


def names_at_aws(service, uid):
    client = service.client("sagemaker")
    return (
        [e["EndpointName"] for e in client.list_endpoints(NameContains=uid)["Endpoints"]],
        len(client.list_endpoint_configs(NameContains=uid)["EndpointConfigs"]),
    )


@pytest.mark.parametrize(
    "failpoint",
    [
        "endpoints.register.after_create",
        "endpoints.submit.after_config",
        "endpoints.submit.after_create",
    ],
)
def test_a_deploy_is_finished_after_a_kill(aws, requested, failpoint):
    endpoint = requested()
    assert swept_and_killed(aws, failpoint)
    assert fresh(endpoint).status == "Requested"
    sweep()
    in_service(endpoint)
    assert fresh(endpoint).status == "InService"
    assert names_at_aws(aws, endpoint.uid) == ([endpoint.aws_name], 1)
    models = aws.client("sagemaker").list_models(NameContains=endpoint.model.uid)["Models"]
    assert len(models) == 1


@pytest.mark.parametrize(
    "failpoint",
    [
        "endpoints.delete.after_call",
        "endpoints.delete.after_endpoint",
        "endpoints.delete.after_config",
        "endpoints.delete.after_giving_up_model",
        "endpoints.delete.after_model",
    ],
)
def test_a_deletion_is_finished_after_a_kill(aws, who, requested, failpoint):
    endpoint = in_service(requested())
    delete.request(who, endpoint, now())

    def go_on():
        Endpoint.objects.update(next_check_at=now())
        return swept_and_killed(aws, failpoint)

    until(lambda: None, go_on)
    assert fresh(endpoint).status == "Deleting" or failpoint.endswith("after_call")

    def work():
        sweep()
        mirror.look(endpoint.workspace, now())

    until(work, lambda: fresh(endpoint).status == "Deleted")
    assert names_at_aws(aws, endpoint.uid) == ([], 0)
    assert fresh(endpoint.model).status == "Deleted"
    assert not aws.client("sagemaker").list_models(NameContains=endpoint.model.uid)["Models"]
    events = AuditEvent.objects.filter(action="endpoint.delete").order_by("id")
    assert [event.phase for event in events] == ["intent", "outcome"]
