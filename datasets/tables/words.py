"""Texts as words: tokens, the vocabulary of many texts, and labels that are one word each."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

WORD = re.compile(r"\w+(?:['’]\w+)*")
TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
DISTINCT = 500_000  # words counted at once, about 60 MB


def words(text: str, *, lower: bool = True) -> list[str]:
    """The words of a text without punctuation: what a bag of words counts."""
    return WORD.findall(text.lower() if lower else text)


def sentence(text: str, *, lower: bool = True) -> str:
    """Words and marks with a space between them, on one line: what BlazingText reads."""
    return " ".join(TOKEN.findall(text.lower() if lower else text))


class Vocabulary:
    """The most frequent words of many texts.

    Exact for texts with up to `DISTINCT` different words; beyond, words that had been met once when
    the limit was reached are forgotten (`exact` says so).
    """

    def __init__(self, *, lower: bool, top: int) -> None:
        self._lower = lower
        self._top = top
        self._counts: Counter[str] = Counter()
        self._floor = 1
        self.exact = True

    def add(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._counts.update(words(text, lower=self._lower))
            if len(self._counts) > DISTINCT:
                self._forget()

    def _forget(self) -> None:
        self.exact = False
        while len(self._counts) > DISTINCT // 2:
            kept = {word: n for word, n in self._counts.items() if n > self._floor}
            self._counts = Counter(kept)
            self._floor += 1

    def most(self) -> list[str]:
        """By count, equal counts by alphabet."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return [word for word, _ in islice(ranked, self._top)]


def counted(text: str, places: Mapping[str, int], *, lower: bool) -> dict[int, int]:
    """How often each word of the vocabulary is in the text, by its place."""
    found = (places[word] for word in words(text, lower=lower) if word in places)
    return dict(Counter(found))


def one_word(labels: Sequence[str]) -> list[str]:
    """Each label as one word of its own: white space becomes “_”, doubles get a number."""
    made: list[str] = []
    for label in labels:
        word = "_".join(label.split()) or "_"
        number, unique = 1, word
        while unique in made:
            number += 1
            unique = f"{word}_{number}"
        made.append(unique)
    return made
