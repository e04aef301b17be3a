"""What `up` prints: one line at a time, under the name of the process it came from."""

import threading
from typing import TextIO

WIDTH = 8
# Valkey repeats a tuning tip for large servers at every start.
NOISE = ("Memory overcommit must be enabled",)
COLOURS = {
    "up": 1,
    "valkey": 31,
    "localaws": 33,
    "web": 36,
    "worker": 35,
    "heavy": 35,
    "beat": 34,
    "sample": 32,
}


class Console:
    """Safe to use from several threads; `hide` names secrets that must never be printed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._secrets: list[str] = []
        self._coloured = stream.isatty()

    def hide(self, *secrets: str) -> None:
        self._secrets += [secret for secret in secrets if secret]

    def say(self, text: str) -> None:
        self.line("up", text)

    def line(self, name: str, text: str) -> None:
        if any(noise in text for noise in NOISE):
            return
        for secret in self._secrets:
            text = text.replace(secret, "***")
        label = f"{name:<{WIDTH}} |"
        if self._coloured:
            label = f"\x1b[{COLOURS.get(name, 0)}m{label}\x1b[0m"
        with self._lock:
            self._stream.write(f"{label} {text.rstrip()}\n")
            self._stream.flush()
