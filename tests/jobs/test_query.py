"""The query language: what it means, and that what it does not take is marked at its place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.fields import OPERATORS, STATUSES, TEXTS, VALUES
from jobs.models import TrainingJob
from jobs.query import BadQuery, Condition, Every, Not, Some, Word, mentions, parse

READ = {
    "": None,
    "  ": None,
    "run-7": Word("run-7"),
    '"and more"': Word("and more"),
    r'"say \"x\""': Word('say "x"'),
    "status = failed": Condition("status", "=", "Failed"),
    "STATUS=inprogress": Condition("status", "=", "InProgress"),
    "status": Word("status"),
    "tag:baseline": Condition("tag", "=", "baseline"),
    'tag:"two words"': Condition("tag", "=", "two words"),
    "status:failed": Condition("status", "=", "Failed"),
    "validation:auc": Word("validation:auc"),
    "metric.validation:auc > 0.9": Condition("metric", ">", 0.9, "validation:auc"),
    'metric."loss (val)" <= 1e-3': Condition("metric", "<=", 0.001, "loss (val)"),
    "param.booster ~ tree": Condition("param", "~", "tree", "booster"),
    "param.max_depth=6": Condition("param", "=", "6", "max_depth"),
    "created > 7d": Condition("created", ">", timedelta(days=7)),
    "created >= 2026-11-01": Condition("created", ">=", date(2026, 11, 1)),
    "created < 2026-11-01T12:30": Condition(
        "created", "<", datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
    ),
    "duration > 5m": Condition("duration", ">", timedelta(minutes=5)),
    "archived = YES": Condition("archived", "=", value=True),
    "a b": Every((Word("a"), Word("b"))),
    "a and b or c": Some((Every((Word("a"), Word("b"))), Word("c"))),
    "a (b or c)": Every((Word("a"), Some((Word("b"), Word("c"))))),
    "not a b": Every((Not(Word("a")), Word("b"))),
    "NOT (a OR b)": Not(Some((Word("a"), Word("b")))),
}


@pytest.mark.parametrize("text", READ)
def test_it_reads(text):
    assert parse(text) == READ[text]


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("metric.auc >", "", "a value after >"),
        ("metric.auc > high", "high", "a number"),
        ("metric.auc", "", "> >= ~ and a value after metric.auc"),
        ("metric. > 1", "metric.", "the name of the metric"),
        ("validation:auc > 0.9", "validation:auc", "did you mean metric.validation:auc?"),
        ("stauts = Failed", "stauts", "did you mean status?"),
        ("status = Done", "Done", "one of Requested, Rejected"),
        ("status > Failed", ">", "status takes = !="),
        ("created > soon", "soon", "a day, like 2026-11-01"),
        ("created > 2026-13-01", "2026-13-01", "a day, like 2026-11-01"),
        ("duration > 5", "5", "a time span"),
        ("a and", "", "a condition, like"),
        ("a or or b", "or", "a condition, like"),
        ("(a or b", "(", "not closed"),
        ("a) b", ")", "no parenthesis is open"),
        ('name = "a b', '"a b', "no end"),
        ("a!", "!", "in quotes"),
        ("name = > b", ">", "a value after ="),
        ("a\0b", "\0", "cannot be looked for"),
    ],
)
def test_it_marks_what_it_does_not_understand(text, marked, expected):
    with pytest.raises(BadQuery) as caught:
        parse(text)
    error = caught.value
    assert (error.parts[1], error.text, "".join(error.parts)) == (marked, text, text)
    assert expected in error.message
    assert error.message.startswith(f"Column {len(error.parts[0]) + 1}: ")


@pytest.mark.parametrize(
    "text", ["(" * 30 + "a" + ")" * 30, "not " * 30 + "a", "a " * 41, "a" * 2_001]
)
def test_it_has_limits(text):
    with pytest.raises(BadQuery):
        parse(text)


def test_it_knows_every_status():
    assert set(STATUSES) == set(TrainingJob.Status.values)


def test_it_tells_what_a_query_is_about():
    assert mentions(parse("a or not (b archived = yes)"), "archived")
    assert not mentions(parse("archived or name = archived"), "archived")


@given(st.text(max_size=60) | st.text('()"\\=!<>~ :.andortmericpluse0d', max_size=60))
def test_it_reads_or_refuses_any_text(text):
    if error := refusal(text):
        assert 0 <= error.start <= error.end <= len(text)
        assert "".join(error.parts) == text


def refusal(text):
    try:
        parse(text)
    except BadQuery as error:
        return error
    return None


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


TEXT = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
WORDS = st.text(TEXT, min_size=1, max_size=8)
# Values are kept without the blanks around them.
LEAVES = (
    WORDS.map(Word)
    | st.builds(
        Condition, st.sampled_from(TEXTS), st.sampled_from(OPERATORS["name"]), WORDS.map(str.strip)
    )
    | st.builds(
        Condition,
        st.sampled_from(VALUES),
        st.sampled_from(["<", ">="]),
        st.floats(allow_nan=False, allow_infinity=False),
        WORDS,
    )
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Every(tuple(nodes)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Some(tuple(nodes)))
    ),
    max_leaves=6,
)


def spelt(node):
    if isinstance(node, Word):
        return quoted(node.text)
    if isinstance(node, Not):
        return f"not ({spelt(node.node)})"
    if isinstance(node, Condition):
        name = f".{quoted(node.name)}" if node.name else ""
        return f"{node.field}{name} {node.operator} {quoted(str(node.value))}"
    sign = " and " if isinstance(node, Every) else " or "
    return sign.join(f"({spelt(one)})" for one in node.nodes)


@given(TREES)
def test_it_reads_back_what_is_spelt_out(tree):
    text = spelt(tree)
    assert parse(text) == tree
