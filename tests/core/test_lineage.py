import pytest
from django.utils import timezone

from core import lineage
from datasets.models import Dataset, Preparation
from endpoints.models import Endpoint
from jobs.models import TrainingJob
from results.models import Evaluation
from tests.architecture.test_role_matrix import things  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db
FLOW = ["dataset", "preparation", "job", "model", "endpoint", "evaluation"]
PAGES = (Dataset, Preparation, TrainingJob, Endpoint, Evaluation)


def names(found):
    return {step.kind: [node.name for node in step.nodes] for step in found.steps}


@pytest.mark.parametrize("kind", PAGES)
def test_it_walks_the_whole_flow_from_every_object(things, kind):  # noqa: F811
    found = lineage.walk(things[kind])
    assert [step.kind for step in found.steps if step.kind in FLOW] == FLOW
    assert [step.kind for step in found.steps if step.is_here] == [kind.LIVE]
    made_from = (things[Dataset].uid, things[Preparation].uid)
    assert made_from in found.edges
    assert (things[Endpoint].uid, things[Evaluation].uid) in found.edges
    assert found.complete


def test_it_shows_no_sibling_nothing_deleted_and_nothing_of_another_workspace(
    things,  # noqa: F811
    stranger,
    workspace,
):
    dataset, preparation = things[Dataset], things[Preparation]
    common = {"preparation": preparation, "algorithm": "xgboost", "status": "Completed"}
    TrainingJob.objects.create(name="sibling", workspace=workspace, **common)
    gone = {"name": "gone", "workspace": workspace, "deleted_at": timezone.now()}
    TrainingJob.objects.create(**gone, **common)
    elsewhere = stranger.memberships.get().workspace
    TrainingJob.objects.create(name="foreign", workspace=elsewhere, **common)

    assert names(lineage.walk(things[TrainingJob]))["job"] == ["j"]
    assert names(lineage.walk(dataset))["job"] == ["sibling", "j"]


def test_it_stops_counting_and_says_so(things, workspace, django_assert_max_num_queries):  # noqa: F811
    rows = [
        TrainingJob(name=f"n{n}", workspace=workspace, preparation=things[Preparation])
        for n in range(lineage.MOST + 5)
    ]
    TrainingJob.objects.bulk_create(rows)
    with django_assert_max_num_queries(14):
        found = lineage.walk(things[Dataset])
    assert len(names(found)["job"]) == lineage.MOST
    assert not found.complete


def test_every_page_links_both_ways(things, signed_in, viewer):  # noqa: F811
    client = signed_in(viewer)
    for start in PAGES:
        url = f"/{things[start]._meta.app_label}/"
        url += f"preparations/{things[start].uid}" if start is Preparation else things[start].uid
        page = client.get(url).content.decode()
        part = page[page.index('aria-labelledby="h-lineage"') :].split("</section>")[0]
        for other in PAGES:
            assert (f"{things[other].uid}" in part) == (other is not start), (start, other)


def test_the_api_walks_too(things, api, viewer, stranger):  # noqa: F811
    url = f"/api/v1/lineage/{things[TrainingJob].uid}"
    found = api(viewer).get(url).json()
    assert [node["kind"] for node in found["nodes"] if node["kind"] in FLOW] == FLOW
    assert [things[Dataset].uid, things[Preparation].uid] in found["edges"]
    assert api(viewer).get(url, {"kind": "dataset"}).status_code == 404
    assert api(stranger).get(url).status_code == 404
