"""The log on a page of its own: any line by its address, searched, by level, without JavaScript."""

from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

from jobs import loglines
from jobs.models import LogLine, TrainingJob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
COUNT = 3_000


def message(number):
    if number % 100 == 0:
        return f"[ERROR] epoch {number} of many"
    return f"[{number}]#011train-auc:0.5#011<b>" if number % 100 == 50 else f"step {number}"


@pytest.fixture
def job(workspace):
    job = TrainingJob.objects.create(
        workspace=workspace, name="First", aws_name="first-1", status="InProgress", log_lines=COUNT
    )
    LogLine.objects.bulk_create(
        LogLine(
            job=job,
            number=number,
            at=AT,
            message=message(number),
            # The later half was stored after lines came to be judged.
            level="" if number <= COUNT // 2 else "error" if number % 100 == 0 else "info",
        )
        for number in range(1, COUNT + 1)
    )
    return job


@pytest.fixture
def browser(signed_in, viewer):
    return signed_in(viewer)


def get(browser, job, **query):
    return browser.get(reverse("jobs:log", args=[job.uid]), query)


def numbers(answer):
    return [line.number for line in answer.context["lines"]]


def test_it_shows_the_end_and_leads_to_what_came_before(browser, job):
    answer = get(browser, job)
    assert numbers(answer) == list(range(2_501, 3_001))
    assert f"?line={answer.context['earlier']}" in answer.text
    seen = set(numbers(answer))
    while answer.context["earlier"]:
        answer = get(browser, job, line=answer.context["earlier"])
        seen |= set(numbers(answer))
    assert seen == set(range(1, COUNT + 1))
    assert answer.context["later"]


def test_it_shows_a_line_by_its_address(browser, job):
    answer = get(browser, job, line=1_234)
    assert 1_234 in numbers(answer)
    assert len(numbers(answer)) == loglines.WINDOW
    assert 'id="L1234" data-level="info" aria-current="true"' in answer.text
    assert f"{reverse('jobs:log', args=[job.uid])}?line=1234#L1234" in answer.text


@pytest.mark.parametrize("line", ["9999999", "0", "-3", "x", "٣"])
def test_it_takes_any_address(browser, job, line):
    assert len(numbers(get(browser, job, line=line))) == loglines.WINDOW


def test_it_finds_with_the_lines_around(browser, job):
    answer = get(browser, job, q="EPOCH 1700")
    [group] = answer.context["found"].groups
    assert [line.number for line in group] == [1_698, 1_699, 1_700, 1_701, 1_702]
    assert [line.number for line in group if line.is_match] == [1_700]
    assert "1 line with “EPOCH 1700”" in answer.text
    assert "0 lines with" in get(browser, job, q="nothing like it").text
    assert get(browser, job, q="]\ttrain-auc").context["found"].total == 30
    assert "&lt;b&gt;" in get(browser, job, q="<b>").text


def test_it_leads_from_page_to_page_of_matches(browser, job):
    first = get(browser, job, q="step").context["found"]
    second = get(browser, job, q="step", after=first.after).context["found"]
    hits = [
        line.number
        for found in (first, second)
        for group in found.groups
        for line in group
        if line.is_match
    ]
    assert hits == [n for n in range(1, COUNT) if n % 50][: 2 * loglines.FOUND]
    assert first.total == COUNT - 60


def test_it_leads_from_match_to_match(browser, job):
    context = get(browser, job, q="epoch", line=1_700).context
    assert (context["previous_match"], context["next_match"]) == (1_600, 1_800)
    context = get(browser, job, level="error", line=3_000).context
    assert (context["previous_match"], context["next_match"]) == (2_900, None)


def test_it_finds_errors_also_where_lines_were_not_judged_yet(browser, job):
    found = get(browser, job, level="error").context["found"]
    assert found.total == 30
    assert {line.level for group in found.groups for line in group if line.is_match} == {"error"}
    assert get(browser, job, level="nonsense").context["level"] == ""


def test_it_hands_out_what_scrolls_into_sight(browser, job, django_assert_max_num_queries):
    url = reverse("jobs:log_lines", args=[job.uid])
    browser.get(url)
    with django_assert_max_num_queries(8):
        answer = browser.get(url, {"after": 2_949}).json()
    assert answer["total"] == COUNT
    assert [line[0] for line in answer["lines"]] == list(range(2_950, COUNT + 1))
    said = "[2950]\ttrain-auc:0.5\t<b>"
    assert answer["lines"][0] == [2_950, AT.isoformat(), said, "info", False]
    assert browser.get(url, {"after": 0}).json()["lines"][0][0] == 1
    assert browser.get(url, {"after": COUNT}).json() == {"total": COUNT, "lines": []}


def test_it_cuts_a_line_that_nobody_reads(browser, job):
    LogLine.objects.filter(job=job, number=7).update(message="x" * 300_000)
    answer = get(browser, job, line=7)
    assert len(answer.content) < 250_000
    assert [line.is_cut for line in answer.context["lines"][6:8]] == [True, False]


def test_it_says_that_there_is_nothing_yet(browser, workspace):
    job = TrainingJob.objects.create(workspace=workspace, name="New", status="Requested")
    assert "Its log was not copied" not in get(browser, job).text
    assert "Nothing was logged yet" in get(browser, job).text
    assert get(browser, job, q="x").context["found"].groups == []


def test_it_streams_the_whole_log(viewer, job):
    async def download():
        client = AsyncClient()
        await client.aforce_login(viewer)
        answer = await client.get(reverse("jobs:log_text", args=[job.uid]))
        return answer, b"".join([part async for part in answer])

    answer, body = async_to_sync(download)()
    text = body.decode().splitlines()
    assert len(text) == COUNT
    assert text[2].endswith("Z step 3")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="first-1.log"'
