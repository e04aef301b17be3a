"""Results of every task, made from seeded random rows by what makes the real ones."""

import numpy as np

from results import outcome


def predictions(task: str, *, rows: int = 400, classes: int = 3, seed: int = 7, skill: float = 2.0):
    """The columns of a predictions file; equal `seed` means equal truth, whatever the `skill`."""
    truth = np.random.default_rng(seed)
    noise = np.random.default_rng([seed, int(skill * 1000)])
    number = np.arange(1, rows + 1)
    if task == "binary":
        actual = (truth.random(rows) < 0.3).astype(float)
        score = 1 / (1 + np.exp(1 - skill * actual - noise.normal(size=rows)))
        found = {"actual": actual, "predicted": (score >= 0.5).astype(float)}
        return {"row": number, **found, "score_0": 1 - score, "score_1": score}
    if task == "multiclass":
        actual = truth.integers(0, classes, rows)
        logits = noise.normal(size=(rows, classes))
        logits[np.arange(rows), actual] += skill
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        found = {"row": number, "actual": actual.astype(float)}
        found["predicted"] = shares.argmax(axis=1).astype(float)
        return found | {f"score_{code}": shares[:, code] for code in range(min(classes, 20))}
    if task == "regression":
        actual = truth.normal(50, 12, rows)
        return {"row": number, "actual": actual, "predicted": actual + noise.normal(size=rows) * 3}
    if task == "clustering":
        group = truth.integers(0, 5, rows)
        found = {"actual": (group % classes).astype(float), "predicted": group.astype(float)}
        return {"row": number, **found, "distance": noise.random(rows) + 0.1}
    actual = (truth.random(rows) < 0.05).astype(float)
    score = noise.normal(size=rows) + skill * actual
    return {"row": number, "actual": actual, "predicted": (score > 2).astype(float), "score": score}


def result(task: str, *, labels: list[str] | None = None, **given):
    """The mapping that pages, links and files are drawn from."""
    names = {"binary": ["honest", "fraud"], "multiclass": ["cat", "dog", "cow"]}
    names["clustering"] = ["round", "square", "flat"]
    labels = labels or names.get(task, [])
    if task == "multiclass":
        given["classes"] = len(labels)
    columns = predictions(task, **given)
    if len(labels) > 20:
        columns = {name: column for name, column in columns.items() if "score" not in name}
    metrics, confusion, made = outcome.build(task, outcome.table(columns), labels)
    return {
        "task": task,
        "labels": labels,
        "rows": len(columns["row"]),
        "metrics": metrics,
        "confusion": confusion,
        "outcome": made,
        "threshold": None,
        "costs": None,
    }
