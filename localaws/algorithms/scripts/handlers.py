"""`serve` of a script-mode container: the script's functions between payload and answer."""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from localaws.algorithms import serving
from localaws.algorithms.container import Container, UserError
from localaws.algorithms.scripts import codecs, requirements
from localaws.algorithms.serving import Answer

log = logging.getLogger(__name__)

Function = Callable[..., Any]


class Defaults(Protocol):
    """What a framework does where the script has no function of its own."""

    def model_fn(self, folder: str) -> Any: ...
    def input_fn(self, payload: Any, content_type: str) -> Any: ...
    def predict_fn(self, data: Any, model: Any) -> Any: ...
    def output_fn(self, prediction: Any, accept: str) -> Any: ...


def serve(server: Container, defaults: Defaults) -> None:
    """Raises UserError when the script or its model cannot be loaded."""
    serving.run(load(server, defaults).answer)


def load(server: Container, defaults: Defaults) -> Handlers:
    """The script's functions over the defaults, with the model loaded."""
    module = script(server)

    def chosen(name: str) -> Function:
        function: Function = getattr(module, name, None) or getattr(defaults, name)
        return function

    transform = getattr(module, "transform_fn", None)
    if transform and any(hasattr(module, f"{name}_fn") for name in ("input", "predict", "output")):
        raise UserError(
            "Cannot use transform_fn implementation in conjunction with input_fn, predict_fn, "
            "and/or output_fn implementation"
        )
    model = called(chosen("model_fn"), str(server.model))
    return Handlers(model, transform, chosen("input_fn"), chosen("predict_fn"), chosen("output_fn"))


def script(server: Container) -> ModuleType | None:
    """The module that SAGEMAKER_PROGRAM names; without one, inference.py if it is there.

    Raises UserError when it cannot be imported or wants packages that are not here.
    """
    folder = code(server)
    program = os.environ.get("SAGEMAKER_PROGRAM", "")
    if not program and not (folder / "inference.py").is_file():
        return None
    requirements.check(folder)
    sys.path.insert(0, str(folder))
    name = (program or "inference.py").removesuffix(".py").replace("/", ".")
    if not folder.joinpath(*name.split(".")).with_suffix(".py").is_file():
        raise UserError(f"The code holds no {program}, which SAGEMAKER_PROGRAM names.")
    return importlib.import_module(name)


def code(server: Container) -> Path:
    """What SAGEMAKER_SUBMIT_DIRECTORY in S3 held, else the directory `code` of the model."""
    fetched = server.base / "code"
    return fetched if fetched.is_dir() else server.model / "code"


def called(function: Function, *arguments: Any) -> Any:
    """Newer toolkits hand a context to functions that take one argument more."""
    extra = len(inspect.signature(function).parameters) - len(arguments)
    return function(*arguments, *([None] if extra == 1 else []))


@dataclass(frozen=True)
class Handlers:
    model: Any
    transform: Function | None
    decode: Function
    predict: Function
    encode: Function

    def answer(self, payload: bytes, content_type: str, accept: str) -> Answer:
        """415 for a type nobody reads, 406 for one nobody writes, 500 for the script's errors."""
        kind = content_type.partition(";")[0].strip().lower() or codecs.JSON
        wanted = codecs.preferred(
            accept, os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", codecs.JSON)
        )
        try:
            with _LOCK:
                result = self._result(payload, kind, wanted)
        except codecs.Unsupported as error:
            return Answer(str(error).encode(), status=error.status)
        except Exception as error:  # noqa: BLE001  the script may raise anything; the endpoint lives
            traceback.print_exc(file=sys.stdout)
            return Answer(f"{type(error).__name__}: {error}".encode(), status=500)
        return _answered(result, wanted)

    def _result(self, payload: bytes, kind: str, wanted: str) -> Any:
        body = payload.decode() if kind in codecs.TEXT else payload
        if self.transform is not None:
            return called(self.transform, self.model, body, kind, wanted)
        data = called(self.decode, body, kind)
        return called(self.encode, called(self.predict, data, self.model), wanted)


# A container has one worker process per core, each with one request at a time.
_LOCK = threading.Lock()


def _answered(result: Any, wanted: str) -> Answer:
    """A script returns text, bytes, or either with its content type."""
    body, content_type = result if isinstance(result, tuple) else (result, wanted)
    return Answer(body if isinstance(body, bytes) else str(body).encode(), content_type)
