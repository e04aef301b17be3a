"""Every byte behind a share link is searched for whatever else the workspace knows.

Names that nobody could mistake are planted in every row; from each link a reader follows all that
can be followed, downloads all that can be downloaded, and nothing planted may be found.
"""

import io
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.db.models import CharField, TextField
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from core.models import Owned
from endpoints.models import BatchPrediction
from results import reports, share
from results.models import Evaluation, Report, Share
from tests.results.outcomes import fields

PLANTED = "zyx"  # every planted name holds it, and no page does
ORIGIN = "https://intranet.example.com"
TITLE = "For the board"
SHOWN = ["fine", "fraud"]
PICTURES = ("/png-roc", "/png-matrix")


@pytest.fixture
def planted(workspace, member, endpoint, preparation):
    """An evaluation between rows whose every text is planted; nothing else is left as it was."""
    workspace.slug, workspace.name, workspace.bucket = "zyx-lab", "Zyx Lab", "zyx-bucket"
    workspace.execution_role_arn = "arn:aws:iam::998877665544:role/zyx-role"
    workspace.external_id = "zyx-external"
    workspace.save()
    member.username, member.email, member.first_name = "zyx-bob", "bob@zyx.example", "Zyxbob"
    member.save()
    batch = BatchPrediction.objects.create(
        workspace=workspace, name="zyx-batch", status="Completed", endpoint=endpoint
    )
    found = fields("binary", labels=SHOWN)
    found["outcome"]["slices"] = [
        {"column": "zyx_column", "value": "zyx value", "rows": 9, "metric": "accuracy"}
        | {"value_here": 0.1, "value_rest": 0.9, "interval": [0.0, 0.2]}
    ]
    made = Evaluation.objects.create(
        workspace=workspace,
        created_by=member,
        name="zyx-evaluation",
        status="Completed",
        endpoint=endpoint,
        preparation=preparation,
        batch=batch,
        split="test",
        source="batches/zyx/input.csv",
        source_name="zyx-file.csv",
        predictions_key="evaluations/zyx/predictions.parquet",
        **found,
    )
    for row in (endpoint, endpoint.model, endpoint.model.job, preparation, preparation.dataset):
        _plant(row)
    return made


def _plant(row):
    """Every free text of `row`."""
    kept = ("uid", "status", "algorithm", "task", "kind", "source_kind")
    for field in row._meta.concrete_fields:
        is_text = isinstance(field, CharField | TextField) and not field.choices
        if is_text and field.name not in kept and "origin" not in field.name:
            setattr(row, field.name, f"zyx-{field.name}"[: field.max_length or 99])
    if hasattr(row, "features"):
        row.features = ["zyx_feature"] * 3
    row.save()


def secrets():
    """The identity of every row there is, and what its texts say."""
    found = {"998877665544", PLANTED}
    for model in apps.get_models():
        if issubclass(model, Owned):
            found |= set(model._default_manager.values_list("uid", flat=True))
    found |= set(Share.objects.values_list("digest", flat=True))
    return found - {""}


def readings(start):
    """(address, headers and body as text) of all that a reader can reach from the link `start`."""
    reader, waiting, seen = Client(), [start, f"{start}/embed"], set()
    while waiting:
        address = waiting.pop()
        if address in seen or len(seen) > 60:
            continue
        seen.add(address)
        answer = reader.get(address)
        if answer.status_code == 404:
            continue
        assert answer.status_code == 200, address
        yield address, "\n".join([str(dict(answer.headers)), *_texts(answer.content)])
        for link in re.findall(r'(?:href|src|action)="([^"]+)"', answer.content.decode("latin-1")):
            if "/png-" in link and not link.endswith(PICTURES):
                continue  # drawn alike, and slowly
            if link.startswith("?"):
                waiting.append(start + link)
            elif not link.startswith(("/static/", "#", "data:")):
                assert link.startswith(start), f"{address} leads to {link}"
                waiting.append(link)


def _texts(content):
    yield content.decode("latin-1")
    if content.startswith(b"%PDF"):
        document = PdfReader(io.BytesIO(content))
        yield from (page.extract_text() for page in document.pages)
        yield str(document.metadata)
    elif content.startswith(b"\x89PNG"):
        # Chunks of a PNG that hold words: there must be none that are packed away.
        assert not re.search(rb"zTXt|iTXt|eXIf", content)


def crawl(row, token):
    start, found = f"/s/{token}", {}
    hidden = [one.lower() for one in secrets() | {row.uid}]
    for address, text in readings(start):
        found[address] = text
        assert [one for one in hidden if one in text.lower()] == [], address
    return found


def shared(actor, subject, **terms):
    wish = {"expires_in_days": 7, "title": TITLE, "allow_download": True} | terms
    return share.create(actor, subject, share.Terms(**wish))


def test_a_shared_result_tells_only_of_itself(actor, planted):
    found = crawl(*shared(actor, planted))
    files = [address.rpartition("/")[2] for address in found if "/file/" in address]
    assert {"pdf", "html", "csv", "json", "png-roc", "png-matrix"} <= set(files)
    assert all(
        TITLE in text or "png" in address or "/file/csv" in address
        for address, text in found.items()
    )


def test_a_shared_report_tells_only_what_its_author_put_in(actor, planted, workspace):
    other = Evaluation.objects.create(
        workspace=workspace,
        name="zyx-other",
        status="Completed",
        endpoint=planted.endpoint,
        preparation=planted.preparation,
        **fields("binary", labels=SHOWN, seed=1),
    )
    one = reports.create(actor, title="zyx-report", evaluations=[planted.uid])
    reports.save(
        actor,
        one,
        title="zyx-report",
        wishes=[
            block
            for block in [
                *one.blocks,
                {"kind": "curve", "evaluation": planted.uid, "figure": "roc"},
                {"kind": "table", "evaluation": planted.uid, "of": "mistakes"},
                {"kind": "images", "evaluation": planted.uid},
            ]
            if block.get("of") != "slices"
        ],
        revision=1,
    )
    both = reports.create(actor, title="zyx-two", evaluations=[planted.uid, other.uid])
    for report in (one, both):
        for is_live in (False, True):
            found = crawl(*shared(actor, report, is_live=is_live))
            assert any(address.endswith("/file/html") for address in found)


def test_a_figure_tells_only_what_it_draws(actor, planted):
    for figure in ("matrix", "roc", "calibration"):
        found = crawl(*shared(actor, planted, figure=figure, embed_origin=ORIGIN))
        assert any(address.endswith("/embed") for address in found)


def test_what_stands_before_a_link_tells_nothing(actor, planted):
    locked, token = shared(actor, planted, password="open sesame")
    page = Client().get(f"/s/{token}").content.decode()
    assert [one for one in (*secrets(), TITLE, *SHOWN) if one in page] == []
    Share.objects.filter(pk=locked.pk).update(expires_at=timezone.now() - timedelta(days=1))
    page = Client().get(f"/s/{token}").content.decode()
    assert [one for one in (*secrets(), TITLE, *SHOWN) if one in page] == []


def numbers(token):
    """The bytes of all that the link shows."""
    reader = Client()
    files = [f"/s/{token}/file/{form}" for form in ("json", "csv", "html", "png-roc")]
    return [reader.get(address).content for address in (f"/s/{token}", *files)]


def test_a_frozen_link_outlives_endpoint_dataset_and_job(actor, planted, endpoint, preparation):
    """Deleting marks rows; here they are gone for good, all but what the link itself keeps."""
    report = reports.create(actor, title="x", evaluations=[planted.uid])
    tokens = [shared(actor, planted)[1], shared(actor, report)[1]]
    tokens.append(shared(actor, planted, figure="roc")[1])
    before = [numbers(token) for token in tokens]
    now = timezone.now()
    job, model, dataset = endpoint.model.job, endpoint.model, preparation.dataset
    for row in (endpoint, model, job, preparation, dataset, planted):
        type(row)._default_manager.filter(pk=row.pk).update(deleted_at=now, status="Deleted")
    planted_now = {"confusion": [], "outcome": {}, "metrics": {}, "labels": []}
    Evaluation.objects.update(**planted_now)
    Report.objects.update(blocks=[], deleted_at=now)
    assert [numbers(token) for token in tokens] == before
