"""From the output directories of a processing job to S3."""

from __future__ import annotations

from pathlib import Path

from localaws.app import App
from localaws.engine.channels import split
from localaws.engine.processing import layout
from localaws.sagemaker.records import Record


class Uploads:
    """Every method raises AwsError when a bucket is gone."""

    def __init__(self, app: App, record: Record, base: Path) -> None:
        self._app, self._base = app, base
        self._outputs = [item["S3Output"] for item in layout.outputs(record)]
        self._sent: dict[Path, tuple[int, int]] = {}

    def continuous(self) -> None:
        """What is new or has changed, of the outputs that want it at once."""
        for output in self._outputs:
            if output["S3UploadMode"] == "Continuous":
                self._send(output)

    def everything(self) -> None:
        for output in self._outputs:
            self._send(output)

    def _send(self, output: dict[str, str]) -> None:
        folder = layout.here(self._base, output["LocalPath"])
        bucket, prefix = split(output["S3Uri"].rstrip("/"))
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.is_symlink():
                continue
            state = path.stat()
            seen = state.st_mtime_ns, state.st_size
            if self._sent.get(path) != seen:
                key = f"{prefix}/{path.relative_to(folder).as_posix()}".lstrip("/")
                self._app.objects.put_file(bucket, key, path)
                self._sent[path] = seen
