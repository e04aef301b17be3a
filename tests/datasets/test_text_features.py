import io
import json

import pytest

from datasets.formats.sniff import BadTable
from datasets.tables import words
from datasets.writing.lines import lines_of
from tests.datasets.pure_run import ran

REVIEWS = ("Good, GOOD food!", "bad service; it's bad", "the food was good", "never again", "")
TABLE = "note,x,y\n" + "".join(
    f'"{REVIEWS[n % 5]}",{n},{("very good", "bad")[n % 2]}\n' for n in range(100)
)
WORDS = {"text": {"column": "note", "do": "words", "top": 4}}
LINES = {"algorithm": "blazingtext", "recipe": {"text": {"column": "note"}}}


def test_words_are_what_letters_and_digits_make():
    assert words.words("It's 3 o’clock — GOOD_day!") == ["it's", "3", "o’clock", "good_day"]
    assert words.words("Ab aB", lower=False) == ["Ab", "aB"]
    assert words.sentence("Good,\n\tfood (3.5)!") == "good , food ( 3 . 5 ) !"


def test_a_bag_of_words_counts_the_most_frequent_words_of_training():
    run = ran(TABLE, target="y", recipe=WORDS)
    assert run.result.features[:4] == ["note:good", "note:bad", "note:food", "note:again"]
    assert run.encoded(note="Good food, good mood", x=1) == ["2", "0", "1", "0", "1"]
    assert run.encoded(note=None, x=1)[:4] == ["0", "0", "0", "0"]


def test_words_of_equal_count_stand_by_alphabet():
    vocabulary = words.Vocabulary(lower=True, top=3)
    vocabulary.add(["d c b a", "d"])
    assert vocabulary.most() == ["d", "a", "b"]


def test_a_vocabulary_without_end_stays_bounded_and_keeps_what_is_frequent(monkeypatch):
    monkeypatch.setattr(words, "DISTINCT", 100)
    vocabulary = words.Vocabulary(lower=True, top=1)
    vocabulary.add(f"w{n} often" for n in range(1000))
    assert vocabulary.most() == ["often"]
    assert not vocabulary.exact
    assert len(vocabulary._counts) <= 101


def test_case_is_kept_on_request():
    run = ran(TABLE, target="y", recipe={"text": WORDS["text"] | {"lower": False, "top": 50}})
    assert {"note:Good", "note:GOOD", "note:good"} <= set(run.result.features)
    assert run.encoded(note="GOOD", x=1)[run.result.features.index("note:GOOD")] == "1"


@pytest.mark.parametrize(
    ("algorithm", "format_"),
    [
        ("knn", "recordio"),
        ("xgboost", "csv"),
        ("xgboost", "libsvm"),
        ("factorization-machines", "recordio-sparse"),
    ],
)
def test_every_format_has_the_same_counts(algorithm, format_):
    run = ran(TABLE, target="y", algorithm=algorithm, recipe=WORDS | {"format": format_})
    expected = ran(TABLE, target="y", recipe=WORDS)
    assert run.result.features == expected.result.features
    if format_.startswith("recordio"):
        assert run.rows() == [list(map(float, row)) for row in expected.lines()]


def test_the_vocabulary_is_a_file_of_its_own():
    run = ran(TABLE, target="y", recipe=WORDS)
    assert run.result.artefacts == {"vocabulary": "vocabulary.json"}
    assert json.loads(run.files["vocabulary.json"]) == {
        "column": "note",
        "lower": True,
        "words": ["good", "bad", "food", "again"],
    }
    assert ran(TABLE, target="y", recipe={"columns_out": ["note"]}).result.artefacts == {}


def test_blazingtext_gets_a_label_and_tokens_a_line():
    run = ran(TABLE, target="y", **LINES)
    lines = run.body("train").decode().splitlines()
    assert "__label__very_good good , good food !" in lines
    assert run.result.channels["train"]["content_type"] == "text/plain"
    assert (run.result.features, run.result.implied) == (["note"], {"mode": "supervised"})
    assert run.result.encoding["tokens"] == ["bad", "very_good"]
    assert run.encoded(note="Good,  FOOD") == ["good , food"]
    assert run.result.preview == lines[:5]
    assert {"name": "x", "reason": "BlazingText reads one column of texts"} in (
        run.result.encoding["left_out"]
    )


def test_labels_become_one_word_each():
    assert words.one_word(["a b", "a_b", "a\nb", " "]) == ["a_b", "a_b_2", "a_b_3", "_"]


def test_texts_that_are_missing_can_cost_their_row():
    run = ran(TABLE, target="y", **(LINES | {"recipe": LINES["recipe"] | {"missing": "drop"}}))
    assert sum(run.counts().values()) == 80
    assert not any(line.split() == [line] for line in run.body("train").decode().splitlines())


def test_a_missing_text_has_no_words():
    table = TABLE.replace('""', "NA")
    words_ = WORDS | {"text": WORDS["text"] | {"top": 50}}
    assert "note:na" not in ran(table, target="y", recipe=words_).result.features
    assert "__label__bad na" not in ran(table, target="y", **LINES).body("train").decode()


def test_training_rows_without_any_word_leave_nothing_to_learn_from():
    rows = "".join(f"{n},{'?!' if n < 90 else 'word'} {'.' * n},{'ab'[n % 2]}\n" for n in range(99))
    wish = {"text": {"column": "note"}, "split": {"by": "time", "column": "t"}}
    with pytest.raises(BadTable, match="no words"):
        ran(f"t,note,y\n{rows}", target="y", recipe=wish)


@pytest.mark.parametrize("format_", ["recordio", "recordio-sparse"])
def test_rows_may_be_wider_than_any_table_that_is_uploaded(format_):
    rows = "".join(f"{' '.join(f'w{n}x{m}' for m in range(40))},{n % 2}\n" for n in range(100))
    wish = {"text": {"column": "note", "top": 2500}, "format": format_}
    run = ran(f"note,y\n{rows}", target="y", algorithm="factorization-machines", recipe=wish)
    stream = io.BytesIO(run.body("train"))
    lines = list(lines_of("application/x-recordio-protobuf", stream, 2500))
    assert len(lines) == 70
    assert {line.count(b",") for line in lines} == {2500}


def test_an_algorithm_may_take_no_more_features():
    rows = "".join(f"{' '.join(f'w{n}x{m}' for m in range(200))},{n}\n" for n in range(100))
    wish = {"text": {"column": "note", "top": 10_000}}
    table = f"note,x\n{rows}"
    assert ran(table, target="", algorithm="randomcutforest", recipe={"columns_in": ["x"]}).counts()
    with pytest.raises(BadTable, match="takes at most 10,000"):
        ran(table, target="", algorithm="randomcutforest", recipe=wish)
