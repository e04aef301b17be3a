"""A script as users write it for the scikit-learn container: training and serving in one file."""

import argparse
import os
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier


def table(channel):
    (path,) = Path(os.environ[f"SM_CHANNEL_{channel}"]).iterdir()
    content = np.load(path)
    return content["rows"], content["labels"]


def model_fn(model_dir):
    return joblib.load(Path(model_dir) / "model.joblib")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n-estimators", type=int, default=10)
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    args = parser.parse_args()
    forest = RandomForestClassifier(args.n_estimators, random_state=0).fit(*table("TRAIN"))
    print(f"accuracy={forest.score(*table('TEST')):.4f}")
    joblib.dump(forest, Path(args.model_dir) / "model.joblib")
