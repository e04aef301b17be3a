"""Role × route: every URL and every API operation, for a nobody, a stranger, a viewer, a member.

A route that is not in the table fails the test: whoever adds one says who may use it.
"""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from datasets.models import Dataset, Preparation
from endpoints.models import BatchPrediction, Cleanup, Endpoint, Policy, RegisteredModel
from jobs.models import Experiment, SavedView, TrainingJob, TuningJob
from mlconsole.api import api as ninja
from results.models import Evaluation, Report, Sample, Share

PUBLIC = "public"  # for anybody; each is tested where it lives
SIGNED_IN = "signed in"  # lists and forms of one's own workspace
SEE = "see"  # an object: members of its workspace
CHANGE = "change"  # an object or a workspace: members with the role member
MANAGE = "manage"  # the workspace itself: its admins

# Route -> what it needs, and the object whose uid it takes.
PAGES = {
    "home": SIGNED_IN,
    "settings": SIGNED_IN,
    "create_token": SIGNED_IN,
    "revoke_token": SIGNED_IN,
    "events": SIGNED_IN,
    "synced": SIGNED_IN,
    "workspace": SIGNED_IN,
    "workspace_settings": (MANAGE, None),
    "workspace_scripts": (MANAGE, None),
    "workspace_member_add": (MANAGE, None),
    "workspace_member_role": (MANAGE, None),
    "workspace_member_remove": (MANAGE, None),
    "sign_in_by_link": PUBLIC,
    "redeem_link": PUBLIC,
    "healthz": PUBLIC,
    "livez": PUBLIC,
    "public:shared": PUBLIC,
    "public:embed": PUBLIC,
    "public:download": PUBLIC,
    "public:nothing": PUBLIC,
    "datasets:list": SIGNED_IN,
    "datasets:upload": (CHANGE, None),
    "datasets:import": (CHANGE, None),
    "datasets:upload_cancel": (CHANGE, Dataset),
    "datasets:sample": (CHANGE, None),
    "datasets:detail": (SEE, Dataset),
    "datasets:rows": (SEE, Dataset),
    "datasets:images": (SEE, Dataset),
    "datasets:reshape": (CHANGE, Dataset),
    "datasets:dialect": (CHANGE, Dataset),
    "datasets:prepare": (CHANGE, Dataset),
    "datasets:prepare_preview": (CHANGE, Dataset),
    "datasets:delete": (CHANGE, Dataset),
    "datasets:preparation": (SEE, Preparation),
    "datasets:repeat": (CHANGE, Preparation),
    "datasets:preparation_delete": (CHANGE, Preparation),
    "jobs:list": SIGNED_IN,
    "jobs:csv": SIGNED_IN,
    "jobs:bulk": (CHANGE, None),
    "jobs:view_save": (CHANGE, None),
    "jobs:view": (SEE, SavedView),
    "jobs:view_edit": (CHANGE, SavedView),
    "jobs:tags": (CHANGE, TrainingJob),
    "jobs:new": (CHANGE, None),
    "jobs:script_new": (CHANGE, None),
    "jobs:check": (CHANGE, None),
    "jobs:compare": SIGNED_IN,
    "jobs:compare_curves": SIGNED_IN,
    "jobs:compare_points": SIGNED_IN,
    "jobs:compare_scatter": SIGNED_IN,
    "jobs:compare_table": SIGNED_IN,
    "jobs:experiments": SIGNED_IN,
    "jobs:experiment": (SEE, Experiment),
    "jobs:experiment_change": (CHANGE, Experiment),
    "jobs:experiment_notes": (CHANGE, Experiment),
    "jobs:notes": (CHANGE, TrainingJob),
    "jobs:tuning_list": SIGNED_IN,
    "jobs:tuning_new": (CHANGE, None),
    "jobs:tuning_check": (CHANGE, None),
    "jobs:tuning": (SEE, TuningJob),
    "jobs:tuning_figure": (SEE, TuningJob),
    "jobs:tuning_code": (SEE, TuningJob),
    "jobs:tuning_stop": (CHANGE, TuningJob),
    "jobs:detail": (SEE, TrainingJob),
    "jobs:figure": (SEE, TrainingJob),
    "jobs:files": (SEE, TrainingJob),
    "jobs:file": (CHANGE, TrainingJob),
    "jobs:hardware": (SEE, TrainingJob),
    "jobs:log": (SEE, TrainingJob),
    "jobs:log_lines": (SEE, TrainingJob),
    "jobs:log_text": (SEE, TrainingJob),
    "jobs:code": (SEE, TrainingJob),
    "jobs:elsewhere": (CHANGE, TrainingJob),
    "jobs:stop": (CHANGE, TrainingJob),
    "jobs:delete": (CHANGE, TrainingJob),
    "endpoints:list": SIGNED_IN,
    "endpoints:models": SIGNED_IN,
    "endpoints:model_import": (CHANGE, None),
    "endpoints:batches": SIGNED_IN,
    "endpoints:batch_new": (CHANGE, None),
    "endpoints:batch": (SEE, BatchPrediction),
    "endpoints:batch_csv": (SEE, BatchPrediction),
    "endpoints:batch_parquet": (SEE, BatchPrediction),
    "endpoints:batch_stop": (CHANGE, BatchPrediction),
    "endpoints:batch_delete": (CHANGE, BatchPrediction),
    "endpoints:model": (SEE, RegisteredModel),
    "endpoints:model_delete": (CHANGE, RegisteredModel),
    "endpoints:burn": SIGNED_IN,
    "endpoints:deploy": (CHANGE, None),
    "endpoints:detail": (SEE, Endpoint),
    "endpoints:charts": (SEE, Endpoint),
    "endpoints:chart": (SEE, Endpoint),
    "endpoints:ask": (SEE, Endpoint),
    "endpoints:history": (SEE, Endpoint),
    "endpoints:history_clear": (CHANGE, Endpoint),
    "endpoints:template": (SEE, Endpoint),
    "endpoints:update": (CHANGE, Endpoint),
    "endpoints:delete": (CHANGE, Endpoint),
    "endpoints:scaling": (CHANGE, Endpoint),
    "endpoints:protect": (CHANGE, Endpoint),
    "endpoints:unprotect": (CHANGE, Endpoint),
    "endpoints:snooze": (CHANGE, Endpoint),
    "endpoints:recreate": (CHANGE, Endpoint),
    "endpoints:cleanup": (CHANGE, None),
    "endpoints:cleanup_detail": (SEE, Cleanup),
    "endpoints:cleanup_confirm": (CHANGE, Cleanup),
    "endpoints:savings": SIGNED_IN,
    "endpoints:policies": SIGNED_IN,
    "endpoints:policy_new": (MANAGE, None),
    "endpoints:policy": (SEE, Policy),
    "endpoints:policy_edit": (MANAGE, Policy),
    "endpoints:policy_rehearse": (CHANGE, Policy),
    "endpoints:policy_switch": (MANAGE, Policy),
    "endpoints:policy_earnest": (MANAGE, Policy),
    "endpoints:policy_delete": (MANAGE, Policy),
    "notices:link": PUBLIC,
    "results:list": SIGNED_IN,
    "results:evaluate": (CHANGE, None),
    "results:remove_sample": (CHANGE, None),
    "results:detail": (SEE, Evaluation),
    "results:matrix": (SEE, Evaluation),
    "results:curve": (SEE, Evaluation),
    "results:threshold": (CHANGE, Evaluation),
    "results:predictions": (SEE, Evaluation),
    "results:compare": SIGNED_IN,
    "results:compare_csv": SIGNED_IN,
    "results:compare_rows": SIGNED_IN,
    "results:rows": (SEE, Evaluation),
    "results:rows_csv": (SEE, Evaluation),
    "results:slices": (SEE, Evaluation),
    "results:stop": (CHANGE, Evaluation),
    "results:export": (SEE, Evaluation),
    "results:figure": (SEE, Evaluation),
    "results:share": (CHANGE, Evaluation),
    "results:share_list": SIGNED_IN,
    "results:share_terms": (CHANGE, Share),
    "results:revoke_share": (CHANGE, Share),
    "results:report_list": SIGNED_IN,
    "results:report_new": (CHANGE, None),
    "results:report": (SEE, Report),
    "results:report_export": (SEE, Report),
    "results:report_edit": (CHANGE, Report),
    "results:report_freeze": (CHANGE, Report),
    "results:report_copy": (CHANGE, Report),
    "results:report_delete": (CHANGE, Report),
    "results:report_share": (CHANGE, Report),
}
POST_ONLY = {
    "create_token",
    "revoke_token",
    "workspace_settings",
    "workspace_scripts",
    "workspace_member_add",
    "workspace_member_role",
    "datasets:upload_cancel",
    "datasets:sample",
    "datasets:reshape",
    "datasets:prepare_preview",
    "jobs:check",
    "jobs:view_save",
    "jobs:tags",
    "jobs:stop",
    "jobs:experiment_change",
    "jobs:tuning_check",
    "jobs:tuning_stop",
    "endpoints:ask",
    "endpoints:batch_stop",
    "endpoints:history_clear",
    "endpoints:protect",
    "endpoints:unprotect",
    "endpoints:snooze",
    "endpoints:cleanup_confirm",
    "endpoints:policy_rehearse",
    "endpoints:policy_switch",
    "results:threshold",
    "results:stop",
    "results:share",
    "results:revoke_share",
    "results:report_freeze",
    "results:report_copy",
    "results:report_share",
}
# What a form's address says about the object that it is for.
ABOUT = {
    "jobs:bulk": ("action=stop&runs", TrainingJob),
    "jobs:new": ("preparation", Preparation),
    "jobs:script_new": ("preparation", Preparation),
    "jobs:check": ("preparation", Preparation),
    "jobs:tuning_new": ("preparation", Preparation),
    "jobs:tuning_check": ("preparation", Preparation),
    "endpoints:deploy": ("job", TrainingJob),
    "results:evaluate": ("endpoint", Endpoint),
}
FOREIGN = ("allauth", "django.contrib.admin", "ninja.")  # their own tests, their own login


def routes(resolver=None, prefix="", names=""):
    """(name, path) of every URL that is ours."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            space = f"{entry.namespace}:" if entry.namespace else ""
            yield from routes(entry, path, names + space)
        elif isinstance(entry, URLPattern):
            module = entry.callback.__module__
            if not module.startswith(FOREIGN) and not path.startswith(("api/", "admin/")):
                yield names + (entry.name or path), path


def operations():
    """(method, path, needs the role member) of every operation of the API."""
    for path, methods in ninja.get_openapi_schema()["paths"].items():
        for method in methods:
            yield method, path


@pytest.fixture
def things(workspace, member):
    """One object of each kind in the workspace, by class."""
    common = {"workspace": workspace, "created_by": member}
    dataset = Dataset.objects.create(name="d", status="Ready", rows=10, **common)
    preparation = Preparation.objects.create(
        name="p", status="Ready", dataset=dataset, target="y", algorithm="xgboost", **common
    )
    experiment = Experiment.objects.create(name="x", **common)
    job = TrainingJob.objects.create(
        name="j", status="Completed", preparation=preparation, algorithm="xgboost", **common
    )
    tuning = TuningJob.objects.create(
        name="t", status="Completed", preparation=preparation, algorithm="xgboost", **common
    )
    model = RegisteredModel.objects.create(name="m", status="Registered", job=job, **common)
    endpoint = Endpoint.objects.create(name="e", status="InService", model=model, **common)
    evaluation = Evaluation.objects.create(
        name="v", status="Failed", endpoint=endpoint, preparation=preparation, **common
    )
    share = Share.objects.create(
        name="s",
        evaluation=evaluation,
        digest="x",
        expires_at=timezone.now(),
        snapshot={},
        **common,
    )
    Sample.objects.create(workspace=workspace, name="sample", status="Ready")
    view = SavedView.objects.create(name="s", is_shared=True, **common)
    report = Report.objects.create(name="r", **common)
    made = (dataset, preparation, experiment, job, tuning, view, model, endpoint, evaluation, share)
    made += (
        report,
        Policy.objects.create(name="y", **common),
        Cleanup.objects.create(name="c", **common),
        BatchPrediction.objects.create(
            name="b", status="Failed", way="endpoint", endpoint=endpoint, model=model, **common
        ),
    )
    return {type(thing): thing for thing in made}


def rule(name):
    """(what the route needs, the class of the object it takes or None)."""
    return PAGES[name] if isinstance(PAGES[name], tuple) else (PAGES[name], None)


def visit(client, name, path, things):
    """The status of a page for `client`, by the method that the route is for."""
    _, kind = rule(name)
    uid = things[kind].uid if kind else "0000000000"
    address = "/" + path.replace("<str:uid>", uid).replace("<int:pk>", "1")
    address = address.replace("<str:metric>", "logloss").replace("<str:secret>", "none")
    address = address.replace("<str:figure>", "progress").replace("<str:kind>", "csv")
    address = address.replace("<str:panel>", "latency").replace("<str:name>", "matrix")
    if name in ABOUT:
        field, about = ABOUT[name]
        address += f"?{field}={things[about].uid}"
    method = client.post if name in POST_ONLY else client.get
    return method(address).status_code


def test_every_page_is_in_the_table():
    assert {name for name, _ in routes()} == set(PAGES)


def test_a_nobody_is_sent_to_sign_in(db, things):
    client = Client()
    for name, path in routes():
        if rule(name)[0] != PUBLIC:
            status = visit(client, name, path, things)
            assert status == (404 if name == "events" else 302), (name, status)


def test_a_stranger_finds_no_object(things, stranger, signed_in):
    client = signed_in(stranger)
    for name, path in routes():
        if rule(name)[1] or name in ABOUT:
            status = visit(client, name, path, things)
            assert status == 404, (name, status)


def test_a_viewer_sees_and_cannot_change(things, viewer, signed_in):
    client = signed_in(viewer)
    for name, path in routes():
        need, _ = rule(name)
        if need == PUBLIC or name == "events":
            continue
        status = visit(client, name, path, things)
        if need in (CHANGE, MANAGE):
            assert status == 403, (name, status)
        else:
            assert status not in (401, 403, 500), (name, status)


def test_a_member_cannot_manage(things, member, signed_in):
    client = signed_in(member)
    for name, path in routes():
        if rule(name)[0] == MANAGE:
            assert visit(client, name, path, things) == 403, name


def test_a_member_may_change(things, member, signed_in):
    client = signed_in(member)
    for name, path in routes():
        if rule(name)[0] == CHANGE and name not in POST_ONLY:
            assert visit(client, name, path, things) == 200, name
