"""What a job of one's own is asked for, and what is refused before anything is created."""

import base64
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from aws import clients, s3
from core.errors import InvalidFields
from jobs import metrics, scripts, source, training
from jobs.forms.scripts import initial_of
from jobs.machine import Machine
from jobs.models import TrainingJob
from jobs.scripts import Wish
from tests.jobs.test_script_flow import allowed  # noqa: F401  a fixture
from tests.jobs.test_script_sources import tar_of, zip_of

MACHINE = Machine(instance_type="ml.m5.large")
PROGRAM = source.of_text("print('loss=0.5')")
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


@pytest.fixture
def open_lab(workspace):
    """A workspace whose scripts may run; no AWS involved."""
    workspace.allow_scripts = True
    workspace.save()
    return workspace


def script(**changes):
    fields = {
        "kind": "pytorch",
        "version": "2.6.0",
        "program": PROGRAM,
        "entry_point": "train.py",
    }
    return Wish(**fields | changes)


def refused(workspace, wish, machine=MACHINE):
    return set(scripts.problems(workspace, wish, machine))


def test_a_whole_wish_is_taken(open_lab):
    wish = script(
        hyperparameters={"lr": "0.1"},
        inputs={"extra": {"uri": f"s3://{open_lab.bucket}/x/", "content_type": "text/csv"}},
        metric_definitions={"loss": "loss=([0-9.]+)"},
        headline="loss",
        direction="minimize",
    )
    assert refused(open_lab, wish) == set()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "mxnet"}, "kind"),
        ({"version": "0.1"}, "version"),
        ({"program": None}, "upload"),
        ({"entry_point": "other.py"}, "entry_point"),
        ({"hyperparameters": {"sagemaker_program": "x"}}, "hyperparameters"),
        ({"hyperparameters": {"a b": "x"}}, "hyperparameters"),
        ({"hyperparameters": {"long": "x" * 2_501}}, "hyperparameters"),
        ({"hyperparameters": {str(n): "x" for n in range(96)}}, "hyperparameters"),
        ({"inputs": {"a/b": {"uri": "s3://lab-bucket/x/"}}}, "inputs"),
        ({"inputs": {"train": {"uri": "s3://somebody-elses/x/"}}}, "inputs"),
        ({"inputs": {"train": {"uri": "/etc/passwd"}}}, "inputs"),
        ({"inputs": {f"c{n}": {"uri": "s3://lab-bucket/x/"} for n in range(21)}}, "inputs"),
        ({"metric_definitions": {"loss": "(a+)+"}}, "metric_definitions"),
        ({"metric_definitions": {"loss": "x=(.)"}, "headline": "auc"}, "headline"),
        ({"direction": "up"}, "direction"),
    ],
)
def test_it_names_the_field_that_is_wrong(open_lab, changes, field):
    assert refused(open_lab, script(**changes)) == {field}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"image": "python:3.11"}, "image"),
        ({"image": "public.ecr.aws/x/y:1"}, "image"),
        ({"image": IMAGE.replace("sagemaker-xgboost", "nobodys")}, "image"),
        ({"entrypoint": "python3 'x"}, "entrypoint"),
        ({"entrypoint": "python3 fit.py"}, "entrypoint"),  # on this machine
        ({"arguments": "x" * 257}, "arguments"),
        ({"metric_definitions": {"loss": "loss=(.+)"}}, "metric_definitions"),  # Amazon's image
    ],
)
def test_it_names_what_is_wrong_with_an_image(open_lab, changes, field):
    assert refused(open_lab, Wish(**{"kind": "image", "image": IMAGE} | changes)) == {field}


def test_at_amazon_an_image_is_any_of_the_region(workspace):
    workspace.kind = "aws"
    own = IMAGE.replace("sagemaker-xgboost:1.7-1", f"team/own@sha256:{'0' * 64}")
    assert refused(workspace, Wish(kind="image", image=own, entrypoint="python3 fit.py")) == set()
    elsewhere = own.replace("us-east-1", "eu-west-1")
    assert refused(workspace, Wish(kind="image", image=elsewhere)) == {"image"}
    assert refused(workspace, script()) == set()  # scripts have containers there


def test_other_buckets_that_the_workspace_names_are_read(open_lab):
    open_lab.import_buckets = ["shared-data"]
    assert refused(open_lab, script(inputs={"x": {"uri": "s3://shared-data/a/"}})) == set()


def test_where_scripts_are_not_allowed_it_is_said_before(workspace, member, signed_in):
    assert refused(workspace, script()) == {"kind"}
    assert refused(workspace, Wish(kind="image", image=IMAGE)) == set()  # an algorithm, no code
    page = signed_in(member).get("/jobs/new/script?kind=scikit-learn").content.decode()
    assert "Not allowed here yet." in page
    assert "Go to the workspace" in page
    address = "/jobs/new/script?kind=scikit-learn"
    answer = signed_in(member).post(address, {"script": "", "version": "1.2-1"})
    assert answer.status_code == 422
    assert not TrainingJob.objects.exists()


def test_while_one_types_nothing_is_stored_and_no_file_is_missed(console, member, signed_in):
    address = "/jobs/new/script?kind=scikit-learn&part=preflight"
    client = signed_in(member)
    for typed in ({"script": "print(1)"}, {}):
        wish = {"version": "1.2-1", "instance_type": "ml.m5.large"} | typed
        answer = client.post(address, wish, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "Script or archive" not in answer.content.decode()
    stored = s3.list_objects(console.workspace.account, console.workspace.bucket, "jobs/sources/")
    assert not [one for one in stored if source.of_text("print(1)").digest in one.key]


def test_an_upload_is_bounded_and_comes_from_our_page(console, member):
    console.workspace.allow_scripts = True
    console.workspace.save()
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    address = "/jobs/new/script?kind=scikit-learn"
    files = {"upload": SimpleUploadedFile("train.py", b"#" * (source.MOST_BYTES + 2))}
    assert client.post(address, files).status_code == 403  # without the form's token
    token = {
        "csrfmiddlewaretoken": re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address).content.decode()
        )[1]
    }
    files["upload"].seek(0)
    answer = client.post(address, files | token)
    assert answer.status_code == 422
    assert "At most 20 MB" in answer.content.decode()


def test_a_missing_framework_is_told_before(open_lab, member, signed_in):
    page = signed_in(member).get("/jobs/new/script?kind=tensorflow").content.decode()
    assert "make extras ARGS=tensorflow" in page


def test_hyperparameters_reach_a_script_as_json_and_an_image_as_text(open_lab, actor):
    texts = {"lr": "0.10", "flag": "true", "layers": "[64, 32]", "name": "adam", "quoted": '"7"'}
    job = scripts.request(actor, script(hyperparameters=texts), machine=MACHINE)
    sent = training.spec(job).hyperparameters
    assert {name: sent[name] for name in texts} == texts | {"name": '"adam"'}
    assert json.loads(sent["sagemaker_submit_directory"]) == job.source
    image = Wish(kind="image", image=IMAGE, hyperparameters=texts, arguments="--fast 'a b'")
    job = scripts.request(actor, image, machine=MACHINE)
    spec = training.spec(job)
    assert spec.hyperparameters == texts
    assert (spec.entrypoint, spec.arguments) == ((), ("--fast", "a b"))


def test_a_gpu_gets_the_image_for_it(open_lab, actor):
    gpu = Machine(instance_type="ml.g4dn.xlarge")
    job = scripts.request(actor, script(), machine=gpu)
    assert job.image.endswith("/pytorch-training:2.6.0-gpu-py312")
    forest = script(kind="scikit-learn", version="1.2-1")
    assert "-cpu-" in scripts.request(actor, forest, machine=gpu).image


def test_a_copy_has_all_that_the_original_has(open_lab, actor):
    wish = script(
        hyperparameters={"lr": "0.1"},
        inputs={"extra": {"uri": "s3://lab-bucket/x/", "content_type": "text/csv"}},
        metric_definitions={"loss": "loss=([0-9.]+)"},
        direction="maximize",
    )
    initial = initial_of(scripts.request(actor, wish, machine=MACHINE), PROGRAM)
    assert initial["version"] == "2.6.0"
    assert initial["script"] == "print('loss=0.5')"
    assert initial["source"] == PROGRAM.digest
    assert initial["inputs"] == "extra=s3://lab-bucket/x/ text/csv"
    assert initial["metric_definitions"] == "loss=loss=([0-9.]+)"
    assert (initial["headline"], initial["direction"]) == ("loss", "maximize")
    assert initial["aws_tags"] == ""


def test_a_copy_that_is_sent_says_what_differs(open_lab, actor, member, signed_in):
    original = scripts.request(actor, script(hyperparameters={"lr": "0.1"}), machine=MACHINE)
    wish = {"hyperparameters": "lr=0.2", "instance_type": "ml.m5.large", "version": "2.6.0"}
    page = signed_in(member).post(f"/jobs/new/script?clone={original.uid}", wish)
    assert page.status_code == 422
    notes = page.context["form"]
    assert notes["hyperparameters"].note.was == "lr=0.1"
    told = {field.name for field in notes if field.note.was}
    assert told <= {"hyperparameters", "entry_point", "instance_count", "volume_gb"} | {
        "max_runtime_seconds"
    }
    assert "was lr=0.1" in page.content.decode()


def test_a_metric_is_better_as_its_name_or_the_wish_says(open_lab, actor):
    found = {"loss": "loss=([0-9.]+)"}
    for direction, best in (("", 1.0), ("maximize", 3.0)):
        wish = script(metric_definitions=found, direction=direction)
        job = scripts.request(actor, wish, machine=MACHINE)
        for lines in (["loss=2", "no number", "loss=1"], ["loss=3"]):
            metrics.store(job, lines)
        job.refresh_from_db()
        assert list(job.points.values_list("step", "value")) == [(0, 2.0), (1, 1.0), (2, 3.0)]
        assert (job.headline_value, job.metrics) == (best, {"loss": 3.0})


def test_errors_of_the_step_come_all_at_once(workspace, actor):
    with pytest.raises(InvalidFields) as raised:
        scripts.request(actor, script(version=""), machine=Machine(instance_type="huge"))
    assert set(raised.value.errors) == {"kind", "version", "instance_type"}


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("pytorch", "make extras ARGS=pytorch"), ("tensorflow", "make extras ARGS=tensorflow")],
)
def test_without_the_framework_the_request_is_right_and_the_reason_clear(
    allowed,  # noqa: F811  the fixture
    kind,
    extra,
):
    scripts.keep(allowed.workspace, PROGRAM)
    version = {"pytorch": "2.6.0", "tensorflow": "2.19.0"}[kind]
    wish = script(
        kind=kind, version=version, metric_definitions={"loss": "loss=(.+)"}, direction="minimize"
    )
    job = scripts.request(allowed.actor, wish, machine=MACHINE)
    training.submit(job, now=timezone.now())
    sent = clients.client(allowed.workspace.account, "sagemaker").describe_training_job(
        TrainingJobName=job.aws_name
    )
    algorithm = sent["AlgorithmSpecification"]
    assert algorithm["TrainingImage"] == (
        f"763104351884.dkr.ecr.us-east-1.amazonaws.com/{kind}-training:{version}-cpu-py312"
    )
    assert algorithm["MetricDefinitions"] == [{"Name": "loss", "Regex": "loss=(.+)"}]
    assert json.loads(sent["HyperParameters"]["sagemaker_program"]) == "train.py"
    allowed.finished(job)
    assert job.status == "Failed"
    assert extra in job.failure_reason


def test_the_api_takes_scripts_archives_and_what_was_stored(allowed, member, api):  # noqa: F811
    client = api(member)
    common = {
        "kind": "scikit-learn",
        "instance_type": "ml.m5.large",
        "hyperparameters": {"depth": 3, "fast": True},
        "preparation": allowed.preparation.uid,
    }

    def post(**wish):
        return client.post(
            "/api/v1/script-jobs", json.dumps(common | wish), content_type="application/json"
        )

    typed = post(script="print(1)", entry_point="fit.py").json()
    assert typed["entry_point"] == "fit.py"
    assert typed["hyperparameters"] == {"depth": "3", "fast": "true"}
    assert set(typed["inputs"]) == {"train", "validation"}
    archive = base64.b64encode(tar_of(("main.py", b"print(1)"))).decode()
    assert post(archive=archive).json()["entry_point"] == "main.py"
    stored = client.post("/api/v1/script-sources", {"file": _file("x.zip")}).json()
    assert stored["files"] == [{"name": "run.py", "bytes": 8}]
    job = post(source=stored["id"]).json()
    assert stored["id"] in job["source"]
    assert client.get(f"/api/v1/jobs/{job['id']}").json()["entry_point"] == "run.py"
    assert post(source=job["source"]).json()["source"] == job["source"]
    assert client.post("/api/v1/script-sources", {"x": "y"}).status_code == 422
    wrong = post(archive="no base64!")
    assert (wrong.status_code, set(wrong.json()["error"]["fields"])) == (422, {"archive"})
    assert post(source="0" * 64).status_code == 400


def _file(name):
    return SimpleUploadedFile(name, zip_of(("run.py", b"print(1)")))
