"""A recipe beyond the plain one, chosen by a person: the preview follows, the channels are made."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]
SHOPS = "customer_id,shop,age,plan,refund_code,churned\n" + "".join(
    f"{1000 + n},s{n % 20},{n % 60 if n % 9 else ''},{'abc'[n % 3]},"
    f"{'' if n * 37 % 101 % 4 else 'R'},{'yes' if n * 37 % 101 % 4 else 'no'}\n"
    for n in range(300)
)


@pytest.fixture(scope="module")
def shops(console):
    return console.dataset("Customers who left", SHOPS.encode())


@pytest.fixture(scope="module")
def wide(console):
    """As many columns as a table may have."""
    names = [f"c{n}" for n in range(1_999)]
    rows = (f"{','.join(str(n * k % 7) for k in range(1_999))},{'ab'[n % 2]}\n" for n in range(40))
    return console.dataset(
        "Two thousand columns", f"{','.join(names)},kind\n{''.join(rows)}".encode()
    )


@pytest.fixture
def form(me, shops):
    me.open(f"/datasets/{shops['id']}/prepare")
    expect(me.page.locator("#preview")).to_contain_text("XGBoost")
    return me.page


def opened(form, group):
    form.locator("summary", has_text=re.compile(f"^{group}")).click()


def test_a_person_drops_a_leak_chooses_groups_scaling_and_recordio(me, form):
    preview = form.locator("#preview")
    expect(preview).to_contain_text("Left out on request: customer_id")
    expect(form.locator("#columns-list tr", has_text="refund_code")).to_contain_text("leak suspect")
    leak = form.get_by_label("refund_code")
    expect(leak).to_be_checked()
    leak.uncheck()
    expect(preview).to_contain_text("Left out on request: customer_id.")
    leak.check()
    expect(preview).to_contain_text("customer_id, refund_code")
    expect(form.locator("[data-ticked]")).to_have_text("3 of 5 used")
    expect(form.locator("#preview-said")).to_contain_text("feature")

    form.get_by_label("How rows are divided").select_option("group")
    expect(form.locator("#preview-said")).to_contain_text("That does not fit together")
    expect(form.locator("#id_split_column_error")).to_have_text("Choose the column.")
    expect(form.get_by_label("Column of the time")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Column of the time").select_option("shop")
    expect(preview).to_contain_text("all rows of one shop together")
    expect(form.locator("#id_split_column_error")).to_be_empty()

    opened(form, "Values")
    form.get_by_label("Scaling").select_option("minmax")
    expect(preview).to_contain_text("squeezed to 0 … 1")
    opened(form, "Format")
    form.get_by_label("Format of the channels").select_option("recordio")
    expect(preview).to_contain_text("written as RecordIO-protobuf")
    expect(preview.locator(".exact")).to_contain_text(re.compile(r"0\.\d+"))
    me.photograph("prepare-recipe")

    form.get_by_role("button", name="Prepare").click()
    me.status("Ready")
    expect(me.page.get_by_role("row", name=re.compile("^train"))).to_contain_text("s3://")
    expect(me.page.locator("main")).to_contain_text("application/x-recordio-protobuf")
    expect(me.page.locator("main")).to_contain_text("Left out on request")
    me.photograph("preparation-recipe")


def test_formats_follow_the_algorithm_and_clustering_needs_no_target(me, form):
    form.get_by_label("Column to predict").select_option("")
    expect(form.locator("#id_target_error")).to_have_text("Choose the column to predict.")
    opened(form, "Format")
    formats = form.get_by_label("Format of the channels")
    formats.select_option("libsvm")
    form.get_by_label("K-Means").check()
    assert formats.input_value() == ""
    expect(form.locator("#id_target_error")).to_be_empty()
    expect(form.locator("#preview")).to_contain_text("Numbers are standardised")
    expect(form.locator("#preview")).to_contain_text("feature_dim")


def test_rules_for_single_columns_get_a_new_line_each(me, form):
    opened(form, "Values")
    lines = form.locator("#field-missing .pair")
    expect(lines).to_have_count(1)
    form.locator("#field-missing").get_by_label("Column 1", exact=True).fill("age")
    form.locator("#field-missing select").first.select_option("drop")
    expect(form.locator("#preview")).to_contain_text("age: cost their row")
    expect(lines).to_have_count(2)


def test_two_thousand_columns_can_be_searched_and_ticked(me, wide):
    me.open(f"/datasets/{wide['id']}/prepare")
    page = me.page
    expect(page.locator("[data-ticked]")).to_contain_text("of 1,999 used")
    page.get_by_label("Find a column").fill("c19")
    expect(page.locator("#columns-list tbody tr:visible")).to_have_count(110)
    page.get_by_role("button", name="Tick shown", exact=True).click()
    page.get_by_label("The ticks mean").select_option("in")
    page.get_by_role("button", name="Prepare").click()
    me.status("Ready")
    expect(page.locator("main")).to_contain_text("Only these columns are used")


def test_a_recipe_is_repeated_on_another_dataset(me, console, shops):
    wish = {"target": "churned", "recipe": {"columns_out": ["customer_id", "refund_code"]}}
    made = console.call("POST", f"/datasets/{shops['id']}/preparations", json=wish)
    console.wait(f"/preparations/{made['id']}", "Ready")
    newer = console.dataset("Customers of May", SHOPS.replace("refund_code", "phone").encode())
    console.dataset("Customers without a shop", SHOPS.replace("shop", "branch").encode())
    me.open(f"/datasets/preparations/{made['id']}")
    me.page.get_by_role("link", name="Repeat on new data").click()
    chosen = me.page.get_by_label("Dataset", exact=True)
    chosen.select_option(label="Customers without a shop · 300 rows")
    me.page.get_by_role("button", name="Repeat", exact=True).click()
    expect(me.page.locator("#id_dataset_error")).to_contain_text("lacks “shop”")
    me.photograph("repeat-refused")
    chosen.select_option(newer["id"])
    me.page.get_by_role("button", name="Does it fit?").click()
    expect(me.page.locator("main")).to_contain_text("The recipe fits Customers of May.")
    me.page.get_by_role("button", name="Repeat", exact=True).click()
    me.status("Ready")
    expect(me.page.locator("main")).to_contain_text("Repeats")


def test_it_works_without_javascript(signed_in, shops):
    me = signed_in("admin", java_script_enabled=False)
    me.open(f"/datasets/{shops['id']}/prepare")
    page = me.page
    page.get_by_label("K-Means").check()
    page.get_by_label("Column to predict").select_option("")
    page.get_by_label("How rows are divided").select_option("group")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.locator("#id_split_column_error")).to_have_text("Choose the column.")
    assert page.get_by_label("K-Means").is_checked()
    page.get_by_label("Column of the time").select_option("shop")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.locator("#preview")).to_contain_text("Find structure (clustering) with K-Means")
    page.get_by_role("button", name="Prepare", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("K-Means on Customers who left")
