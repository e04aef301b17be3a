"""Getting a dataset in again makes a version: nothing is overwritten, each stands for itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from core.errors import InvalidFields, StillInUse
from datasets import delete, upload, versions
from datasets.models import Dataset, Preparation
from tests.datasets.conftest import IRIS, soon, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(lab, actor):
    """`again(dataset)`: its next version, received."""

    def receive(dataset, content=IRIS, name=""):
        data = [content.encode()]
        return upload.receive(
            lab, actor, data, filename="again.csv", name=name, version_of=dataset.uid
        )

    return receive


def test_it_counts_on_and_keeps_what_was_there(uploaded, again, lab):
    first = uploaded("a,b\n1,x\n")
    second = again(first, "a,b\n2,y\n")
    third = again(second, name="renamed")
    first.refresh_from_db()

    assert [row.version for row in (first, second, third)] == [1, 2, 3]
    assert {row.family for row in (first, second, third)} == {first.uid}
    assert (second.name, third.name) == (first.name, "renamed")
    assert {first.key, second.key, third.key} <= stored(lab)
    assert versions.all_of(second) == [third, second, first]


def test_it_does_not_give_a_deleted_number_again(uploaded, again, actor):
    first = uploaded()
    delete.request(actor, again(first), now=soon())
    assert again(first).version == 3


@pytest.mark.parametrize("kind", ["elsewhere", "deleted", "nonsense"])
def test_it_refuses_to_continue_what_is_not_there(uploaded, again, stranger, lab, actor, kind):
    other = uploaded()
    if kind == "elsewhere":
        other.workspace = stranger.memberships.get().workspace
        other.save()
    elif kind == "deleted":
        delete.request(actor, other, now=soon())
    else:
        other.uid = "nonsense"
    before = stored(lab)
    with pytest.raises(InvalidFields) as refused:
        again(other)
    assert refused.value.field == "version_of"
    assert stored(lab) == before
    assert Dataset.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_racing_uploads_get_numbers_of_their_own(workspace):
    first = Dataset.objects.create(workspace=workspace, name="first", status="Ready")
    rows = [Dataset(workspace=workspace, name=str(n), status="Uploading") for n in range(8)]

    def number(row):
        try:
            versions.assign(row, first.uid)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(number, rows))
    assert sorted(row.version for row in rows) == list(range(2, 10))


def test_deleting_one_leaves_the_others(uploaded, again, actor, lab):
    first = uploaded()
    second, third = again(first), again(first)
    delete.request(actor, second, now=soon())
    delete.objects(second)
    assert versions.all_of(first) == [third, first]
    assert {first.key, third.key} <= stored(lab)
    assert second.key not in stored(lab)


def test_the_list_shows_the_newest_of_each(uploaded, again, member, signed_in, api):
    first, alone = uploaded(), uploaded("a,b\n1,x\n", filename="alone.csv")
    newest = again(first)

    answer = api(member).get("/api/v1/datasets").json()
    assert {one["id"]: one["versions"] for one in answer["items"]} == {newest.uid: 2, alone.uid: 1}
    every = api(member).get("/api/v1/datasets?versions=all").json()["items"]
    assert {one["id"] for one in every} == {first.uid, newest.uid, alone.uid}
    assert {one["family"] for one in every} == {first.uid, alone.uid}
    family = api(member).get(f"/api/v1/datasets?family={first.uid}").json()["items"]
    assert {one["version"] for one in family} == {1, 2}

    browser = signed_in(member)
    page = browser.get("/datasets/").text
    assert f"/datasets/{newest.uid}" in page
    assert f'/datasets/{first.uid}"' not in page
    assert "2 versions" in page
    assert f'/datasets/{first.uid}"' in browser.get("/datasets/?versions=all").text


def test_the_page_and_the_api_take_a_version(uploaded, member, signed_in, api):
    first = uploaded()
    browser = signed_in(member)
    assert first.name in browser.get(f"/datasets/upload?version_of={first.uid}").text
    sent = {"file": SimpleUploadedFile("b.csv", IRIS.encode()), "version_of": first.uid}
    assert browser.post("/datasets/upload", sent).status_code == 302

    sent = {"file": SimpleUploadedFile("c.csv", IRIS.encode()), "version_of": first.uid}
    made = api(member).post("/api/v1/datasets", sent)
    assert (made.status_code, made.json()["version"], made.json()["versions"]) == (201, 3, 3)

    sent = {"file": SimpleUploadedFile("d.csv", IRIS.encode()), "version_of": "0000000000"}
    refused = api(member).post("/api/v1/datasets", sent)
    assert refused.status_code == 422
    assert "version_of" in refused.json()["error"]["fields"]
    assert Dataset.objects.count() == 3


@pytest.mark.parametrize("role", ["validation_dataset", "test_dataset"])
def test_it_refuses_to_delete_what_a_preparation_validates_or_tests_with(ready, actor, role):
    dataset, other = ready(), ready("a,b\n1,x\n")
    preparation = Preparation.objects.create(
        workspace=dataset.workspace, name="held-out", dataset=dataset, **{role: other}
    )
    with pytest.raises(StillInUse, match="preparation “held-out”"):
        delete.request(actor, other, now=soon())

    Preparation.objects.filter(pk=preparation.pk).update(status="Failed")
    delete.request(actor, other, now=soon())
    assert not Preparation.objects.present().exists()
    assert Dataset.objects.present().get() == dataset
