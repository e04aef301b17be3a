"""`train` of the algorithm: text and hyperparameters in, log lines and a fastText binary out."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.algorithms.blazingtext import corpus, fitting
from localaws.algorithms.blazingtext.corpus import Corpus
from localaws.algorithms.blazingtext.hyperparameters import SUPERVISED
from localaws.algorithms.container import Container, UserError

log = logging.getLogger(__name__)

CLASSIFIER, VECTORS = "model.bin", "vectors.bin"
_FEWEST_BUCKETS = 10_000


def train(job: Container, values: dict[str, Any]) -> None:
    """`values` as hyperparameters.parse gives them. Raises UserError and AlgorithmError."""
    for name in job.channels():
        if name not in {"train", "validation"}:
            raise UserError(f"Extraneous channel found: {name}")
    if "train" not in job.channels():
        raise UserError("Missing required channel: train")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=job.base) as folder:
        if values["mode"] == SUPERVISED:
            _classifier(job, values, Path(folder))
        else:
            _vectors(job, values, Path(folder))
    log.info("##### Training finished. #####")
    log.info("Total training time in seconds: %.2f", time.monotonic() - began)


@dataclass(frozen=True)
class Scored:
    epoch: int
    accuracy: float


def _classifier(job: Container, values: dict[str, Any], folder: Path) -> None:
    text = _gathered(job, "train", folder, labelled=True)
    held_out = None
    if "validation" in job.channels():
        held_out = _gathered(job, "validation", folder, labelled=True)
    log.info("Number of labels: %d", text.labels)
    settings = _shared(values, text) | {
        "model": SUPERVISED,
        "wordNgrams": values["word_ngrams"],
        "bucket": _buckets(values, text) if values["word_ngrams"] > 1 else 0,
    }
    best = job.model / CLASSIFIER
    if values["early_stopping"]:
        if held_out is None:
            raise UserError("Early stopping needs the channel validation.")
        _stopped_early(settings, values, held_out, best)
    else:
        fitting.fit(settings, best)
    _summarize(best, text, held_out)


def _stopped_early(
    settings: dict[str, Any], values: dict[str, Any], held_out: Corpus, best: Path
) -> None:
    """fastText makes the dictionary and the file; the epochs are ours, as it cannot pause."""
    from localaws.algorithms.blazingtext import binary, network

    stored = Path(settings["input"]).with_suffix(".bin")
    fitting.fit(settings | {"epoch": 1, "lr": 1e-9, "verbose": 0}, stored)
    model = binary.load(stored)
    reader = network.Reader(
        {word: number for number, word in enumerate(model.get_words())},
        {label: number for number, label in enumerate(model.get_labels())},
        settings["wordNgrams"],
        settings["bucket"],
    )
    texts, validation = reader.read(Path(settings["input"])), reader.read(held_out.path)
    net = network.Network(texts.rows.shape[1], len(reader.labels), settings["dim"])
    leader = Scored(0, -1.0)
    for epoch, rate in enumerate(net.epochs(texts, values["epochs"], settings["lr"]), 1):
        log.info("-------------- End of epoch: %d", epoch)
        progress = 100 * epoch / values["epochs"]
        log.info("##### Alpha: %.4f  Progress: %.2f%% #####", rate, progress)
        if epoch < values["min_epochs"] and epoch < values["epochs"]:
            continue
        accuracy = net.accuracy(validation)
        log.info("Validation accuracy: %f", accuracy)
        if accuracy > leader.accuracy:
            log.info("Validation accuracy improved! Storing best weights...")
            leader = Scored(epoch, accuracy)
            model.set_matrices(net.vectors, net.outputs)
            model.save_model(str(stored))
            stored.replace(best)
        elif epoch - leader.epoch >= values["patience"]:
            log.info("Validation accuracy has not improved for %d epochs.", values["patience"])
            return


def _summarize(model: Path, text: Corpus, held_out: Corpus | None) -> None:
    log.info("Using 1 threads for prediction!")
    log.info("#train_accuracy: %.4f", _accuracy(model, text))
    log.info("Number of train examples: %d", text.lines)
    if held_out is not None:
        log.info("#validation_accuracy: %.4f", _accuracy(model, held_out))
        log.info("Number of validation examples: %d", held_out.lines)


def _accuracy(path: Path, text: Corpus) -> float:
    """Share of the lines whose first prediction is one of their labels."""
    from localaws.algorithms.blazingtext import binary

    _, precision, _ = binary.load(path).test(str(text.path))
    return float(precision)


def _vectors(job: Container, values: dict[str, Any], folder: Path) -> None:
    text = _gathered(job, "train", folder, labelled=False)
    if values["mode"] == "batch_skipgram":
        log.info("batch_skipgram runs as skipgram; batch_size has no effect here.")
    subwords = values["subwords"]
    settings = _shared(values, text) | {
        "model": "cbow" if values["mode"] == "cbow" else "skipgram",
        "ws": values["window_size"],
        "neg": values["negative_samples"],
        "t": values["sampling_threshold"],
        "minn": values["min_char"] if subwords else 0,
        "maxn": values["max_char"] if subwords else 0,
        "bucket": _buckets(values, text) if subwords else 0,
    }
    fitting.fit(settings, job.model / VECTORS)
    _write_text(job.model)
    if values["evaluation"]:
        log.info("No evaluation: localaws does not carry WordSim-353, so there is no mean_rho.")


def _write_text(folder: Path) -> None:
    """vectors.txt: a head line `words dimension`, then `word number number ...` by frequency."""
    from localaws.algorithms.blazingtext import binary

    model = binary.load(folder / VECTORS)
    with (folder / "vectors.txt").open("w", encoding="utf-8") as file:
        file.write(f"{len(model.words)} {model.get_dimension()}\n")
        for word in model.words:
            numbers = " ".join(f"{value:.6g}" for value in model.get_word_vector(word))
            file.write(f"{word} {numbers}\n")


def _gathered(job: Container, channel: str, folder: Path, *, labelled: bool) -> Corpus:
    return corpus.gather(job.channel(channel), folder / f"{channel}.txt", labelled=labelled)


def _shared(values: dict[str, Any], text: Corpus) -> dict[str, Any]:
    return {
        "input": str(text.path),
        "lr": values["learning_rate"],
        "dim": values["vector_dim"],
        "epoch": values["epochs"],
        "minCount": values["min_count"],
        "thread": int(os.environ.get("OMP_NUM_THREADS", "1")),
        "verbose": 2,
    }


def _buckets(values: dict[str, Any], text: Corpus) -> int:
    """Every bucket costs a vector in the model file, used or not: 800 MB with the defaults.

    One for every four words of the text keeps the accuracy, measured.
    """
    enough = max(_FEWEST_BUCKETS, text.tokens // 4)
    if values["buckets"] <= enough:
        return int(values["buckets"])
    log.info(
        "Using %d buckets in place of %d: the text has %d words, and a bucket takes %d bytes of "
        "the model.",
        *(enough, values["buckets"], text.tokens, 4 * values["vector_dim"]),
    )
    return enough
