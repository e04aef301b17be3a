"""`python -m localaws.algorithms.scripts.pytorch train|serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from localaws.algorithms import container
from localaws.algorithms.scripts import codecs, handlers, training


class Defaults:
    def model_fn(self, folder: str) -> Any:
        """TorchScript in model.pt or model.pth."""
        import torch

        for name in ("model.pt", "model.pth"):
            if (path := Path(folder) / name).is_file():
                return torch.jit.load(str(path), map_location="cpu")
        raise container.UserError(
            f"No TorchScript model.pt in the model directory {sorted(_names(folder))}: provide a "
            "model_fn implementation, or save one with torch.jit.save."
        )

    def input_fn(self, payload: Any, content_type: str) -> Any:
        import torch

        rows = codecs.decode(payload, content_type)
        return torch.FloatTensor(rows) if content_type in codecs.TEXT else torch.from_numpy(rows)

    def predict_fn(self, data: Any, model: Any) -> Any:
        import torch

        with torch.no_grad():
            model.eval()
            return model(data)

    def output_fn(self, prediction: Any, accept: str) -> Any:
        if hasattr(prediction, "detach"):
            prediction = prediction.detach().cpu().numpy()
        return codecs.encode(prediction, accept), accept


def _names(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]


def _serve(server: container.Container) -> None:
    handlers.serve(server, Defaults())


if __name__ == "__main__":
    container.main(training.trainer("sagemaker_pytorch_container"), _serve)
