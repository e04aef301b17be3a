"""From a card to the form, its checks while one types, and copies with what they changed."""

import re

import pytest
from django.urls import reverse

from jobs.catalogue import ALGORITHMS
from jobs.models import TrainingJob
from tests.jobs.conftest import QUICK, make_preparation
from tests.jobs.test_pages import make_job, new_url, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]
NEW = "jobs:new"


@pytest.fixture
def client(signed_in, member):
    return signed_in(member)


@pytest.fixture
def original(workspace, prepared):
    return make_job(workspace, prepared, hyperparameters=QUICK | {"max_depth": "6"}, volume_gb=20)


def check(client, place, field, **changes):
    """The notes that a check answers, by field, and the whole answer."""
    form = client.get(f"{reverse(NEW)}?{place}").context["form"]
    url = f"{reverse('jobs:check')}?{place}&field={field}"
    answer = client.post(url, typed(form, **changes), headers={"HX-Request": "1"})
    assert answer.status_code == 200
    pieces = re.findall(r'<div id="id_(\S+)_notes"[^>]*>(.*?)</div>', text(answer), re.DOTALL)
    plain = {name: " ".join(re.sub("<[^>]+>", "", body).split()) for name, body in pieces}
    return plain, text(answer)


def detail(job):
    return reverse("jobs:detail", args=[job.uid])


def hyper(name):
    return f"hyperparameters.{name}"


def test_cards_show_every_algorithm_and_the_own_programs(client):
    page = text(client.get(reverse(NEW)))
    for entry in ALGORITHMS.values():
        assert f"{reverse(NEW)}?algorithm={entry.name}" in page
        assert entry.docs in page
    for kind in ("scikit-learn", "pytorch", "tensorflow", "image"):
        assert f"{reverse('jobs:script_new')}?kind={kind}" in page


def test_a_card_leads_to_the_data_that_fit_and_says_why_others_do_not(client, workspace, prepared):
    rows = make_preparation(workspace, task="clustering", labels=(), target="")
    unready = make_preparation(workspace, status="Preparing")
    answer = client.get(reverse(NEW), {"algorithm": "xgboost"})
    page = text(answer)
    assert f"?preparation={prepared.uid}&amp;algorithm=xgboost" in page
    assert f"?preparation={rows.uid}&amp;algorithm=xgboost" not in page
    assert "needs a target to predict" in page
    assert unready.uid not in page
    assert [one.uid for one, _ in answer.context["offers"]] == [prepared.uid, rows.uid]


def test_a_preparation_offers_the_other_algorithms_that_fit(client, prepared):
    page = text(client.get(new_url(prepared)))
    assert f"?preparation={prepared.uid}&amp;algorithm=linear-learner" in page
    assert f"?preparation={prepared.uid}&amp;algorithm=kmeans" not in page
    assert "K-Means learns without a target" in page


def test_every_hyperparameter_shows_its_facts(client, prepared):
    form = client.get(new_url(prepared)).context["form"]
    eta = form[hyper("eta")].note
    assert eta.facts == ("number at least 0 and at most 1 · default 0.3 · tuned from 0.1 to 0.5")
    assert eta.link.endswith("xgboost_hyperparameters.html#:~:text=eta")
    names = [field.name for field in (*form.usual, *form.advanced)]
    assert len(names) > 30
    assert all(form[name].note.facts and form[name].note.link for name in names)


def test_a_check_answers_with_notes_alone_so_that_no_cursor_moves(client, prepared):
    place = f"preparation={prepared.uid}"
    told, answer = check(client, place, hyper("eta"), **{hyper("eta"): "7"})
    assert "at most 1" in told[hyper("eta")]
    assert "<input" not in answer
    told, _ = check(client, place, hyper("eta"), **{hyper("eta"): "0.7"})
    assert told[hyper("eta")] == ""


def test_a_check_leaves_out_what_nobody_has_come_to_yet(client, prepared):
    place = f"preparation={prepared.uid}"
    blank = {hyper("num_round"): "", hyper("eta"): "7"}
    told, _ = check(client, place, hyper("eta"), **blank)
    assert hyper("num_round") not in told
    assert told[hyper("eta")]
    told, _ = check(client, place, hyper("num_round"), **blank)
    assert "num_round is required" in told[hyper("num_round")]
    assert told[hyper("eta")]  # what is wrong elsewhere stays


def test_a_condition_that_changes_is_told_at_the_fields_it_concerns(client, prepared):
    place = f"preparation={prepared.uid}"
    told, _ = check(client, place, hyper("booster"))
    assert told[hyper("rate_drop")] == "Not used now: only when booster is dart."
    told, _ = check(client, place, hyper("booster"), **{hyper("booster"): "dart"})
    assert told[hyper("rate_drop")] == "Used: booster is dart."
    told, _ = check(client, place, hyper("objective"), **{hyper("objective"): "multi:softmax"})
    assert "Required: objective is multi:softmax" in told[hyper("num_class")]


def test_a_copy_marks_what_differs_while_one_types(client, prepared, original):
    place = f"preparation={prepared.uid}&clone={original.uid}"
    told, answer = check(client, place, "volume_gb")
    assert "The same as" in answer
    assert told["volume_gb"] == ""
    changes = {hyper("max_depth"): "8", "volume_gb": "30", hyper("eta"): "wrong"}
    told, answer = check(client, place, "volume_gb", **changes)
    assert told["volume_gb"] == "was 20"
    assert told[hyper("max_depth")] == "was 6"
    assert "max_depth 6 → 8" in answer
    assert "Volume in GB 20 → 30" in answer
    assert "eta not set" not in answer  # what is wrong is no change yet


def test_a_copy_marks_what_differs_without_javascript_too(client, original):
    url = f"{reverse(NEW)}?clone={original.uid}"
    form = client.get(url).context["form"]
    answer = client.post(url, typed(form, **{hyper("max_depth"): "8", "instance_count": "0"}))
    assert answer.status_code == 422
    assert "max_depth 6 → 8" in text(answer)
    assert "was 6" in text(answer)


def test_the_page_of_a_copy_says_what_it_changed(client, signed_in, viewer, original):
    url = f"{reverse(NEW)}?clone={original.uid}"
    form = client.get(url).context["form"]
    assert client.post(url, typed(form, **{hyper("max_depth"): "8"})).status_code == 302
    copy = TrainingJob.objects.first()
    assert copy.cloned_from == original.uid
    page = text(signed_in(viewer).get(detail(copy)))
    assert "Copy of" in page
    assert detail(original) in page
    assert "max_depth 6 → 8" in page
    assert "Copy of" not in text(client.get(detail(original)))


def test_the_page_of_a_copy_outlives_its_original(client, workspace, prepared, original):
    copy = make_job(workspace, prepared, aws_name="two", cloned_from=original.uid)
    TrainingJob.objects.filter(pk=original.pk).update(deleted_at=original.created_at)
    page = text(client.get(detail(copy)))
    assert "Copy of First" in " ".join(re.sub("<[^>]+>", "", page).split())
    assert detail(original) not in page
    copy.cloned_from = "gone123456"
    copy.save()
    assert client.get(detail(copy)).status_code == 200


def test_a_copy_keeps_the_algorithm_and_what_no_form_offers(client, workspace, prepared):
    hidden = next(one.name for one in ALGORITHMS["xgboost"].hyperparameters if one.hidden)
    kept = make_job(workspace, prepared, hyperparameters=QUICK | {hidden: "1"})
    form = client.get(reverse(NEW), {"clone": kept.uid}).context["form"]
    assert form[hyper(hidden)].value() == "1"
    knn = make_job(workspace, prepared, algorithm="knn", aws_name="knn", hyperparameters={"k": "3"})
    assert client.get(reverse(NEW), {"clone": knn.uid}).context["entry"].name == "knn"


def test_the_same_form_again_is_the_same_job_and_a_changed_one_another(client, prepared):
    form = client.get(new_url(prepared)).context["form"]
    first, again = (client.post(new_url(prepared), typed(form, name="One")) for _ in range(2))
    changed = client.post(new_url(prepared), typed(form, name="One", volume_gb="11"))
    assert first.headers["Location"] == again.headers["Location"] != changed.headers["Location"]
    assert TrainingJob.objects.count() == 2


def test_a_job_with_a_script_is_copied_by_the_form_for_scripts(client, workspace):
    job = make_job(workspace, None, algorithm="pytorch", source="s3://b/code.tar.gz")
    answer = client.get(reverse(NEW), {"clone": job.uid})
    assert answer.headers["Location"] == f"{reverse('jobs:script_new')}?clone={job.uid}"


def test_a_copy_of_what_one_may_not_see_is_refused(client, stranger, prepared):
    foreign = make_preparation(stranger.memberships.get().workspace)
    job = make_job(foreign.workspace, foreign)
    place = {"clone": job.uid, "preparation": prepared.uid}
    assert client.get(reverse(NEW), place).status_code == 404
