"""Lists: the URL is the state, and nothing in it reaches the database unchecked."""

import pytest

from core.listing import Columns, listing
from jobs.models import TrainingJob

COLUMNS = Columns(search=("name",), sorts={"name": "name", "created": "created_at"})


@pytest.fixture
def jobs(workspace):
    for number in range(120):
        status = "Completed" if number % 2 else "Failed"
        TrainingJob.objects.create(workspace=workspace, name=f"job-{number:03}", status=status)
    return TrainingJob.objects.all()


def test_it_pages_filters_and_sorts(jobs):
    found = listing(jobs, {"status": "Failed", "sort": "-name", "page": "2"}, COLUMNS)
    assert (found.total, found.pages, found.page) == (60, 2, 2)
    assert [row.name for row in found.rows][:2] == ["job-018", "job-016"]
    assert found.previous_url == "?status=Failed&sort=-name"


def test_it_searches_without_regard_to_case(jobs):
    assert [row.name for row in listing(jobs, {"q": "JOB-007"}, COLUMNS).rows] == ["job-007"]


@pytest.mark.parametrize("sort", ["workspace__memberships__user__password", "id", "-", "name;"])
def test_a_sort_that_is_not_offered_is_ignored(jobs, sort):
    assert listing(jobs, {"sort": sort}, COLUMNS).sort == "-created"


@pytest.mark.parametrize(("asked", "got"), [("0", 3), ("99", 3), ("x", 1), ("-1", 3)])
def test_a_page_out_of_range_is_the_nearest(jobs, asked, got):
    assert listing(jobs, {"page": asked}, COLUMNS).page == got


def test_it_asks_the_database_twice_however_many_rows(jobs, django_assert_num_queries):
    with django_assert_num_queries(2):
        listing(jobs, {"q": "job"}, COLUMNS)
