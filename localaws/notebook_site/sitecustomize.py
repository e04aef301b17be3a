# ruff: noqa: INP001  this directory goes on PYTHONPATH, it is no package
"""Read by every Python that `notebook-env` prepared: keeps the SageMaker SDK on this machine.

The SDK asks Amazon's STS by its full address, past AWS_ENDPOINT_URL, who it is and in which role.
"""

import importlib.abc
import importlib.machinery
import os
import sys
from types import ModuleType

# Of SDK 2 and SDK 3.
_MODULES = ("sagemaker.session", "sagemaker.core.helper.session_helper")


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: importlib.abc.Loader) -> None:
        self._inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        address, metadata = os.environ["AWS_ENDPOINT_URL"], os.environ["LOCALAWS_METADATA_FILE"]
        module.sts_regional_endpoint = lambda _region: address  # type: ignore[attr-defined]
        module.NOTEBOOK_METADATA_FILE = metadata  # type: ignore[attr-defined]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds as the others do, and wraps the loader of one module."""

    def find_spec(
        self, name: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del target
        if name not in _MODULES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


if {"AWS_ENDPOINT_URL", "LOCALAWS_METADATA_FILE"} <= os.environ.keys():
    sys.meta_path.insert(0, _Finder())
