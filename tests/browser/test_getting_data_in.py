"""Importing, a new version, another way of reading, and samples, in a browser."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROWS = "city;size,kind\n" + "".join(f"Bern;{n},{'ab'[n % 2]}\n" for n in range(60))


@pytest.fixture
def table(console):
    return console.dataset("Cities", ROWS.encode())


def test_a_file_is_read_in_another_way_with_its_rows_in_sight(me, table):
    me.open(f"/datasets/{table['id']}")
    me.page.get_by_role("link", name="Read it differently").click()
    rows = me.page.get_by_role("table", name="The first rows")
    expect(rows.get_by_role("columnheader")).to_have_text(["city;size", "kind"])
    me.page.get_by_label("Between fields stands").select_option("Semicolon")
    expect(rows.get_by_role("columnheader")).to_have_text(["city", "size,kind"])
    me.page.get_by_label("Between fields stands").select_option("Colon")
    me.page.get_by_label("The first line names the columns").uncheck()
    expect(rows.get_by_role("columnheader")).to_have_text(["column_1"])
    me.photograph("dialect")

    me.page.get_by_label("Between fields stands").select_option("Semicolon")
    me.page.get_by_label("The first line names the columns").check()
    expect(rows.get_by_role("columnheader")).to_have_text(["city", "size,kind"])
    me.page.get_by_role("button", name="Read it this way").click()
    me.status("Ready")
    expect(me.page.get_by_text("between fields, with a header")).to_contain_text(";")


def test_without_javascript_it_is_read_in_another_way_too(signed_in, table):
    me = signed_in("admin", java_script_enabled=False)
    me.open(f"/datasets/{table['id']}/dialect")
    me.page.get_by_label("Between fields stands").select_option("Semicolon")
    me.page.get_by_role("button", name="Show the first rows").click()
    rows = me.page.get_by_role("table", name="The first rows")
    expect(rows.get_by_role("columnheader")).to_have_text(["city", "size,kind"])
    expect(me.page.get_by_label("Between fields stands")).to_have_value(";")


def test_a_folder_is_imported_as_the_next_version(me, console):
    table = console.dataset("Numbers", b"a,b,kind\n" + b"1,2,x\n3,4,y\n" * 50)
    channel = console.prepared(table["id"], "kind")["channels"]["train"]
    me.open(f"/datasets/import?version_of={table['id']}")
    expect(me.page.get_by_text("becomes the next version of Numbers")).to_be_visible()
    address = me.page.get_by_label("Address in S3")
    address.fill("s3://somebody-elses-bucket/rows/")
    me.page.get_by_role("button", name="Import").click()
    expect(
        me.page.get_by_text("may not import from the bucket somebody-elses-bucket")
    ).to_be_visible()
    expect(address).to_have_value("s3://somebody-elses-bucket/rows/")
    me.photograph("import")

    address.fill(channel["uri"].rpartition("/")[0] + "/")
    me.page.get_by_role("button", name="Import").click()
    expect(me.page).to_have_url(re.compile(r"/datasets/(?!import)\w{10}$"))
    me.status("Ready")
    expect(me.page.get_by_text("version 2").first).to_be_visible()
    expect(me.page.get_by_text(f"from {channel['uri'].rpartition('/')[0]}")).to_be_visible()

    me.open("/datasets/?q=Numbers")
    expect(me.page.get_by_role("row", name=re.compile("Numbers"))).to_have_count(1)
    me.page.get_by_role("link", name="2 versions").click()
    expect(me.page.get_by_role("row", name=re.compile("Numbers"))).to_have_count(2)
    me.photograph("versions")


def test_a_sample_is_one_click(me):
    me.open("/datasets/upload")
    me.page.get_by_role("button", name="Use Handwritten digits").click()
    me.status("Ready")
    expect(me.page.get_by_role("heading", name="Handwritten digits")).to_be_visible()
    expect(me.page.get_by_text("64 pixel columns as 8 × 8")).to_be_visible()
