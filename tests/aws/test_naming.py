"""Names at AWS are legal whatever the text, and the same row has the same name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws import naming

# CreateTrainingJob, CreateEndpoint, CreateEndpointConfig; the one of CreateModel allows more.
LEGAL = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
LEGAL_TUNING = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}")
NAMERS = [
    *(naming.training_job, naming.processing_job),
    *(naming.model, naming.endpoint_config, naming.endpoint),
]

keys = st.from_regex(r"[a-z0-9]{1,24}", fullmatch=True)


@pytest.mark.parametrize("namer", NAMERS)
@given(text=st.text(), key=keys)
def test_it_makes_legal_names_of_any_text(namer, text, key):
    made = namer(text, key)
    assert LEGAL.fullmatch(made)
    assert len(made) <= 63
    assert made == made.lower()


@given(text=st.text(), key=keys)
def test_it_keeps_tuning_jobs_within_32_characters(text, key):
    made = naming.tuning_job(text, key)
    assert LEGAL_TUNING.fullmatch(made)
    assert len(made) <= 32


@given(text=st.text(), key=keys)
def test_it_always_ends_with_the_whole_key(text, key):
    assert naming.tuning_job(text, key).split("-")[-1] == key


@given(text=st.text(), one=keys, other=keys)
def test_it_tells_rows_apart(text, one, other):
    same = naming.training_job(text, one) == naming.training_job(text, other)
    assert same == (one == other)


@given(text=st.text())
def test_it_is_settled_after_one_cleaning(text):
    assert naming.slug(naming.slug(text)) == naming.slug(text)


def test_it_reads_like_the_text():
    assert naming.slug("  Crédit-Risk (v2)!  ") == "credit-risk-v2"
    assert naming.training_job("Crédit-Risk", "k3") == "credit-risk-k3"


def test_it_falls_back_on_the_key_when_no_letter_is_left():
    assert naming.slug("模型 ✨") == ""
    assert naming.training_job("模型 ✨", "k3") == "k3"


def test_it_cuts_the_text_and_not_the_key():
    assert naming.training_job("a" * 100, "k3") == "a" * 60 + "-k3"


@pytest.mark.parametrize("key", ["", "A1", "a-b", "a b", "a" * 25, "é", "a\n"])
def test_it_refuses_a_key_that_could_bend_the_name(key):
    with pytest.raises(ValueError, match="key"):
        naming.training_job("x", key)
