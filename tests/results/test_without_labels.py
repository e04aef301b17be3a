"""Models that learned without labels are measured, too; a column may tell what is true."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import timezone
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from aws import s3
from datasets import prepare, profile, upload
from endpoints.models import BatchPrediction
from jobs.models import TrainingJob
from results import drill, evaluate, originals, rows, snapshot
from results.errors import NotComparable
from results.models import Evaluation

TABLE = "length,width,kind,odd\n" + "".join(
    f"{n / 10},{n % 7},{('setosa', 'virginica')[n % 2]},{'yes' if n % 10 == 0 else 'no'}\n"
    for n in range(200)
)


@pytest.fixture
def made(aws_workspace, actor, endpoint):
    """`made(algorithm, known, **columns)`: an endpoint of it evaluated, with these answers."""
    dataset = upload.receive(aws_workspace, actor, [TABLE.encode()], filename="iris.csv")
    profile.profile(dataset, now=timezone.now())
    dataset.refresh_from_db()

    def evaluated(algorithm, known, answers):
        recipe = {"columns_out": ["kind", "odd"]}
        preparation = prepare.request(actor, dataset, algorithm=algorithm, recipe=recipe)
        prepare.prepare(preparation, now=timezone.now())
        preparation.refresh_from_db()
        assert preparation.status == "Ready", preparation.failure_reason
        TrainingJob.objects.update(algorithm=algorithm, preparation=preparation)
        found = evaluate.request(actor, endpoint=type(endpoint).objects.get(), known_by=known)
        table = [row for frame in _frames(preparation) for row in frame.iter_rows(named=True)]
        columns = answers(table)
        columns["row"] = pa.array(range(1, len(table) + 1), pa.int64())
        with io.BytesIO() as file:
            pq.write_table(pa.table(columns), file)
            key = f"batches/{found.batch.uid}/predictions.parquet"
            s3.put_object(aws_workspace.account, aws_workspace.bucket, key, file.getvalue())
        BatchPrediction.objects.filter(pk=found.batch_id).update(status="Completed", output=key)
        evaluate.run(Evaluation.objects.get(pk=found.pk), timezone.now())
        found.refresh_from_db()
        assert found.status == "Completed", found.failure_reason
        return found, table

    return evaluated


def _frames(preparation):
    return originals.originals(preparation, "test")


def clusters(table):
    return {
        "predicted": [float(int(row["width"]) % 3) for row in table],
        "distance": [float(row["length"]) for row in table],
    }


def test_clusters_agree_with_a_column_that_nobody_learned_from(made):
    found, table = made("kmeans", "kind", clusters)
    assert found.outcome["task"] == "clustering"
    assert found.labels == ["setosa", "virginica"]
    kinds, groups = [row["kind"] for row in table], clusters(table)["predicted"]
    assert found.metrics["ari"] == pytest.approx(adjusted_rand_score(kinds, groups), abs=1e-9)
    assert sum(one["rows"] for one in found.outcome["clusters"]) == len(table) == 20
    assert found.outcome["known_column"] == "kind"
    for cluster, counts in enumerate(found.outcome["known"]):
        for actual, count in enumerate(counts):
            asked = {"cluster": str(cluster), "actual": str(actual)}
            assert rows.page(found, rows.wanted_of(asked)).total == count
    page = rows.page(found, rows.wanted_of({"cluster": "1", "sort": "score"}))
    assert page.rows[0].actual == page.rows[0].cells[2]
    assert page.columns == ["length", "width", "kind", "odd"]
    assert page.rows
    assert {int(row.cells[1]) % 3 for row in page.rows} == {1}
    assert [row.score for row in page.rows] == sorted(row.score for row in page.rows)
    assert page.rows[0].predicted == "1"
    assert page.rows[0].is_right is None


def test_without_such_a_column_they_are_measured_as_they_are(made):
    found, _ = made("kmeans", "", clusters)
    assert "agreement" not in found.outcome
    assert found.metrics["clusters"] == len(found.outcome["clusters"])
    assert drill.weakest(found) == []


def test_of_anomalies_the_rarer_word_is_the_strange_one(made):
    def strange(table):
        scores = [float(row["length"]) + (5 if row["odd"] == "yes" else 0) for row in table]
        return {"predicted": scores, "score": scores}

    found, table = made("randomcutforest", "odd", strange)
    assert found.outcome["task"] == "anomaly"
    assert found.labels == ["no", "yes"]
    truth = [row["odd"] == "yes" for row in table]
    assert 0 < sum(truth) < len(truth)
    expected = roc_auc_score(truth, strange(table)["score"])
    assert found.metrics["auc"] == pytest.approx(expected, abs=1e-9)
    top = rows.page(found, rows.wanted_of({"sort": "-score"})).rows[0]
    assert top.score == max(strange(table)["score"])


def test_a_column_that_is_not_there_is_refused(made, actor, endpoint):
    made("kmeans", "", clusters)
    with pytest.raises(NotComparable, match="no column “colour”") as refusal:
        evaluate.request(actor, endpoint=type(endpoint).objects.get(), known_by="colour")
    assert refusal.value.field == "known"


def test_what_a_model_learned_is_not_asked_for_once_more(aws_workspace, actor, endpoint):
    with pytest.raises(NotComparable, match="diagnosis"):
        evaluate.request(actor, endpoint=endpoint, known_by="feature_1")


def test_a_link_does_not_name_the_columns_of_the_data(made):
    found, _ = made("kmeans", "kind", clusters)
    shown = snapshot.of_evaluation(found, now=timezone.now())
    assert shown["outcome"]["agreement"] == found.outcome["agreement"]
    assert not {"slices", "known_column"} & shown["outcome"].keys()
