"""How times, sizes, money and numbers read on every page."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import health_notes, lineage
from core import markdown as notes
from core.listing import Listing
from core.models import Tracked

register = template.Library()

UNITS = ("B", "KB", "MB", "GB", "TB")
STATUS_TONES = {
    "good": {"Completed", "Ready", "InService", "Registered", "Active"},
    "bad": {"Failed", "Rejected", "UpdateRollbackFailed", "OutOfService", "Expired", "Revoked"},
    "off": {"Stopped", "Deleted"},
}


@register.filter
def size(count: int | None) -> str:
    """Bytes for people: 1536 -> 1.5 KB (1 KB is 1,024 bytes)."""
    if count is None:
        return "–"
    value, unit = float(count), UNITS[0]
    for unit in UNITS:
        if value < 1024 or unit == UNITS[-1]:
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """Seconds for people: 75 -> 1 min 15 s."""
    if seconds is None:
        return "–"
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, secs = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (secs, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) if whole else "0 s"


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """A relative time with the exact one on hover and focus."""
    if moment is None:
        return "–"
    exact = timezone.localtime(moment)
    seconds = (timezone.now() - moment).total_seconds()
    return format_html(
        '<time datetime="{}" title="{}" tabindex="0">{}</time>',
        exact.isoformat(timespec="seconds"),
        exact.strftime("%Y-%m-%d %H:%M:%S %Z"),
        _relative(seconds),
    )


def _relative(seconds: float) -> str:
    ahead, seconds = seconds < 0, abs(seconds)
    steps = ((60, 1, "s"), (3_600, 60, "min"), (86_400, 3_600, "h"), (float("inf"), 86_400, "d"))
    if seconds < 5:
        return "just now"
    for limit, divisor, unit in steps:
        if seconds < limit:
            text = f"{int(seconds // divisor)} {unit}"
            return f"in {text}" if ahead else f"{text} ago"
    return ""


@register.filter
def money(amount: float | None) -> str:
    """US dollars: three digits below a dollar, two above; a trifle is not called nothing."""
    if amount is None:
        return "–"
    if 0 < amount < 0.0005:
        return "< $0.001"
    return f"${amount:,.2f}" if abs(amount) >= 1 else f"${amount:.3f}"


@register.filter
def figure(value: object) -> str:
    """A metric: four decimals, no exponent for ordinary magnitudes."""
    if not isinstance(value, int | float):
        return "–"
    if value and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.3e}"
    return f"{value:,.4f}" if abs(value) < 100 else f"{value:,.1f}"


@register.filter
def quantity(value: float | None, dtype: str) -> str:
    """A value of a column: whole numbers are written as such."""
    if value is None or dtype != "integer" or not float(value).is_integer():
        return figure(value)
    return f"{value:,.0f}"


@register.filter
def percent(share: object) -> str:
    return f"{100 * share:.1f} %" if isinstance(share, int | float) else "–"


@register.simple_tag
def share(part: int, whole: int | None) -> str:
    """The part in per cent of the whole; what is rare is not called nothing."""
    value = 100 * part / whole if whole else 0.0
    return "< 0.1 %" if 0 < value < 0.1 else f"{value:.1f} %"


@register.filter
def markdown(text: str) -> SafeString:
    """Somebody's notes as safe HTML."""
    return notes.as_html(text)


@register.filter
def tone(status: str) -> str:
    """good, bad, off or busy: an unknown status is shown as still moving."""
    return next((name for name, words in STATUS_TONES.items() if status in words), "busy")


@register.inclusion_tag("_parts/lineage.html", name="lineage")
def lineage_of(row: Tracked) -> dict[str, lineage.Lineage]:
    """What `row` was made from and what was made from it, as links."""
    return {"lineage": lineage.walk(row)}


@register.inclusion_tag("_parts/synced.html", name="synced", takes_context=True)
def synced_with_aws(context: Context, kind: str) -> dict[str, health_notes.Sync]:
    """When the rows of a kind were last known to be true, and what keeps them from it."""
    return {"sync": context["syncs"][kind]}


@register.simple_tag
def sort_state(listing: Listing[Any], name: str) -> dict[str, str]:
    """Where a column header leads and what it says about the current order."""
    if listing.sort == name:
        return {"url": listing.url(sort=f"-{name}", page=1), "aria": "ascending", "arrow": "↑"}
    if listing.sort == f"-{name}":
        return {"url": listing.url(sort=name, page=1), "aria": "descending", "arrow": "↓"}
    return {"url": listing.url(sort=name, page=1), "aria": "", "arrow": ""}
