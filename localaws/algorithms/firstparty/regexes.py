"""How the service finds the metrics in these logs; the patterns it wrote into real jobs."""

Metric = tuple[str, str]

_QUALITY = r"#quality_metric: host=\S+, "

GENERAL: tuple[Metric, ...] = (
    (
        "train:throughput",
        r"#throughput_metric: host=\S+, train throughput=(\S+) records/second",
    ),
    ("train:progress", r"#progress_metric: host=\S+, completed (\S+) %"),
)


def score(channel: str, name: str, printed: str = "") -> Metric:
    """`printed` is what the log calls it, where that differs from `name`."""
    return f"{channel}:{name}", rf"{_QUALITY}{channel} {printed or name} <score>=(\S+)"


def loss(channel: str, name: str, printed: str = "") -> Metric:
    return f"{channel}:{name}", rf"{_QUALITY}{channel} {printed or name} <loss>=(\S+)"


def epoch_loss(channel: str, name: str, printed: str) -> Metric:
    return f"{channel}:{name}", rf"{_QUALITY}epoch=\S+, {channel} {printed} <loss>=(\S+)"
