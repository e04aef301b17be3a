import gzip

import pytest

from datasets import profile
from datasets.models import Dataset
from datasets.tables import columns
from tests.datasets.conftest import soon

pytestmark = pytest.mark.django_db


def column(dataset, name):
    return next(column for column in dataset.columns if column["name"] == name)


def test_it_describes_every_column(ready):
    dataset = ready("age,city,ok,day\n30,Bern,true,2024-01-01\n40,,FALSE,2024-01-02\n,Genf,true,\n")

    assert (dataset.status, dataset.rows, dataset.progress) == ("Ready", 3, 100)
    assert [c["dtype"] for c in dataset.columns] == ["integer", "text", "boolean", "date"]
    age = column(dataset, "age")
    assert (age["missing"], age["unique"], age["min"], age["max"], age["mean"]) == (
        1,
        2,
        30,
        40,
        35,
    )
    assert age["std"] == pytest.approx(7.0711, abs=1e-3)
    assert sum(age["histogram"]["counts"]) == 2
    assert column(dataset, "city")["top"] == [
        {"value": "Bern", "count": 1},
        {"value": "Genf", "count": 1},
    ]
    assert dataset.preview["rows"][1] == ["40", "", "FALSE", "2024-01-02"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_it_reads_every_delimiter_and_encoding(ready, delimiter, encoding):
    text = "näme,größe\nä,1\nö,2\n".replace(",", delimiter)
    dataset = ready(text.encode(encoding))

    assert dataset.status == "Ready", dataset.failure_reason
    assert dataset.preview == {"columns": ["näme", "größe"], "rows": [["ä", "1"], ["ö", "2"]]}
    assert (dataset.delimiter, dataset.encoding) == (delimiter, encoding)


def test_it_reads_gzip_whatever_the_name(ready):
    dataset = ready(gzip.compress(b"a,b\n1,x\n2,y\n"), filename="table.csv")
    assert (dataset.status, dataset.rows, dataset.compression) == ("Ready", 2, "gzip")


def test_it_numbers_the_columns_of_a_file_without_header(ready):
    dataset = ready("5,1.5,cat\n7,2.5,dog\n")
    assert not dataset.has_header
    assert dataset.rows == 2
    assert dataset.preview["columns"] == ["column_1", "column_2", "column_3"]


def test_it_reads_quoted_delimiters_and_line_ends(ready):
    dataset = ready('note,n\n"a, ""b""\nc",1\nplain,2\n')
    assert dataset.rows == 2
    assert dataset.preview["rows"][0] == ['a, "b"\nc', "1"]


def test_it_falls_back_to_windows_text_when_utf8_ends_late(ready):
    rows = "".join(f"{n},plain\n" for n in range(300_000))
    dataset = ready(f"n,word\n{rows}".encode() + "300000,café\n".encode("cp1252"))
    assert (dataset.status, dataset.rows, dataset.encoding) == ("Ready", 300_001, "cp1252")


def test_it_counts_exactly_while_all_numbers_are_kept(ready):
    count = 150_000
    n = column(ready("n\n" + "\n".join(map(str, range(count))) + "\n"), "n")
    assert (n["min"], n["max"], n["mean"]) == (0, count - 1, (count - 1) / 2)
    assert (n["unique"], n["unique_exact"], n["sampled_rows"]) == (count, True, count)
    assert n["quantiles"]["p25"] == (count - 1) / 4
    assert set(n["histogram"]["counts"]) == {count // 20}


def test_it_keeps_exact_moments_and_a_stated_sample_of_a_long_file(ready, monkeypatch):
    monkeypatch.setattr(columns, "SAMPLED_CELLS", 100_000)
    count = 150_000
    n = column(ready("n\n" + "\n".join(map(str, range(count))) + "\n"), "n")
    assert (n["min"], n["max"], n["mean"]) == (0, count - 1, (count - 1) / 2)
    assert (n["unique"], n["unique_exact"]) == (10_000, False)
    assert n["sampled_rows"] == pytest.approx(count / 2, rel=0.02)
    assert n["quantiles"]["p50"] == pytest.approx(count / 2, rel=0.02)


def test_it_profiles_once_when_two_workers_try(uploaded):
    dataset = uploaded()
    twin = Dataset.objects.get(pk=dataset.pk)
    now = soon()
    profile.profile(dataset, now=now)
    profile.profile(twin, now=now)
    assert Dataset.objects.get(pk=dataset.pk).status == "Ready"
    assert twin.status == "Profiling"
