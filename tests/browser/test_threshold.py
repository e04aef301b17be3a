"""One slider moves everything: what the page says is what the API counts."""

import re

import pytest

from tests.browser.test_story import matrix

pytestmark = [pytest.mark.slow, pytest.mark.browser]
OUT = ("precision", "recall", "f1", "specificity", "accuracy")


@pytest.fixture
def at(console, evaluation):
    """What the API says about a threshold."""

    def ask(threshold, **more):
        params = {"at": threshold, **more}
        return console.call("GET", f"/evaluations/{evaluation['id']}/threshold", params=params)

    return ask


def shown(page):
    """The figures beside the slider, by name, as they read."""
    found = page.locator("[data-out]").evaluate_all(
        "all => all.map(one => [one.dataset.out, one.textContent.trim()])"
    )
    return dict(found)


def percent(value):
    return "–" if value is None else f"{100 * value:.1f} %"


def on_curve(page, name, tag=".here"):
    """The values that the mark on a curve stands at."""
    drawing = page.locator(f'[data-chart="{name}"] svg')
    mark = drawing.locator(tag)
    places = []
    for axis, corner in (("x", "cx"), ("y", "cy")):
        low, high, start, end = map(float, drawing.get_attribute(f"data-{axis}").split())
        share = (float(mark.get_attribute(corner)) - start) / (end - start)
        places.append(low + share * (high - low))
    return places


def assert_same(page, told):
    """The page shows what the API told."""
    assert matrix(page) == [count for row in told["confusion"] for count in row]
    out = shown(page)
    assert {name: out[name] for name in OUT} == {name: percent(told[name]) for name in OUT}
    assert out["alarms"] == f"{told['predicted_positives']:,}"
    false_alarms = 1 - told["specificity"]
    assert on_curve(page, "roc") == pytest.approx([false_alarms, told["recall"]], abs=1e-3)
    assert on_curve(page, "pr") == pytest.approx([told["recall"], told["precision"]], abs=1e-3)


def test_the_slider_moves_matrix_figures_and_curves_together(me, evaluation, at):
    me.open(f"/results/{evaluation['id']}")
    page = me.page
    page.locator("#threshold[data-ready=yes]").wait_for()
    assert_same(page, at(0.5))
    slider, field = page.get_by_label("Slide"), page.get_by_role("spinbutton", name="Threshold")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    moved = float(field.input_value())
    assert moved != 0.5
    assert_same(page, at(moved))
    field.fill("0.9")
    assert_same(page, at(0.9))
    page.get_by_label("Cost of a false alarm").fill("1")
    page.get_by_label(re.compile("Cost of a missed")).fill("20")
    told = at(0.9, cost_fp=1, cost_fn=20)
    assert float(shown(page)["cost"].replace(",", "")) == told["cost"]
    assert float(shown(page)["cheapest"]) == pytest.approx(told["cheapest"], abs=1e-4)
    best = at(told["cheapest"])
    expected = [1 - best["specificity"], best["recall"]]
    assert on_curve(page, "roc", ".cheapest") == pytest.approx(expected, abs=1e-3)
    page.wait_for_url(re.compile(r"threshold=0\.9&cost_fp=1&cost_fn=20"))
    hits = sum(told["confusion"][code][code] for code in (0, 1))
    page.locator("#meaning", has_text=f"It is right in {hits} of {evaluation['rows']}").wait_for()
    page.reload()
    page.locator("#threshold[data-ready=yes]").wait_for()
    assert_same(page, told)
    me.photograph("threshold")


def test_it_works_without_a_script(signed_in, evaluation, at):
    one = signed_in("viewer", java_script_enabled=False)
    one.open(f"/results/{evaluation['id']}")
    one.page.get_by_role("spinbutton", name="Threshold").fill("0.8")
    one.page.get_by_role("button", name="Show", exact=True).click()
    one.page.wait_for_url(re.compile("threshold=0.8"))
    assert_same(one.page, at(0.8))
    assert one.page.get_by_role("button", name="Keep this for everybody").count() == 0
