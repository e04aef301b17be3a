"""Third-party scripts served straight out of the installed packages that ship them."""

import importlib.util
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import StaticFilesStorage


class PackagedStorage(StaticFilesStorage):
    """Looks like a folder that holds exactly the files of `settings.PACKAGED_STATIC`."""

    def path(self, name: str | PathLike[str]) -> str:
        package, inside = settings.PACKAGED_STATIC[str(name)]
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise FileNotFoundError(name)
        return str(Path(spec.origin).parent / inside)


class PackagedFinder(BaseFinder):
    def check(self, **_kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002 (Django's signature)
        if path not in settings.PACKAGED_STATIC:
            return [] if find_all else None
        found = PackagedStorage(location="/").path(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, PackagedStorage]]:
        storage = PackagedStorage(location="/")
        for name in settings.PACKAGED_STATIC:
            yield name, storage
