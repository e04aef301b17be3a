"""Killed between any two steps, an update ends with one config and the endpoint serving."""

import pytest

from core.models import AuditEvent
from endpoints import mirror, update
from endpoints.models import Endpoint
from endpoints.sizing import Setup
from tests.endpoints.conftest import fresh, in_service, now, until
from tests.endpoints.test_crashes import names_at_aws, sweep, swept_and_killed
from tests.jobs.conftest import committed  # noqa: F401  # a fixture

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]


@pytest.mark.parametrize(
    "failpoint",
    [
        "endpoints.update.after_config",
        "endpoints.update.after_call",
        "endpoints.update.after_end",
    ],
)
def test_an_update_is_finished_after_a_kill(aws, who, requested, failpoint):
    endpoint = in_service(requested())
    before = endpoint.config_name
    larger = update.unchanged(endpoint.variants[0], instance_type="ml.m5.xlarge")
    assert update.request(who, endpoint, [larger], Setup(), now())

    def go_on():
        Endpoint.objects.update(next_check_at=now())
        return swept_and_killed(aws, failpoint)

    until(lambda: None, go_on)

    def work():
        sweep()
        mirror.look(endpoint.workspace, now())

    def over():
        row = fresh(endpoint)
        return row if not row.wanted and not row.past_configs else None

    after = until(work, over)
    assert (after.status, after.failure_reason) == ("InService", "")
    assert after.instance_type == "ml.m5.xlarge"
    assert after.config_name != before
    assert names_at_aws(aws, endpoint.uid) == ([endpoint.aws_name], 1)
    events = AuditEvent.objects.filter(action="endpoint.update").order_by("id")
    assert [event.phase for event in events] == ["intent", "outcome"]
