"""Bringing a file: what is wrong with it is said at the page, and nothing half-made is left."""

import gzip

import pytest
from playwright.sync_api import expect

from tests.flow.test_story import breast_cancer
from tests.tooling.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.browser]
HEADER = ",".join(f"c{number}" for number in range(10_000)).encode()
REFUSED = {
    "empty": (b"", "The file is empty."),
    "binary": (bytes(range(256)) * 20, "binary file"),
    "header": (b"a,b,c\n", "one line: a header, and no rows"),
    "utf16": ("a,b\n1,2\n3,4\n".encode("utf-16"), "UTF-16"),
    "nul": (b"a,b\n1,2\n3,\x004\n", "Line 3 contains a NUL byte."),
    "wide": (HEADER + b"\n" + b"1," * 9_999 + b"1\n", "Line 1 has 10,000 columns"),
}


def choose(one, content, *, name="table.csv", title=""):
    """Fill the form with the bytes of a file, or with one on the disk."""
    one.open("/datasets/upload")
    one.page.get_by_label("Name").fill(title)
    file = content
    if isinstance(content, bytes):
        file = {"name": name, "mimeType": "text/csv", "buffer": content}
    one.page.locator("input[type=file]").set_input_files(file)


def send(one):
    one.page.get_by_role("button", name="Upload", exact=True).click()


def is_listed(one, title):
    one.open("/datasets/")
    return one.page.get_by_role("link", name=title).count() > 0


def test_it_says_what_is_wrong_with_a_file_and_keeps_the_input(me):
    for name, (content, message) in REFUSED.items():
        choose(me, content, title=f"bad {name}")
        send(me)
        notice = me.page.get_by_role("alert")
        notice.wait_for()
        assert message in notice.inner_text(), name
        assert me.page.get_by_label("Name").input_value() == f"bad {name}"
        field = me.page.locator("input[type=file]")
        assert field.get_attribute("aria-invalid") == "true"
        assert field.evaluate("one => one === document.activeElement && one.files.length") == 1
    me.photograph("upload-refused")
    assert not is_listed(me, "bad")


def test_it_names_the_line_where_a_table_breaks(me):
    choose(me, b"a,b\n" + b"1,2\n" * 30_000 + b"1,2,3\n", title="Ragged rows")
    send(me)
    me.status("Failed")
    assert "Line 30002 has 3 fields; expected 2." in me.page.get_by_role("alert").inner_text()
    assert me.page.get_by_role("link", name="Prepare for training").count() == 0
    me.photograph("dataset-failed")


CARRIED = """
    const carried = new DataTransfer();
    carried.items.add(new File(["a,b\\n1,yes\\n2,no\\n"], "dropped.csv"));
    const tell = (name) => {
        zone.dispatchEvent(new DragEvent(name, { dataTransfer: carried, cancelable: true }));
        return zone.hasAttribute("data-over");
    };
"""


def test_a_file_can_be_dropped(me):
    me.open("/datasets/upload")
    zone = me.page.locator(".drop")
    until(lambda: zone.evaluate(f"zone => {{ {CARRIED} return tell('dragover') }}"), 10, "dragging")
    zone.evaluate(f"zone => {{ {CARRIED} tell('drop') }}")
    assert "dropped.csv, " in me.page.locator("[data-upload-file]").inner_text()
    send(me)
    me.status("Ready")
    expect(me.page.get_by_role("heading", name="dropped")).to_be_visible()


def test_it_works_without_javascript(signed_in):
    me = signed_in("admin", java_script_enabled=False)
    choose(me, b"", title="No script")
    send(me)
    assert "The file is empty." in me.page.get_by_role("alert").inner_text()
    assert me.page.get_by_label("Name").input_value() == "No script"
    packed = {"name": "t.csv.gz", "mimeType": "", "buffer": gzip.compress(breast_cancer())}
    me.page.locator("input[type=file]").set_input_files(packed)
    send(me)
    me.page.get_by_role("heading", name="No script").wait_for()
    for _ in range(60):
        if me.page.get_by_text("569", exact=True).count():
            break
        me.page.wait_for_timeout(500)
        me.page.reload()
    assert me.page.get_by_text("569", exact=True).is_visible()
