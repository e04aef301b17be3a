import hashlib
import tracemalloc

import pytest

from aws import s3
from core.errors import NotAllowed
from core.models import AuditEvent
from datasets import upload
from datasets.errors import BadFile, StorageUnavailable
from datasets.incoming import StreamToS3
from datasets.models import Dataset
from tests.datasets.conftest import IRIS, stored

pytestmark = pytest.mark.django_db


def test_it_keeps_the_bytes_as_they_came(uploaded, lab):
    dataset = uploaded(IRIS, filename="C:\\data\\iris.csv")

    assert (dataset.status, dataset.name, dataset.filename) == ("Profiling", "iris.csv", "iris.csv")
    assert dataset.bytes == len(IRIS)
    assert dataset.sha256 == hashlib.sha256(IRIS.encode()).hexdigest()
    assert dataset.key == f"datasets/{dataset.uid}/original"
    assert s3.get_object(lab.account, lab.bucket, dataset.key) == IRIS.encode()
    event = AuditEvent.objects.get(action="dataset.upload")
    assert event.detail["bytes"] == len(IRIS)


def test_it_holds_a_few_parts_of_a_long_file(lab, actor):
    line = b"0.5,1.25,abc\n" * 80_000

    def chunks():
        yield b"a,b,c\n"
        for _ in range(60):
            yield line

    tracemalloc.start()
    dataset = upload.receive(lab, actor, chunks(), filename="long.csv")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert dataset.bytes == 6 + 60 * len(line)
    assert peak < 45 * 2**20
    head = s3.head_object(lab.account, lab.bucket, dataset.key)
    assert head is not None
    assert head.size == dataset.bytes


def test_it_notices_the_same_file(uploaded):
    first, other, again = uploaded(), uploaded("a,b\n1,x\n"), uploaded()
    assert upload.same_file(again) == first
    assert upload.same_file(first) is None
    assert upload.same_file(other) is None


def test_it_leaves_nothing_when_the_stream_breaks(lab, actor):
    def broken():
        yield b"a,b\n" + b"1,x\n" * 3_000_000
        raise ConnectionResetError

    before = stored(lab)
    with pytest.raises(ConnectionResetError):
        upload.receive(lab, actor, broken(), filename="cut.csv")
    assert not Dataset.objects.exists()
    assert stored(lab) == before


def test_it_refuses_a_viewer(lab, viewer):
    from core import access

    with pytest.raises(NotAllowed):
        upload.receive(lab, access.actor(viewer), [b"a,b\n1,x\n"], filename="a.csv")
    assert not Dataset.objects.exists()


def test_it_says_so_when_s3_is_down(workspace, actor, own_localaws, wired):
    wired(workspace, own_localaws)
    own_localaws.stop()
    with pytest.raises(StorageUnavailable) as refused:
        upload.receive(workspace, actor, [IRIS.encode()], filename="iris.csv")
    assert refused.value.status == 503
    assert "nothing was kept" in refused.value.message
    assert not Dataset.objects.exists()


def test_it_hides_and_later_sweeps_an_upload_that_s3_lost_half_way(
    workspace, actor, own_localaws, wired, due
):
    wired(workspace, own_localaws)

    def until_s3_dies():
        yield b"a,b\n" + b"1,x\n" * 3_000_000
        own_localaws.stop()
        yield b"1,x\n" * 3_000_000

    with pytest.raises(StorageUnavailable):
        upload.receive(workspace, actor, until_s3_dies(), filename="half.csv")
    assert not Dataset.objects.present().exists()

    own_localaws.start()
    due(own_localaws)
    assert not Dataset.objects.exists()
    assert not stored(workspace)


def test_the_handler_takes_the_first_file_named_file(lab, actor):
    handler = StreamToS3(actor)
    for field, content in (("other", b"x"), ("file", b"a,b\n1,x\n"), ("file", b"c,d\n2,y\n")):
        handler.new_file(field, f"{field}.csv", "text/csv", None)
        handler.receive_data_chunk(content, 0)
        handler.file_complete(len(content))
    dataset = handler.received().keep("mine")
    assert (dataset.name, dataset.bytes) == ("mine", 8)


def test_the_handler_asks_for_a_file(actor):
    with pytest.raises(BadFile, match="Choose a file"):
        StreamToS3(actor).received()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\\b.csv", "b.csv"),
        ("\x00\n", "table.csv"),
        ("", "table.csv"),
    ],
)
def test_it_never_makes_a_path_of_a_name(given, kept):
    assert upload.plain_name(given) == kept
