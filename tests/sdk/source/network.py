"""A script as users write it for the TensorFlow container."""

import argparse
import os
from pathlib import Path

import keras
import numpy as np


def table(channel):
    (path,) = Path(os.environ[f"SM_CHANNEL_{channel}"]).iterdir()
    content = np.load(path)
    return content["rows"], content["labels"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--model_dir")
    args, _ = parser.parse_known_args()
    rows, labels = table("TRAIN")
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((rows.shape[1],)),
            keras.layers.Dense(32, "relu"),
            keras.layers.Dense(int(labels.max()) + 1, "softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(rows, labels, epochs=args.epochs, batch_size=32, verbose=2)
    _, accuracy = model.evaluate(*table("TEST"), verbose=0)
    print(f"accuracy={accuracy:.4f}")
    model.export(Path(os.environ["SM_MODEL_DIR"]) / "1")
