"""What a profile leaves behind: kept rows in S3, a digest, a lease that is renewed."""

import gzip
import hashlib

import pytest

from datasets import kept, profile
from datasets.formats import csv_frames
from datasets.models import Dataset
from tests.datasets.conftest import IRIS, soon

pytestmark = pytest.mark.django_db


def test_it_keeps_rows_that_the_page_can_fetch(ready):
    dataset = ready()
    assert dataset.insights["kept"] == {"first": 60, "random": 60, "per_class": 0}
    page = kept.rows(dataset, "first", 2)
    assert (page.total, page.pages, page.numbers[0]) == (60, 3, 25)
    assert page.rows[0] == IRIS.splitlines()[26].split(",")
    assert len(kept.rows(dataset, "random").rows) == 25


def test_it_says_what_a_column_has_to_do_with_the_target(ready):
    found = ready().insights
    assert (found["rows"], found["sampled"]) == (60, None)
    assert set(found["targets"]["kind"]) == {"features", "leaks"}


def test_it_hashes_a_file_that_nobody_has_hashed(uploaded):
    data = gzip.compress(IRIS.encode())
    dataset = uploaded(data)
    Dataset.objects.filter(pk=dataset.pk).update(sha256="", bytes=0)
    dataset.refresh_from_db()
    profile.profile(dataset, now=soon())
    dataset.refresh_from_db()
    assert dataset.sha256 == hashlib.sha256(data).hexdigest()
    assert dataset.bytes == len(data)


def test_it_reports_progress_and_renews_its_lease(uploaded, monkeypatch):
    monkeypatch.setattr(profile, "REPORT_EVERY", profile.REPORT_EVERY * 0)
    monkeypatch.setattr(csv_frames, "CHUNK_BYTES", 2**14)
    report, seen = profile._report, []

    def watched(dataset, size):
        report(dataset, size)
        seen.append(Dataset.objects.get(pk=dataset.pk))

    monkeypatch.setattr(profile, "_report", watched)
    dataset = uploaded("n,kind\n" + "".join(f"{n},{n % 7}\n" for n in range(20_000)))
    began = soon()
    profile.profile(dataset, now=began)
    found = [row.progress for row in seen]
    assert found == sorted(found)
    assert (found[0] < 50, found[-1], len(found) > 5) == (True, 99, True)
    assert all(row.next_check_at >= began + profile.LEASE for row in seen)


@pytest.mark.parametrize(
    ("content", "dtype"),
    [
        ("a,b\n" + "x,\n" * 50, "empty"),
        ("a,b\n" + "x,NA\n,?\n" * 50, "empty"),
        ("a,b\n" + "".join(f"x,{n / 7}\n" for n in range(500)), "number"),
        ("a,b\n" + "".join(f"x,class {n}\n" for n in range(100_000)), "text"),
    ],
    ids=["all missing", "spelt missing", "a label of floats", "100,000 classes"],
)
def test_it_looks_at_odd_columns_like_at_others(ready, content, dtype):
    dataset = ready(content)
    assert dataset.status == "Ready", dataset.failure_reason
    assert dataset.columns[1]["dtype"] == dtype
    assert "b" not in dataset.insights["targets"] or dtype == "number"
