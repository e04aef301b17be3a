"""What people write as Markdown, as HTML that is safe on any page."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

LIMIT = 10_000  # characters of a text
TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a", "ul", "ol", "li"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
TOP = 3  # a text stands below a page's title and a section's
# Raw HTML stays text, and there are no images: loading one tells its server who reads the page.
_parser = MarkdownIt("js-default", {"html": False}).disable("image")


def as_html(text: str) -> SafeString:
    """CommonMark with tables: no raw HTML, no images, no scripts; links leave without a referrer.

    The text's own levels of headings become h3 and below, without a gap.
    """
    tokens = _parser.parse(text[:LIMIT])
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, TOP + used.index(token.tag))}"
    cleaned = nh3.clean(
        _parser.renderer.render(tokens, _parser.options, {}),
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(cleaned)  # noqa: S308  sanitised on the line above
