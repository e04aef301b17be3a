"""Figures of several runs: one look for each, few points, words and numbers on axes."""

import itertools

from jobs.compare_charts import COLOURS, LEGEND, curves, look, scatter


def test_runs_look_different_by_two_signs():
    looks = [look(place) for place in range(48)]
    assert len({(one.colour, one.dash) for one in looks}) == 48
    pairs = itertools.pairwise(looks)
    assert all(one.colour != two.colour and one.dash != two.dash for one, two in pairs)
    assert {one.colour for one in looks} == {f"--series-{n}" for n in range(1, COLOURS + 1)}


def test_a_run_keeps_its_look_where_another_has_no_points():
    figure = curves("auc", [(0, "a", []), (1, "b", [(0, 0.5), (1, 0.6)])])
    (line,) = figure["data"]
    assert line["line"]["color"] == look(1).colour
    assert line["name"] == "2 b"
    assert (line["x0"], line["dx"], line["y"]) == (1, 1, [0.5, 0.6])


def test_rounds_that_were_left_out_are_written_down():
    (line,) = curves("auc", [(0, "a", [(0, 1.0), (5, 2.0), (9, 3.0)])])["data"]
    assert line["x"] == [1, 6, 10]


def test_many_runs_have_the_pages_list_as_legend():
    runs = [(place, f"r{place}", [(0, 1.0), (1, 2.0)]) for place in range(LEGEND + 1)]
    assert curves("auc", runs[:LEGEND])["layout"]["showlegend"]
    assert not curves("auc", runs)["layout"]["showlegend"]


def test_a_scatter_of_numbers_and_one_of_words():
    runs = [(0, "a", "/jobs/a", "0.1", 0.9), (1, "b", "/jobs/b", "0.3", 0.8)]
    figure = scatter("eta", "auc", runs)
    (dots,) = figure["data"]
    assert (dots["x"], dots["y"]) == ([0.1, 0.3], [0.9, 0.8])
    assert dots["customdata"] == ["/jobs/a", "/jobs/b"]
    assert dots["text"] == ["1 a", "2 b"]
    words = scatter("booster", "auc", [*runs, (2, "c", "/jobs/c", "dart", 0.7)])
    assert words["layout"]["xaxis"]["type"] == "category"
    assert words["data"][0]["x"] == ["0.1", "0.3", "dart"]
    assert scatter("x", "y", [])["data"] == []


def test_what_people_named_is_no_tag_of_plotlys():
    name = "<a href='https://elsewhere.example'>run</a> & more"
    (line,) = curves(name, [(0, name, [(0, 1.0)])])["data"]
    shown = "&lt;a href='https://elsewhere.example'>run&lt;/a> &amp; more"
    assert line["name"] == f"1 {shown}"
    figure = scatter(name, name, [(0, name, "/jobs/a", name, 1.0)])
    (dots,) = figure["data"]
    assert (dots["text"], dots["x"]) == ([f"1 {shown}"], [shown])
    assert {figure["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")} == {shown}
