"""Models of scripts: served as the SageMaker SDK serves them, asked in what they read."""

import io
import json
import tarfile

import joblib
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from sklearn.ensemble import RandomForestClassifier

from aws import s3
from core import workspaces
from core.errors import InvalidFields
from endpoints import deploy, register, serving
from endpoints.errors import WrongInput
from endpoints.predict import predict, predict_raw, predict_text
from tests.endpoints.conftest import in_service, now
from tests.localaws.lab import BUCKET, csv
from tests.localaws.scripts import PYTORCH, SKLEARN, TENSORFLOW, archive

SERVE = """
import joblib

def model_fn(folder):
    return joblib.load(folder + "/model.joblib")

def predict_fn(rows, model):
    return model.predict_proba(rows)
"""
WORDS = SERVE.replace("model.predict_proba(rows)", "[['word'] for _ in rows]")


def packed(**files: bytes) -> bytes:
    """A model.tar.gz; `a__b` becomes a.b."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, body in files.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return content.getvalue()


@pytest.fixture
def script_job(aws, lab, make_job, workspace):
    """`script_job(code)` is a finished job whose script and model lie in S3; scripts may run."""
    workspace.bucket, workspace.allow_scripts = BUCKET, True
    workspace.save()
    workspaces.apply(workspace)
    forest = RandomForestClassifier(10, random_state=0).fit(lab.features[:400], lab.labels[:400])
    model = io.BytesIO()
    joblib.dump(forest, model)
    lab.put("forest/model.tar.gz", packed(model__joblib=model.getvalue()))

    def make(code=SERVE, algorithm="scikit-learn", image=SKLEARN, **changes):
        lab.put(f"forest/{len(code)}/sourcedir.tar.gz", archive(fit__py=code))
        fields = {
            "algorithm": algorithm,
            "image": image,
            "source": f"s3://{BUCKET}/forest/{len(code)}/sourcedir.tar.gz",
            "entry_point": "fit.py",
        }
        return make_job(f"s3://{BUCKET}/forest/model.tar.gz", **fields | changes)

    yield make
    workspace.allow_scripts = False
    workspaces.apply(workspace)


def deployed(who, job):
    return deploy.request(who, job=job, instance_type="ml.m5.large", instance_count=1)


def test_a_script_answers_rows_in_csv_in_json_and_as_it_likes(
    script_job, who, lab, aws, member, signed_in
):
    job = script_job()
    endpoint = in_service(deployed(who, job))
    assert endpoint.status == "InService", endpoint.failure_reason
    model = aws.client("sagemaker").describe_model(ModelName=endpoint.model.aws_name)
    assert model["PrimaryContainer"]["Image"] == SKLEARN
    assert model["PrimaryContainer"]["Environment"] == {
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        "SAGEMAKER_PROGRAM": "fit.py",
        "SAGEMAKER_REGION": "us-east-1",
        "SAGEMAKER_SUBMIT_DIRECTORY": job.source,
    }
    rows, labels = lab.features[456:], lab.labels[456:]
    answers = predict(endpoint, csv=csv(rows).decode()).answers
    assert np.mean(np.array([answer.code for answer in answers]) == labels) > 0.9
    assert answers[0].label in ("malignant", "benign")
    as_json = predict_text(endpoint, json.dumps({"instances": rows[:3].tolist()}))
    assert as_json.answers == answers[:3]
    raw = predict_raw(endpoint, json.dumps(rows[:2].tolist()).encode(), "application/json")
    assert len(json.loads(raw.response)) == 2
    assert raw.answers == []
    with pytest.raises(WrongInput, match="This is not JSON"):
        predict_text(endpoint, "[1, 2")
    with pytest.raises(WrongInput, match="content type"):
        predict_raw(endpoint, b"1", "csv")
    client = signed_in(member)
    address = f"/endpoints/{endpoint.uid}"
    assert "Content type" in client.get(address).content.decode()
    files = {
        "csv": ("rows.csv", csv(rows[:2])),
        "json": ("r.json", json.dumps(rows[:2].tolist()).encode()),
    }
    for name, content in files.values():
        sent = {"csv": "", "rows": SimpleUploadedFile(name, content)}
        page = client.post(f"{address}/ask", sent).content.decode()
        assert page.count('<th scope="row" class="num">') == 2
    shown = client.post(f"{address}/ask", {"csv": "[[1]]", "content_type": "text/plain"})
    assert shown.status_code == 422  # the script's image does not read it


def test_an_answer_that_nobody_knows_is_shown_as_it_is(script_job, who, lab):
    endpoint = in_service(deployed(who, script_job(WORDS)))
    answer = predict(endpoint, csv=csv(lab.features[:2]).decode())
    assert (answer.answers, answer.response.split()) == ([], ["word", "word"])


def test_pytorch_finds_the_script_in_the_models_archive(script_job, who, lab, aws):
    job = script_job(algorithm="pytorch", image=PYTORCH)
    model = register.from_job(who, job)
    register.submit(model, now())
    found = aws.client("sagemaker").describe_model(ModelName=model.aws_name)["PrimaryContainer"]
    assert found["Image"] == PYTORCH.replace("pytorch-training", "pytorch-inference")
    assert found["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] == "/opt/ml/model/code"
    assert found["ModelDataUrl"] == f"s3://{BUCKET}/jobs/{job.uid}/served/model.tar.gz"
    content = s3.get_object(job.workspace.account, *s3.parse_uri(found["ModelDataUrl"]))
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert set(tar.getnames()) == {"model.joblib", "code/fit.py"}
        assert tar.extractfile("code/fit.py").read() == SERVE.encode()


def test_tensorflow_serves_a_saved_model_without_a_script(script_job, who, aws):
    job = script_job(algorithm="tensorflow", image=TENSORFLOW)
    assert serving.image(job).endswith("/tensorflow-inference:2.14-cpu")
    assert serving.environment(job) == {}
    assert serving.artifact(job) == job.artifact


def test_a_gpu_gets_its_own_image(script_job, who):
    job = script_job(algorithm="pytorch", image=PYTORCH)
    gpu = {"instance_type": "ml.g4dn.xlarge", "instance_count": 1}
    endpoint = deploy.request(who, job=job, **gpu)
    assert "-gpu-" in endpoint.model.image
    with pytest.raises(InvalidFields, match="on a GPU"):
        deployed(who, job)


def test_an_image_of_ones_own_serves_what_it_trained(make_job):
    own = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"
    job = make_job(image=own, algorithm="", entrypoint=["python3", "fit.py"])
    assert (serving.image(job), serving.environment(job)) == (own, {})
    assert serving.artifact(job) == job.artifact
