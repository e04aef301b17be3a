"""The list of jobs, on its page and in the API: searched, ordered, paged, in chosen columns."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core.listing import PER_PAGE
from jobs import values
from jobs.models import JobTag, TrainingJob

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.usefixtures("stack")]
LIST = "/jobs/"
API = "/api/v1/jobs"


def text(answer):
    return answer.content.decode()


@pytest.fixture
def make(workspace, member):
    def make(name, params=(), metrics=(), tags=(), **changes):
        fields = {"status": "Completed", "algorithm": "xgboost", "aws_name": name}
        job = TrainingJob.objects.create(
            **{"workspace": workspace, "created_by": member, "name": name} | fields | changes,
            hyperparameters=dict(params),
            metrics=dict(metrics),
        )
        values.keep_params(job)
        values.keep_metrics(job, dict(metrics))
        JobTag.objects.bulk_create(JobTag(job=job, name=tag) for tag in tags)
        return job

    return make


@pytest.fixture
def three(make):
    """What each has of eta and auc; the last has neither."""
    make("low", {"eta": "0.1", "objective": "reg"}, {"auc": 0.6}, ["baseline"])
    make("high", {"eta": "0.3", "objective": "binary"}, {"auc": 0.9})
    make("none")


def names(client, **params):
    answer = client.get(LIST, params)
    assert answer.status_code == 200
    return [row.name for row in answer.context["listing"].rows]


def api_names(client, **params):
    return [job["name"] for job in client.get(API, params).json()["items"]]


def test_it_takes_a_query_on_the_page_and_in_the_api(signed_in, api, viewer, three):
    asked = {"query": "metric.auc > 0.5 and not tag:baseline"}
    assert names(signed_in(viewer), **asked) == ["high"]
    assert api_names(api(viewer), **asked) == ["high"]


def test_it_marks_what_it_does_not_understand_and_keeps_the_text(signed_in, api, viewer, three):
    asked = {"query": "name = low and statis = Failed"}
    answer = signed_in(viewer).get(LIST, asked)
    assert answer.status_code == 422
    page = text(answer)
    assert 'value="name = low and statis = Failed"' in page
    assert "name = low and <mark>statis</mark> = Failed" in page
    assert "Column 16: did you mean status?" in page
    assert "data-live" not in page
    error = api(viewer).get(API, asked).json()["error"]
    assert "Column 16" in error["fields"]["query"][0]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("metric.auc", ["low", "high", "none"]),
        ("-metric.auc", ["high", "low", "none"]),
        ("param.eta", ["low", "high", "none"]),
        ("param.objective", ["high", "low", "none"]),
        ("-param.objective", ["low", "high", "none"]),
        ("name", ["high", "low", "none"]),
        ("nonsense", ["none", "high", "low"]),
    ],
)
def test_it_sorts_by_anything_and_puts_what_lacks_it_last(
    signed_in, api, viewer, three, sort, order
):
    assert names(signed_in(viewer), sort=sort) == order
    assert api_names(api(viewer), sort=sort) == order


def test_it_pages_over_jobs_with_and_without_a_value(signed_in, viewer, make):
    for number in range(PER_PAGE + 3):
        make(f"with-{number}", metrics={"auc": number})
    for number in range(PER_PAGE):
        make(f"without-{number}")
    client, order = signed_in(viewer), []
    for page in (1, 2, 3, 4):
        order += names(client, sort="-metric.auc", page=page)[: PER_PAGE if page < 4 else 0]
    assert order[: PER_PAGE + 3] == [f"with-{number}" for number in reversed(range(PER_PAGE + 3))]
    assert sorted(order) == sorted(TrainingJob.objects.values_list("name", flat=True))


def test_it_leaves_out_archived_jobs_unless_asked(signed_in, viewer, make):
    make("old", archived_at=timezone.now())
    make("new")
    client = signed_in(viewer)
    assert names(client) == ["new"]
    assert names(client, archived="yes") == ["old"]
    assert set(names(client, query="archived = yes or archived = no")) == {"old", "new"}


def test_it_shows_chosen_columns_and_remembers_them(signed_in, viewer, three):
    client = signed_in(viewer)
    keys = ["tags", "param.eta", "metric.auc"]
    page = text(client.get(LIST, {"column": keys}))
    assert "Trained for</a>" not in page
    for part in ('<span class="tag">baseline</span>', "<td>0.1</td>", ">0.9000</td>"):
        assert part in page
    again = client.get(LIST)
    assert [column.key for column in again.context["columns"]] == keys
    usual = client.get(LIST + again.context["usual"])
    assert "Trained for</a>" in text(usual)
    assert "Trained for</a>" in text(client.get(LIST))


def test_it_offers_the_columns_and_words_that_jobs_here_have(signed_in, stranger, viewer, three):
    page = text(signed_in(viewer).get(LIST))
    assert 'name="column" value="metric.auc"' in page
    assert '<option value="param.eta">' in page
    assert "param.eta" not in text(signed_in(stranger).get(LIST))


def test_what_is_ticked_goes_along_when_rows_come_anew(signed_in, viewer, make):
    for number in range(PER_PAGE + 1):
        make(f"job-{number:03}")
    first, last = TrainingJob.objects.get(name="job-000"), TrainingJob.objects.get(name="job-050")
    answer = signed_in(viewer).get(
        LIST,
        {"part": "rows", "page": 1, "runs": [first.uid, last.uid], "all": "1"},
        headers={"HX-Request": "1"},
    )
    page = text(answer)
    assert page.strip().startswith('<section id="rows"')
    assert f'<input type="hidden" name="runs" value="{first.uid}" form="chosen">' in page
    ticked = page.partition(f'id="tick-{last.uid}"')[2].partition(">")[0]
    assert "checked" in ticked
    assert "1 ticked on other pages" in page
    assert "checked" in page.partition('id="tick-matching"')[2].partition(">")[0]


def test_it_asks_the_database_a_bounded_number_of_times(
    signed_in, api, viewer, make, django_assert_max_num_queries
):
    for number in range(PER_PAGE + 1):
        make(f"job-{number}", {"eta": "0.1"}, {"auc": 0.9}, ["baseline"])
    client, token = signed_in(viewer), api(viewer)
    asked = {
        "query": "metric.auc > 0.5 and param.eta < 1 and tag:baseline and status = Completed",
        "sort": "-metric.auc",
        "column": ["status", "metric.auc", "param.eta", "tags", "cost", "owner"],
    }
    client.get(LIST, asked)
    with django_assert_max_num_queries(12):
        assert client.get(LIST, asked).context["listing"].total == PER_PAGE + 1
    with django_assert_max_num_queries(12):
        assert token.get(API, asked).json()["total"] == PER_PAGE + 1


def test_strangers_see_nothing_of_it(signed_in, stranger, three):
    assert names(signed_in(stranger)) == []
    assert names(signed_in(stranger), query="metric.auc > 0") == []


def test_it_has_the_old_search_too(signed_in, viewer, three):
    assert names(signed_in(viewer), q="HIG") == ["high"]
    assert reverse("jobs:list") == LIST


@pytest.mark.parametrize("name", ["q", "query", "status", "sort", "page", "column", "runs"])
@pytest.mark.parametrize("value", ["param.\0", "\0", "9" * 5_000, "'; --", "%", "²"])
def test_no_address_breaks_it(signed_in, api, viewer, three, name, value):
    assert signed_in(viewer).get(LIST, {name: value}).status_code in (200, 422)
    assert api(viewer).get(API, {name: value}).status_code in (200, 422)
