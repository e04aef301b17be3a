"""What every answer carries: a reference, a strict CSP, no caching of private pages."""

import re

import pytest


@pytest.fixture
def answer(member, signed_in):
    return signed_in(member).get("/settings")


def test_scripts_come_only_from_us(answer):
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if part
    )
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["style-src-elem"]


def test_the_page_needs_no_inline_script_or_style(answer):
    html = answer.content.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == []
    assert re.findall(r"<style|\son\w+=|javascript:", html) == []
    assert "//cdn" not in html


def test_private_pages_are_not_stored(answer):
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_every_answer_has_its_own_reference(client, db):
    references = {client.get("/livez")["X-Request-ID"] for _ in range(3)}
    assert len(references) == 3


def test_the_api_answers_errors_in_one_shape(api, member, client):
    missing = client.get("/api/v1/jobs/nothing")
    assert missing.status_code == 401
    assert set(missing.json()["error"]) >= {"code", "message", "hint"}
    for path in ("/api/v1/jobs/nothing", "/api/v1/nothing"):
        unknown = api(member).get(path)
        assert unknown.status_code == 404
        assert unknown.json()["error"]["code"] == "not_found"


def test_a_cookie_alone_cannot_write_through_the_api(member):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    refused = browser.post("/api/v1/jobs", {}, content_type="application/json")
    assert refused.status_code == 403
