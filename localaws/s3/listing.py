"""ListObjects, both versions: keys in order, rolled up at the delimiter."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from localaws.s3.objects import ObjectInfo
from localaws.store import Store

LAST = "\U0010ffff"


@dataclass
class Page:
    """`last` is where the next page starts after; it is a key or a common prefix."""

    objects: list[ObjectInfo] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str = ""
    truncated: bool = False

    @property
    def count(self) -> int:
        return len(self.objects) + len(self.prefixes)


def page(store: Store, bucket: str, *, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """Up to `limit` keys and common prefixes that come after `after` (exclusive)."""
    found = Page(last=after)
    cursor = _Cursor(store, bucket, prefix)
    cursor.skip_to(after, delimiter)
    while (info := cursor.next()) is not None:
        if found.count >= limit:
            found.truncated = limit > 0
            break
        rolled = _common_prefix(info.key, prefix, delimiter)
        if rolled:
            found.prefixes.append(rolled)
            cursor.skip_below(rolled)
        else:
            found.objects.append(info)
        found.last = rolled or info.key
    return found


def _common_prefix(key: str, prefix: str, delimiter: str) -> str:
    end = key.find(delimiter, len(prefix)) if delimiter else -1
    return key[: end + len(delimiter)] if end >= 0 else ""


class _Cursor:
    """Reads rows in batches; a rolled-up prefix is jumped over, not read."""

    SMALLEST, LARGEST = 16, 1000

    def __init__(self, store: Store, bucket: str, prefix: str) -> None:
        self._db = store.connection()
        self._bucket, self._prefix = bucket, prefix
        self._bound, self._inclusive = prefix, True
        self._rows: list[ObjectInfo] = []
        self._batch = self.SMALLEST

    def skip_to(self, after: str, delimiter: str) -> None:
        if after and after >= self._prefix:
            rolled = _common_prefix(after, self._prefix, delimiter)
            if rolled == after and after.startswith(self._prefix):
                self.skip_below(rolled)
            else:
                self._bound, self._inclusive = after, False

    def skip_below(self, prefix: str) -> None:
        self._bound, self._inclusive, self._rows = prefix + LAST, False, []
        self._batch = self.SMALLEST

    def next(self) -> ObjectInfo | None:
        if not self._rows:
            self._rows = self._read()
        if not self._rows:
            return None
        info = self._rows.pop()
        self._bound, self._inclusive = info.key, False
        return info

    def _read(self) -> list[ObjectInfo]:
        comparison = ">=" if self._inclusive else ">"
        rows = self._db.execute(
            "SELECT key, size, etag, modified FROM objects"  # noqa: S608  the comparison is ours
            f" WHERE bucket = ? AND key {comparison} ? AND substr(key, 1, ?) = ?"
            " ORDER BY key LIMIT ?",
            (self._bucket, self._bound, len(self._prefix), self._prefix, self._batch),
        )
        self._batch = min(self._batch * 2, self.LARGEST)
        infos = [
            ObjectInfo(r["key"], r["size"], r["etag"], datetime.fromtimestamp(r["modified"], UTC))
            for r in rows
        ]
        return infos[::-1]  # taken from the end
