"""A dataset's page in a browser: is it fit, what do its pictures, columns and rows look like?"""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def digits():
    from sklearn.datasets import load_digits

    found = load_digits()
    names = ",".join(f"pixel_{n}" for n in range(64)) + ",digit\n"
    rows = zip(found.data.astype(int).tolist(), found.target, strict=True)
    lines = (",".join(map(str, row)) + f",{digit}\n" for row, digit in rows)
    return (names + "".join(lines)).encode()


@pytest.fixture(scope="module")
def pictures(console):
    return console.dataset("Handwritten digits", digits())


@pytest.fixture(scope="module")
def payments(console):
    """One row in 25 is a fraud, a column gives it away, another never changes; a comment each."""
    lines = [
        f"{n * 7919 % 997},{'ch'},{n % 25 == 0:d}5,"
        f"card {n} used {'far from' if n % 3 else 'at'} home,{'fraud' if n % 25 == 0 else 'ok'}\n"
        for n in range(1_500)
    ]
    content = "amount,country,refund,comment,label\n" + "".join(lines)
    return console.dataset("Card payments", content.encode())


@pytest.fixture(scope="module")
def wide(console):
    names = ",".join(f"gene_{n}" for n in range(1_500)) + ",sick\n"
    lines = (",".join(str(n * m % 11) for m in range(1_500)) + f",{n % 2}\n" for n in range(60))
    return console.dataset("Genes", (names + "".join(lines)).encode())


def open_dataset(me, dataset):
    me.open(f"/datasets/{dataset['id']}")
    return me.page


def test_digits_show_as_a_grid_of_pictures_by_class(me, pictures):
    page = open_dataset(me, pictures)
    expect(page.get_by_role("heading", name="Fit for training")).to_be_visible()
    expect(page.get_by_text("64 pixel columns as 8 × 8")).to_be_visible()
    sheets = page.locator("#images img")
    expect(sheets).to_have_count(10)
    for n in range(10):
        sheets.nth(n).scroll_into_view_if_needed()
        # Six pictures in a line, a pixel between them: it has come, and is no broken picture.
        expect(sheets.nth(n)).to_have_js_property("naturalWidth", 6 * 9 - 1, timeout=20_000)
        expect(sheets.nth(n)).to_have_attribute(
            "alt", f"Some rows of the class {n}, each drawn as a picture"
        )
    me.photograph("dataset-pictures")


def test_the_pictures_can_have_another_shape(me, pictures):
    page = open_dataset(me, pictures)
    page.get_by_text("The pictures have another shape").click()
    page.get_by_label("Width").fill("5")
    page.get_by_role("button", name="Draw them so").click()
    expect(page.locator("#field-height .error")).to_contain_text("there are 64 pixel columns")
    page.get_by_label("Height").fill("4")
    page.get_by_label("Width").fill("16")
    page.get_by_role("button", name="Draw them so").click()
    expect(page.get_by_text("64 pixel columns as 4 × 16")).to_be_visible()
    page.get_by_text("The pictures have another shape").click()
    page.get_by_label("Height").fill("8")
    page.get_by_label("Width").fill("8")
    page.get_by_role("button", name="Draw them so").click()
    expect(page.get_by_text("64 pixel columns as 8 × 8")).to_be_visible()


def test_an_imbalanced_set_shows_the_warning_and_what_to_do(me, payments):
    page = open_dataset(me, payments)
    expect(page.get_by_role("heading", name="Usable, but look at this first")).to_be_visible()
    target = page.locator("#target")
    expect(target).to_contain_text("the largest class has 24 times the rows of the smallest")
    expect(target).to_contain_text("would already be right in 96.0 % of the rows")
    for advice in ("Measure otherwise", "scale_pos_weight", "stratified"):
        expect(target).to_contain_text(advice)
    expect(page.locator(".verdict")).to_contain_text("1 column never changes")
    expect(target).to_contain_text("refund may give label away")


def test_a_click_on_a_column_shows_it_in_detail(me, payments):
    page = open_dataset(me, payments)
    page.locator("#columns").get_by_role("link", name="amount").click()
    about = page.locator("#about")
    expect(about.get_by_role("heading", name="amount")).to_be_in_viewport()
    expect(about.get_by_role("img", name="Rows by value, a histogram")).to_be_visible()
    page.locator("#columns").get_by_role("link", name="comment").click()
    expect(about.get_by_role("heading", name="comment")).to_be_visible()
    expect(about).to_contain_text("Frequent words")
    me.photograph("dataset-imbalanced")
    about.get_by_role("link", name="Close").click()
    expect(about.get_by_role("heading")).to_have_count(0)


def test_a_wide_table_is_searched_and_paged(me, wide):
    page = open_dataset(me, wide)
    columns = page.locator("#columns")
    expect(columns).to_contain_text("1501 in all, page 1 of 61")
    page.get_by_label("Search columns").press_sequentially("gene_149")
    expect(columns).to_contain_text("11 in all")
    expect(page.get_by_label("Search columns")).to_be_focused()
    expect(columns.get_by_role("link", name="gene_1499")).to_be_visible()


def test_rows_come_when_they_are_scrolled_to_and_by_page(me, payments):
    page = open_dataset(me, payments)
    rows = page.locator("#rows")
    rows.scroll_into_view_if_needed()
    expect(rows).to_contain_text("All 1,500 rows")
    expect(rows).to_contain_text("Page 1 of 60")
    rows.get_by_role("link", name="Next").click()
    expect(rows).to_contain_text("Page 2 of 60")
    rows.get_by_role("link", name="Random rows").click()
    expect(rows.get_by_role("link", name="Random rows")).to_have_attribute("aria-current", "true")
    assert page.url.endswith(f"/datasets/{payments['id']}")


def test_rows_are_a_page_without_javascript(signed_in, payments):
    me = signed_in("admin", java_script_enabled=False)
    page = open_dataset(me, payments)
    page.get_by_role("link", name="more rows").click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#rows")).to_contain_text("Page 2 of 60")
    page.get_by_role("link", name="Random rows").click()
    expect(page.get_by_role("heading", name="Rows of Card payments")).to_be_visible()


def test_lineage_is_walked_from_the_dataset_to_the_result_and_back(me, evaluation, preparation):
    page = open_dataset(me, {"id": preparation["dataset"]})
    lineage = page.get_by_role("region", name="Lineage")
    lineage.locator(f"a[href$='{evaluation['id']}']").click()
    expect(page.get_by_role("region", name="Lineage")).to_be_visible()
    page.get_by_role("region", name="Lineage").locator(f"a[href$='{preparation['id']}']").click()
    page.get_by_role("region", name="Lineage").locator(
        f"a[href$='{preparation['dataset']}']"
    ).click()
    expect(page.get_by_role("heading", name="Biopsies for browsing", level=1)).to_be_visible()
