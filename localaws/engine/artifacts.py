"""What a job leaves behind, and what a model server starts from."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from localaws.app import App
from localaws.engine.channels import NoData, download, split


def upload(app: App, base: Path, output: dict[str, str], job: str) -> str:
    """The model always, the output data when something was written there; `output` is
    OutputDataConfig. Answers S3ModelArtifacts, where the model is:
    `{S3OutputPath without trailing slash}/{job}/output/model.tar.gz`, or with CompressionType NONE
    the prefix `…/output/model` of its files.

    Raises AwsError when the bucket is gone.
    """
    bucket, prefix = split(f"{output['S3OutputPath'].rstrip('/')}/{job}/output")
    model, extra = base / "model", base / "output" / "data"
    model.mkdir(parents=True, exist_ok=True)  # a job stopped early has none
    plain = output.get("CompressionType") == "NONE"
    put, ending = (_put_files, "") if plain else (_put, ".tar.gz")
    put(app, model, bucket, f"{prefix}/model{ending}")
    if extra.is_dir() and any(extra.iterdir()):
        put(app, extra, bucket, f"{prefix}/{'data' if plain else 'output'}{ending}")
    return f"s3://{bucket}/{prefix}/model{ending}"


def _put_files(app: App, folder: Path, bucket: str, prefix: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            app.objects.put_file(bucket, f"{prefix}/{path.relative_to(folder).as_posix()}", path)


def _put(app: App, folder: Path, bucket: str, key: str) -> None:
    """Paths in the archive are relative to the folder, without a leading directory."""
    with tempfile.NamedTemporaryFile(dir=folder.parent, suffix=".tar.gz") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=path.name)
        file.flush()
        app.objects.put_file(bucket, key, Path(file.name), "application/x-tar")


def extract(app: App, uri: str | None, folder: Path) -> None:
    """Fill a directory from an archive, or from the objects below a prefix that ends with a slash,
    unless it is there from the last run.

    Raises AwsError, and ValueError for what is no safe archive.
    """
    if folder.exists():
        return
    arriving = folder.with_name("arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir()
    if uri is not None and uri.endswith("/"):
        _fetch(app, uri, arriving)
    elif uri is not None:
        try:
            with app.objects.open(*split(uri)) as file, tarfile.open(fileobj=file) as archive:
                archive.extractall(arriving, filter="data")
        except (tarfile.TarError, EOFError) as error:
            raise ValueError(f"{uri} is not a readable tar archive: {error}") from error
    arriving.rename(folder)


def _fetch(app: App, uri: str, folder: Path) -> None:
    """Raises AwsError without the bucket, ValueError without objects."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    channel = {"ChannelName": folder.name, "DataSource": {"S3DataSource": source}}
    try:
        download(app, [channel], "", folder.parent)
    except NoData as error:
        raise ValueError(str(error)) from error
