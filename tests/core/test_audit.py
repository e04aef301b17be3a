"""The audit log is append-only: in Python, and in the database itself."""

import pytest
from django.db import DatabaseError, connection, transaction

from core import audit
from core.models import AuditEvent
from jobs.models import Experiment

pytestmark = pytest.mark.postgres


@pytest.fixture
def event(actor):
    row = Experiment.objects.create(workspace=actor.workspace, name="churn")
    audit.note(actor, "experiment.create", row, why="because")
    return AuditEvent.objects.get()


def test_it_says_who_did_what_to_what(event, member):
    assert (event.actor, event.action, event.detail) == (
        member,
        "experiment.create",
        {"why": "because"},
    )
    assert "churn" in event.target


def test_an_event_refuses_to_change(event):
    event.action = "nothing.happened"
    with pytest.raises(TypeError, match="append-only"):
        event.save()
    with pytest.raises(TypeError, match="append-only"):
        event.delete()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE core_auditevent SET action = 'nothing.happened'", "DELETE FROM core_auditevent"],
)
def test_the_database_refuses_too(event, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEvent.objects.get().action == "experiment.create"
