import io
import json
import math
import re
import sys
import tarfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from localaws.algorithms import programs
from localaws.algorithms.blazingtext import hyperparameters
from tests.localaws import texts
from tests.localaws.lab import BUCKET, Lab, channel, refusal

IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
TRAIN, TEST = texts.split()
SUPERVISED = {"mode": "supervised", "epochs": "30", "min_count": "2", "learning_rate": "0.1"}
URL = f"s3://{BUCKET}/out/bt-classes/output/model.tar.gz"
pytestmark = pytest.mark.skipif(find_spec("fasttext") is None, reason="fastText has no wheel here")


def request(**channels: str) -> dict[str, object]:
    given = [
        channel(name, f"s3://{BUCKET}/{prefix}", ContentType="text/plain")
        for name, prefix in channels.items()
    ]
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    return {"InputDataConfig": given, "AlgorithmSpecification": algorithm}


CLASSES = request(train="text/train/", validation="text/validation/")


@pytest.fixture(scope="module")
def lab(localaws) -> Iterator[Lab]:
    lab = Lab(localaws)
    lab.put("text/train/part-0.txt", texts.blazing(TRAIN[:500]))
    lab.put("text/train/part-1.txt", texts.blazing(TRAIN[500:]))
    lab.put("text/validation/all.txt", texts.blazing(TEST))
    lab.trained("bt-classes", SUPERVISED, **CLASSES)
    lab.model("bt-classes", URL, IMAGE)
    lab.config("bt-classes", **{"bt-classes": 1})
    lab.endpoint("bt-classes", "bt-classes")
    yield lab
    lab.leave()


def unpacked(lab: Lab, job: str, folder: Path) -> dict[str, int]:
    """Names and sizes of what is in the model archive."""
    key = f"out/{job}/output/model.tar.gz"
    content = lab.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
        return {member.name: member.size for member in archive.getmembers()}


def instances(lab: Lab, *sentences: str, **configuration: object) -> list[dict[str, Any]]:
    body = {"instances": sentences} | ({"configuration": configuration} if configuration else {})
    kind = "application/json"
    answer = lab.ask("bt-classes", json.dumps(body).encode(), ContentType=kind)
    found: list[dict[str, Any]] = json.loads(answer)
    return found


def test_it_classifies_real_text(lab):
    answers = instances(lab, *(text for _, text in TEST))
    found = [answer["label"] for answer in answers]
    hits = sum(label == [f"__label__{area}"] for label, (area, _) in zip(found, TEST, strict=True))
    assert hits / len(TEST) > 0.75
    measured = {m["MetricName"]: m["Value"] for m in lab.job("bt-classes")["FinalMetricDataList"]}
    assert measured["validation:accuracy"] == pytest.approx(hits / len(TEST), abs=1e-3)
    assert measured["train:accuracy"] > 0.9


def test_it_shows_the_metrics_of_the_image(lab):
    specification = lab.job("bt-classes")["AlgorithmSpecification"]
    definitions = {d["Name"]: d["Regex"] for d in specification["MetricDefinitions"]}
    assert definitions["validation:accuracy"] == r"#validation_accuracy: (\S+)"
    assert set(definitions) == {"train:accuracy", "validation:accuracy", "train:mean_rho"}


def test_it_logs_as_the_image(lab):
    lines = "\n".join(lab.logged("/aws/sagemaker/TrainingJobs", "bt-classes/"))
    for pattern in (
        r"##### Alpha: 0\.\d{4}  Progress: 100\.00%  Million Words/sec: \d+\.\d\d #####",
        r"-------------- End of epoch: 30\n",
        r"Number of train examples: \d+",
        r"#validation_accuracy: 0\.\d{4}",
        r"Using \d+ buckets in place of 2000000: the text has \d+ words",
        r"Total training time in seconds: \d",
    ):
        assert re.search(pattern, lines), pattern


def test_the_artifact_is_a_fasttext_binary_of_a_sensible_size(lab, tmp_path):
    fasttext = pytest.importorskip("fasttext")
    sizes = unpacked(lab, "bt-classes", tmp_path)
    assert list(sizes) == ["model.bin"]
    assert sizes["model.bin"] < 20e6
    fasttext.FastText.eprint = lambda *_: None
    model = fasttext.load_model(str(tmp_path / "model.bin"))
    assert sorted(model.labels) == sorted(f"__label__{area}" for area in texts.AREAS)


def test_it_answers_k_classes_with_probabilities_that_sum_to_one(lab):
    (answer,) = instances(lab, TEST[0][1], k=5)
    assert len(set(answer["label"])) == 5
    assert answer["prob"] == sorted(answer["prob"], reverse=True)
    assert math.isclose(sum(answer["prob"]), 1, abs_tol=1e-3)
    (best,) = instances(lab, TEST[0][1])
    assert best == {"label": answer["label"][:1], "prob": answer["prob"][:1]}


def test_it_answers_json_lines(lab):
    lines = [{"source": TEST[0][1]}, {"source": TEST[1][1], "k": 3}]
    body = "\n".join(map(json.dumps, lines)).encode()
    answer = lab.ask("bt-classes", body, ContentType="application/jsonlines")
    found = [json.loads(line) for line in answer.splitlines()]
    assert [len(item["label"]) for item in found] == [1, 3]


@pytest.mark.parametrize(
    ("body", "members", "status"),
    [
        (b"[1, 2]", {}, "(400)"),
        (b'{"instances": [1]}', {}, "(400)"),
        (b'{"instances": ["a"], "configuration": {"k": 0}}', {}, "(400)"),
        (b"a,b", {"ContentType": "text/csv"}, "(415)"),
        (b'{"instances": ["a"]}', {"Accept": "application/jsonlines"}, "(406)"),
    ],
)
def test_it_refuses_what_it_cannot_read(lab, body, members, status):
    request = {"EndpointName": "bt-classes", "ContentType": "application/json", "Body": body}
    code, message = refusal(lab.runtime.invoke_endpoint, **request | members)
    assert code == "ModelError"
    assert status in message


def test_early_stopping_keeps_the_best_weights(lab):
    changes = {"epochs": "200", "early_stopping": "True", "patience": "3", "min_epochs": "7"}
    lab.trained("bt-early", SUPERVISED | changes, **CLASSES)
    lines = lab.logged("/aws/sagemaker/TrainingJobs", "bt-early/")
    ends = [int(line.rpartition(" ")[2]) for line in lines if "End of epoch" in line]
    scores = [float(line.split()[-1]) for line in lines if "Validation accuracy: " in line]
    assert len(ends) < 200
    assert len(scores) == len(ends) - 6
    assert scores[-4] > max(scores[:-4])
    assert scores[-4] == max(scores)
    # What fastText itself says of the file that was stored.
    (final,) = [line.rpartition(" ")[2] for line in lines if "#validation_accuracy" in line]
    assert float(final) == pytest.approx(max(scores), abs=1e-4)
    assert float(final) > 0.85


@pytest.mark.parametrize("ngrams", ["1", "3"])
def test_early_stopping_knows_fasttexts_rows(lab, ngrams):
    """The accuracy before and after the file is written agree, so every row was the right one."""
    changes = {"epochs": "9", "early_stopping": "True", "word_ngrams": ngrams}
    lab.trained(f"bt-rows-{ngrams}", SUPERVISED | changes, **CLASSES)
    lines = lab.logged("/aws/sagemaker/TrainingJobs", f"bt-rows-{ngrams}/")
    scores = [float(line.split()[-1]) for line in lines if "Validation accuracy: " in line]
    (final,) = [line.rpartition(" ")[2] for line in lines if "#validation_accuracy" in line]
    assert float(final) == pytest.approx(max(scores), abs=1e-4)


@pytest.mark.parametrize("mode", ["cbow", "skipgram", "batch_skipgram"])
def test_it_learns_word_vectors(lab, mode, tmp_path):
    name = f"bt-{mode.replace('_', '-')}"
    texts_ = {"mode": mode, "epochs": "2", "vector_dim": "8", "min_count": "3"}
    lab.trained(name, texts_, **request(train="text/train/"))
    assert set(unpacked(lab, name, tmp_path)) == {"vectors.txt", "vectors.bin"}
    head, *rows = (tmp_path / "vectors.txt").read_text().splitlines()
    assert head == f"{len(rows)} 8"
    assert all(len(row.split()) == 9 for row in rows)


def test_it_serves_word_vectors_and_zeros_for_unknown_words(lab):
    vectors = {"mode": "skipgram", "epochs": "2", "vector_dim": "8"}
    lab.trained("bt-words", vectors, **request(train="text/train/"))
    lab.model("bt-words", URL.replace("bt-classes", "bt-words"), IMAGE)
    lab.config("bt-words", **{"bt-words": 1})
    lab.endpoint("bt-words", "bt-words")
    body = b'{"instances": ["return", "qqqqq"]}'
    known, unknown = json.loads(lab.ask("bt-words", body, ContentType="application/json"))
    assert known["word"] == "return"
    assert len(known["vector"]) == 8
    assert any(known["vector"])
    assert unknown == {"word": "qqqqq", "vector": [0.0] * 8}


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("bt-unlabelled", {}, "No line that begins with __label__ found in the channel train."),
        ("bt-vocabulary", {"mode": "cbow", "min_count": "99999"}, "fastText: Empty vocabulary"),
        ("bt-typo", {"mode": "supervise"}, "Hyperparameter mode: value supervise not in range"),
        ("bt-many", {"epoch": "5"}, "Extraneous hyperparameter found: epoch"),
    ],
)
def test_it_says_why_it_failed(lab, name, changes, reason):
    lab.put("unlabelled/text.txt", b"some words without any label\n" * 50)
    lab.start(name, {"mode": "supervised"} | changes, **request(train="unlabelled/"))
    job = lab.finished(name)
    assert job["TrainingJobStatus"] == "Failed"
    blamed = "AlgorithmError" if reason.startswith("fastText") else "ClientError"
    assert job["FailureReason"].startswith(f"{blamed}: ")
    assert reason in job["FailureReason"]


def test_it_hands_on_what_fasttext_says(lab):
    lab.start("bt-nan", SUPERVISED | {"learning_rate": "1e30"}, **CLASSES)
    reason = "AlgorithmError: fastText: Encountered NaN., exit code: 1"
    assert lab.finished("bt-nan")["FailureReason"] == reason


def test_it_says_when_fasttext_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "fasttext", None)
    with pytest.raises(programs.PackageMissing, match=r"no build for Python 3\.\d+ on this"):
        programs.program(IMAGE, {}, allow_scripts=False)


def test_it_reads_augmented_manifests(lab):
    lines = [json.dumps({"source": text, "label": area}) for area, text in TRAIN]
    lab.put("manifest/train.jsonl", "\n".join(lines).encode())
    lab.trained("bt-manifest", SUPERVISED, **request(train="manifest/"))
    measured = {m["MetricName"]: m["Value"] for m in lab.job("bt-manifest")["FinalMetricDataList"]}
    assert measured["train:accuracy"] > 0.9


def test_it_knows_every_documented_hyperparameter():
    values = hyperparameters.parse({"mode": "skipgram", "_tuning_objective_metric": "x"})
    assert len(values) == 18
