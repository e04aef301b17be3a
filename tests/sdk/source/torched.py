"""A script as users write it for the PyTorch container: training and serving in one file."""

import argparse
import os
from pathlib import Path

import numpy as np
import torch


def table(channel):
    (path,) = Path(os.environ[f"SM_CHANNEL_{channel}"]).iterdir()
    content = np.load(path)
    return torch.from_numpy(content["rows"]), torch.from_numpy(content["labels"])


def network(width, classes):
    layers = [torch.nn.Linear(width, 32), torch.nn.ReLU(), torch.nn.Linear(32, classes)]
    return torch.nn.Sequential(*layers)


def model_fn(model_dir):
    model = network(600, 5)
    model.load_state_dict(torch.load(Path(model_dir) / "model.pth", weights_only=True))
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    args, _ = parser.parse_known_args()
    torch.manual_seed(0)
    rows, labels = table("TRAIN")
    model = network(rows.shape[1], int(labels.max()) + 1)
    steps = torch.optim.Adam(model.parameters(), 1e-3)
    for _epoch in range(args.epochs):
        for part in torch.randperm(len(rows)).split(32):
            steps.zero_grad()
            torch.nn.functional.cross_entropy(model(rows[part]), labels[part]).backward()
            steps.step()
    held, truth = table("TEST")
    print(f"accuracy={(model(held).argmax(1) == truth).float().mean():.4f}")
    torch.save(model.state_dict(), Path(os.environ["SM_MODEL_DIR"]) / "model.pth")
