"""What a job leaves behind, and what a model server starts from."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from localaws.app import App
from localaws.engine.channels import split


def location(output: str, job: str) -> str:
    """`{S3OutputPath without trailing slash}/{job}/output/model.tar.gz`."""
    return f"{output.rstrip('/')}/{job}/output/model.tar.gz"


def upload(app: App, base: Path, output: str, job: str) -> None:
    """The model archive always, the output archive when something was written there.

    Raises AwsError when the bucket is gone.
    """
    bucket, key = split(location(output, job))
    (base / "model").mkdir(parents=True, exist_ok=True)  # a job stopped early has none
    _put(app, base / "model", bucket, key)
    extra = base / "output" / "data"
    if extra.is_dir() and any(extra.iterdir()):
        _put(app, extra, bucket, key.removesuffix("model.tar.gz") + "output.tar.gz")


def _put(app: App, folder: Path, bucket: str, key: str) -> None:
    """Paths in the archive are relative to the folder, without a leading directory."""
    with tempfile.NamedTemporaryFile(dir=folder.parent, suffix=".tar.gz") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=path.name)
        file.flush()
        app.objects.put_file(bucket, key, Path(file.name), "application/x-tar")


def extract(app: App, uri: str | None, folder: Path) -> None:
    """Fill a directory from an archive, unless it is there from the last run.

    Raises AwsError, and ValueError for what is no safe archive.
    """
    if folder.exists():
        return
    arriving = folder.with_name("arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir()
    if uri is not None:
        try:
            with app.objects.open(*split(uri)) as file, tarfile.open(fileobj=file) as archive:
                archive.extractall(arriving, filter="data")
        except (tarfile.TarError, EOFError) as error:
            raise ValueError(f"{uri} is not a readable tar archive: {error}") from error
    arriving.rename(folder)
