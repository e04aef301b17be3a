"""Models that were not trained here: from an archive in S3 or uploaded, to an answer."""

from datetime import timedelta

import pytest

from aws import s3, sagemaker
from core.errors import InvalidFields, StillInUse, TooLarge
from endpoints import contents, deploy, imports, register, unregister
from endpoints.imports import ModelReceipt, Wish
from endpoints.models import RegisteredModel
from endpoints.predict import predict_raw
from tests.endpoints.conftest import fresh, in_service, now
from tests.endpoints.test_archives import odd, packed
from tests.localaws.lab import BUCKET, XGBOOST, csv


@pytest.fixture
def here(aws, lab, workspace):
    workspace.bucket = BUCKET
    workspace.save()
    return workspace


@pytest.fixture
def put(lab):
    def put(name, archive):
        lab.put(name, archive.getvalue())
        return f"s3://{BUCKET}/{name}"

    return put


def worked_off(model):
    contents.examine(fresh(model), now())
    register.submit(fresh(model), now())
    return fresh(model)


def uploaded(who, content, name="my model.tar.gz", chunk=2**20):
    receipt = ModelReceipt(who, name)
    for start in range(0, len(content), chunk):
        receipt.write(content[start : start + chunk])
    return receipt.store()


def test_a_trained_archive_is_imported_deployed_and_answers(here, who, artifact, lab):
    model, made = imports.from_s3(who, Wish(environment={"A": "b"}), artifact)
    assert made
    assert (model.status, model.origin) == ("Requested", "imported")
    model = worked_off(model)
    assert (model.status, model.framework, model.image) == ("Registered", "xgboost 1.7-1", XGBOOST)
    assert model.size > 1_000
    assert model.inspection["members"][0][0] == "xgboost-model"
    assert sagemaker.describe_model(here.account, model.aws_name).environment == {"A": "b"}
    wish = {"instance_type": "ml.m5.large", "instance_count": 1}
    endpoint = in_service(deploy.request(who, model=model, **wish))
    assert endpoint.status == "InService"
    answer = predict_raw(endpoint, csv(lab.features[:3]), "text/csv")
    assert len(answer.response.replace(",", " ").split()) == 3


def test_an_upload_lies_in_the_workspaces_bucket(here, who):
    content = packed(("xgboost-model", bytes(range(256)) * 50)).getvalue()
    draft = uploaded(who, content, chunk=1_000)
    assert not RegisteredModel.objects.present().exists()
    model, _ = imports.from_upload(who, Wish(), draft)
    assert (model.name, model.deleted_at, model.size) == ("my model", None, len(content))
    assert s3.get_object(here.account, *s3.parse_uri(model.artifact)) == content
    assert worked_off(model).status == "Registered"


def test_an_archive_that_leads_out_is_rejected(here, who, put):
    source = put("evil/model.tar.gz", packed(("../../etc/passwd", b"x")))
    model = worked_off(imports.from_s3(who, Wish(framework="xgboost"), source)[0])
    assert model.status == "Rejected"
    assert "leads out" in model.failure_reason
    link = put("link/model.tar.gz", packed(odd("a", b"2", "/etc/passwd")))
    model = worked_off(imports.from_s3(who, Wish(framework="xgboost"), link)[0])
    assert "link or a device" in model.failure_reason


def test_an_upload_that_may_not_be_served_is_not_kept(here, who):
    draft = uploaded(who, packed(("/etc/passwd", b"x")).getvalue())
    model = worked_off(imports.from_upload(who, Wish(), draft)[0])
    assert model.status == "Rejected"
    assert s3.head_object(here.account, *s3.parse_uri(model.artifact)) is None


def test_reading_ends_when_the_model_was_deleted_meanwhile(here, who, artifact):
    model, _ = imports.from_s3(who, Wish(), artifact)
    running = fresh(model)
    unregister.request(who, model)
    contents.examine(running, now())
    assert fresh(model).status == "Deleted"
    assert fresh(model).inspection == {}


def test_a_deploy_waits_until_the_archive_was_read(here, who, put, artifact):
    wish = {"instance_type": "ml.m5.large", "instance_count": 1}
    model, _ = imports.from_s3(who, Wish(), artifact)
    endpoint = deploy.request(who, model=model, **wish)
    deploy.submit(fresh(endpoint), now())
    assert (fresh(endpoint).status, fresh(model).status) == ("Requested", "Requested")
    worked_off(model)
    deploy.submit(fresh(endpoint), now())
    assert fresh(endpoint).status == "Creating"
    evil, _ = imports.from_s3(who, Wish(), put("e/model.tar.gz", packed(("../a", b"x"))))
    endpoint = deploy.request(who, model=evil, **wish)
    worked_off(evil)
    deploy.submit(fresh(endpoint), now())
    assert fresh(endpoint).status == "Rejected"
    assert "leads out" in fresh(endpoint).failure_reason


def test_what_tells_nothing_needs_a_choice(here, who, put):
    source = put("blob/model.tar.gz", packed(weights__bin=b"x"))
    model = worked_off(imports.from_s3(who, Wish(), source)[0])
    assert f"stays at {source}: import that and choose one" in model.failure_reason
    other = worked_off(imports.from_s3(who, Wish(framework="xgboost 1.7-1"), source)[0])
    assert other.status == "Registered"


@pytest.mark.parametrize(
    ("names", "framework", "image"),
    [
        (["1/saved_model.pb", "1/variables/v"], "tensorflow 2.19.0", "tensorflow-inference:2.19.0"),
        (["model.joblib"], "scikit-learn 1.4-2", "sagemaker-scikit-learn:1.4-2"),
        (["model.ubj"], "xgboost 1.7-1", "sagemaker-xgboost:1.7-1"),
    ],
)
def test_the_files_choose_the_image(here, who, put, names, framework, image):
    source = put(f"{names[0]}/model.tar.gz", packed(*[(name, b"x") for name in names]))
    model = imports.from_s3(who, Wish(), source)[0]
    contents.examine(fresh(model), now())
    model = fresh(model)
    assert model.framework == framework
    assert image in model.image


def test_a_script_in_the_archive_is_named_to_its_image(here, who, put):
    script = ("code/inference.py", b"pass")
    source = put("torch/model.tar.gz", packed(script, model__pth=b"x"))
    model = imports.from_s3(who, Wish(environment={"SAGEMAKER_PROGRAM": "mine.py"}), source)[0]
    contents.examine(fresh(model), now())
    model = fresh(model)
    assert model.framework.startswith("pytorch ")
    assert "pytorch-inference" in model.image
    assert model.environment == {
        "SAGEMAKER_PROGRAM": "mine.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    }


def test_an_image_for_something_else_is_pointed_out(here, who, put):
    source = put("xg/model.tar.gz", packed(("xgboost-model", b"x")))
    model = worked_off(imports.from_s3(who, Wish(framework="tensorflow 2.19.0"), source)[0])
    assert "may not be able to load it" in " ".join(model.inspection["findings"])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("model.tar.gz", "not an address"),
        ("s3://elsewhere/model.tar.gz", "may not import from the bucket elsewhere"),
        (f"s3://{BUCKET}/model.zip", "ends in .tar.gz"),
        (f"s3://{BUCKET}/nothing/model.tar.gz", "no such object"),
    ],
)
def test_it_says_why_an_address_is_refused(here, who, source, words):
    with pytest.raises(InvalidFields, match=words):
        imports.from_s3(who, Wish(), source)
    assert not RegisteredModel.objects.exists()


def test_all_that_is_wrong_is_said_at_once(here, who):
    wish = Wish(name="x" * 200, framework="image", image="no image", environment={"1 a": "b"})
    with pytest.raises(InvalidFields) as caught:
        imports.from_s3(who, wish, "s3://x")
    assert set(caught.value.errors) == {"name", "image", "environment"}
    with pytest.raises(InvalidFields, match="Choose one of"):
        imports.from_s3(who, Wish(framework="caffe"), "s3://x")


def test_a_second_click_makes_one_model(here, who, artifact):
    first = imports.from_s3(who, Wish(), artifact, key="k")
    again = imports.from_s3(who, Wish(), artifact, key="k")
    assert (first[1], again[1]) == (True, False)
    assert first[0].pk == again[0].pk
    content = packed(("xgboost-model", b"x")).getvalue()
    drafts = [uploaded(who, content) for _ in range(2)]
    kept = {imports.from_upload(who, Wish(), draft, key="u")[0].pk for draft in drafts}
    assert len(kept) == 1
    objects = list(s3.list_objects(here.account, BUCKET, f"models/{drafts[1].uid}"))
    assert objects == []


def test_what_is_uploaded_is_bounded_and_leaves_nothing(here, who, monkeypatch):
    with pytest.raises(InvalidFields, match=r"not a \.tar\.gz"):
        uploaded(who, b"PK\x03\x04")
    with pytest.raises(InvalidFields, match="empty"):
        uploaded(who, b"")
    monkeypatch.setattr(ModelReceipt, "MOST_BYTES", 1_500)
    with pytest.raises(TooLarge):
        uploaded(who, b"\x1f\x8b" + bytes(4_000), chunk=1_000)
    assert not RegisteredModel.objects.exists()


def test_the_sweep_drops_what_nobody_finished(here, who):
    draft = uploaded(who, packed(a=b"x").getvalue())
    cut_off = ModelReceipt(who, "model.tar.gz")
    cut_off.write(b"\x1f\x8b...")
    imports.sweep(now())
    assert RegisteredModel.objects.count() == 2
    imports.sweep(now() + timedelta(hours=2))
    assert RegisteredModel.objects.count() == 0
    assert list(s3.list_objects(here.account, BUCKET, f"models/{draft.uid}")) == []
    running = s3.list_multipart_uploads(here.account, BUCKET, "models/")
    assert running == {}
    with pytest.raises(InvalidFields, match="no longer kept"):
        imports.draft_of(who, draft.uid)


def test_a_model_in_use_stays_and_an_unused_one_goes(here, who, artifact):
    model = worked_off(imports.from_s3(who, Wish(), artifact)[0])
    endpoint = deploy.request(who, model=model, instance_type="ml.m5.large", instance_count=1)
    with pytest.raises(StillInUse, match=endpoint.name):
        unregister.request(who, model)
    type(endpoint).objects.update(status="Deleted")
    config = {"VariantName": "a", "ModelName": model.aws_name, "InstanceType": "ml.m5.large"}
    client = sagemaker.models.client(here.account, "sagemaker")
    client.create_endpoint_config(
        EndpointConfigName=f"theirs-{model.uid}",
        ProductionVariants=[config | {"InitialInstanceCount": 1}],
    )
    with pytest.raises(StillInUse, match="theirs"):
        unregister.request(who, model)
    client.delete_endpoint_config(EndpointConfigName=f"theirs-{model.uid}")
    unregister.request(who, model)
    assert fresh(model).status == "Deleted"
    twice = fresh(model)  # as a worker that was killed after AWS had forgotten it
    unregister.advance(fresh(model), now())
    unregister.advance(twice, now())
    assert not unregister.waiting(RegisteredModel.objects.all()).exists()
    assert model.aws_name not in {m.name for m in sagemaker.list_models(here.account)}
