"""What a `pip install` would download, from its `--dry-run --report -` on standard input."""

import json
import sys
import urllib.request
from collections.abc import Iterable

SECONDS = 20
CUDA = "cuda-toolkit"
ADVICE = """\
That is PyTorch with CUDA, which localaws does not use. The CPU build is a tenth of it: stop this,
give pip the index of CPU builds that pytorch.org names for your system (for example in
PIP_EXTRA_INDEX_URL), and start again."""


def megabytes(urls: Iterable[str]) -> int:
    """What the servers say; files that are on this machine count nothing. Raises OSError."""
    total = 0
    for url in urls:
        if url.startswith("https://"):
            head = urllib.request.Request(url, method="HEAD")  # noqa: S310  https, as tested
            with urllib.request.urlopen(head, timeout=SECONDS) as answer:  # noqa: S310  as above
                total += int(answer.headers["Content-Length"])
    return round(total / 1e6)


def main(report: str) -> None:
    packages = {
        package["metadata"]["name"]: package["download_info"]["url"]
        for package in json.loads(report)["install"]
    }
    try:
        size = f"{megabytes(packages.values()):,} MB"
    except (OSError, TypeError):
        size = "an unknown number of MB"
    print(f"Packages to install: {len(packages)}; to download: {size}.")
    if any(name.startswith(("nvidia-", CUDA)) for name in packages):
        print(ADVICE)


if __name__ == "__main__":
    main(sys.stdin.read())
