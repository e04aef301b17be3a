"""Notes in Markdown: what people mean is shown, what attacks is not."""

import html.parser

import pytest

from core.markdown import LIMIT, TAGS, as_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a picture](https://tracker.example/pixel.png)",
    "![x](javascript:alert(1))",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&#58;alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:x)",
    "[x](https://a.example 'a\" onmouseover=\"alert(1)')",
    '<https://a.example/"onmouseover=alert(1)>',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    '``` "><img/src=x onerror=alert(1)>\nx\n```',
    "<style>body{display:none}</style>",
    "<iframe src=//evil.example></iframe>",
    "<svg><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action=//evil.example><input></form>",
    "| a |\n|:-:|\n| <b onclick=alert(1)>x</b> |",
    "<!-- --><math><mtext><img src=x onerror=alert(1)>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
]


class Reader(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))


@pytest.mark.parametrize("text", HOSTILE)
def test_it_lets_nothing_hostile_through(text):
    for tag, attributes in Reader(as_html(text)).elements:
        assert tag in TAGS
        assert set(attributes) <= {"href", "title", "rel", "start"}
        href = attributes.get("href", "https:")
        assert href.startswith(("http:", "https:", "mailto:", "/")), href


def test_it_shows_what_was_meant():
    shown = as_html("**bold** and `code`\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<strong>bold</strong> and <code>code</code>" in shown
    assert shown.count("<li>") == 2
    assert "<td>2</td>" in shown


def test_its_links_leave_without_a_referrer():
    shown = as_html("[a paper](https://a.example/p) and [a job](/jobs/abc)")
    links = [attributes for tag, attributes in Reader(shown).elements if tag == "a"]
    assert [link["href"] for link in links] == ["https://a.example/p", "/jobs/abc"]
    assert {link["rel"] for link in links} == {"noopener noreferrer nofollow"}


def test_raw_html_stays_text():
    assert as_html("a <b>c</b>") == "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"


def test_its_headings_stand_below_the_pages_without_a_gap():
    tags = [tag for tag, _ in Reader(as_html("# one\n\n### three\n\n# again")).elements]
    assert tags == ["h3", "h4", "h3"]


def test_a_deep_or_long_text_is_quick_and_cut():
    assert len(as_html("a" * (LIMIT + 5_000))) < LIMIT + 100
    as_html("> " * 9_000)
    as_html("[" * 20_000)
