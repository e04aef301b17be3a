"""A wish becomes a row, or nothing at all."""

from types import MappingProxyType

import pytest

from core.errors import InvalidFields, NotAllowed, NotFound
from core.models import AuditEvent
from jobs import training
from jobs.errors import NotReady, UnknownAlgorithm
from jobs.machine import Machine
from jobs.models import Experiment, TrainingJob
from tests.jobs.conftest import QUICK, make_preparation

pytestmark = pytest.mark.django_db


def wish(who, preparation, machine=MappingProxyType({}), **changes):
    fields = {
        "preparation": preparation,
        "algorithm": "xgboost",
        "hyperparameters": QUICK,
        "machine": Machine(**{"instance_type": "ml.m5.large"} | machine),
    }
    return training.request(who, **fields | changes)


def test_it_writes_the_row(actor, prepared):
    job = wish(actor, prepared, name=" First ", experiment="Baselines")
    job.refresh_from_db()
    assert (job.status, job.name, job.aws_name) == ("Requested", "First", "")
    assert job.experiment == Experiment.objects.get(name="Baselines")
    assert job.image.endswith("/sagemaker-xgboost:1.7-1")
    assert job.headline_metric == "validation:logloss"
    assert job.hyperparameters == QUICK
    assert AuditEvent.objects.get(action="job.create").actor == actor.user


def test_it_names_a_nameless_job_after_its_data(actor, prepared):
    assert wish(actor, prepared).name == "XGBoost on breast cancer"


def test_it_uses_an_experiment_again(actor, prepared):
    first, second = (wish(actor, prepared, experiment="Same") for _ in range(2))
    assert first.experiment == second.experiment


def test_it_tells_every_mistake_at_its_field(actor, prepared):
    with pytest.raises(InvalidFields) as refused:
        wish(
            actor,
            prepared,
            hyperparameters={"num_rounds": "5"},
            machine={"instance_type": "big", "instance_count": 0, "max_runtime_seconds": 1},
            name="x" * 121,
        )
    assert set(refused.value.errors) == {
        "hyperparameters.num_rounds",
        "hyperparameters.num_round",
        "instance_type",
        "instance_count",
        "name",
        "max_runtime_seconds",
    }
    assert not TrainingJob.objects.exists()


def test_it_wants_a_gpu_for_gpu_hist(actor, prepared):
    texts = QUICK | {"tree_method": "gpu_hist"}
    with pytest.raises(InvalidFields, match="GPU"):
        wish(actor, prepared, hyperparameters=texts)
    assert wish(
        actor, prepared, hyperparameters=texts, machine={"instance_type": "ml.g4dn.xlarge"}
    ).pk


def test_it_refuses_an_algorithm_it_does_not_know(actor, prepared):
    with pytest.raises(UnknownAlgorithm, match="'forest'"):
        wish(actor, prepared, algorithm="forest")


@pytest.mark.parametrize("changes", [{"status": "Preparing"}, {"status": "Ready", "channels": {}}])
def test_it_refuses_data_that_are_not_there(actor, workspace, changes):
    with pytest.raises(NotReady):
        wish(actor, make_preparation(workspace, **changes))


def test_it_refuses_a_format_that_the_algorithm_does_not_read(actor, prepared):
    prepared.channels["train"]["content_type"] = "image/png"
    with pytest.raises(InvalidFields) as refused:
        wish(actor, prepared)
    assert set(refused.value.errors) == {"preparation"}


def test_it_refuses_a_region_without_the_image(actor, prepared):
    prepared.workspace.region = actor.workspace.region = "mars-north-1"
    with pytest.raises(InvalidFields, match="mars-north-1"):
        wish(actor, prepared)


def test_it_needs_a_member_of_the_datas_workspace(viewer, stranger, workspace, prepared):
    from core import access

    with pytest.raises(NotAllowed):
        wish(access.actor(viewer), prepared)
    with pytest.raises(NotFound):
        wish(access.actor(stranger), prepared)
