"""The pure modules as one file that Python runs: the same sources, the same bytes."""

import io
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
# What a preparation imports, and nothing that knows Django or AWS.
MODULES = (
    *("__init__.py", "channels.py", "fit.py", "preparing.py", "split.py", "survey.py"),
    *("batch", "formats", "recipe", "tables", "writing"),
)
MAIN = "from datasets.batch.program import main\n\nmain()\n"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows


def program() -> bytes:
    """`prepare.pyz`: a zip file with `__main__.py`."""
    sources = {f"datasets/{path.relative_to(HERE)}": path.read_text() for path in _files()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, source in sorted((sources | {"__main__.py": MAIN}).items()):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, source, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _files() -> list[Path]:
    found = [HERE / name for name in MODULES]
    return [file for path in found for file in (path.rglob("*.py") if path.is_dir() else [path])]
