"""Variants, and how they answer: what the forms of a deploy and of an update share."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import BoundField

from core.errors import InvalidFields, UserError
from endpoints import cost, sizing
from endpoints.idle import ASYNC, REAL_TIME, SERVERLESS
from endpoints.models import RegisteredModel
from endpoints.sizing import Setup, Share, field_of
from jobs.models import TrainingJob
from jobs.prices import Book

MORE = 3  # further variants that a page offers; the API takes more
SHARE = ("instance_type", "instance_count", "weight")
PLACES = ("output_uri", "failure_uri", "max_concurrent", "capture_percent", "capture_uri")
LIMITS = ("memory_mb", "max_concurrency", "provisioned")
NONE = "–"
Sources = Mapping[str, TrainingJob | RegisteredModel]


def optional_number(label: str, **limits: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, label=label, **limits)


class VariantsForm(forms.Form):
    """`sources` are what may answer: "job:<uid>" or "model:<uid>" to the row."""

    memory_mb = forms.TypedChoiceField(
        choices=[(size, f"{size // 1024} GB") for size in sizing.MEMORIES],
        coerce=int,
        required=False,
        label="Memory",
        initial=2048,
    )
    max_concurrency = optional_number("Requests at once", initial=5)
    provisioned = optional_number(
        "Copies kept warm", help_text="They are billed whether or not anybody calls.", initial=0
    )
    output_uri = forms.CharField(
        required=False,
        max_length=512,
        label="Answers go to",
        help_text="s3://… in this workspace's bucket; a folder of it when left empty.",
    )
    failure_uri = forms.CharField(required=False, max_length=512, label="Failures go to")
    max_concurrent = optional_number("Requests at once, per instance")
    capture_percent = optional_number(
        "Percent recorded", help_text="Of the requests, with their answers; none when left empty."
    )
    capture_uri = forms.CharField(
        required=False,
        max_length=512,
        label="Recordings go to",
        help_text="s3://… in this workspace's bucket; a folder of it when left empty.",
    )

    scale: tuple[str, ...] = ()  # the fields of a variant's autoscaling, where it is asked for

    def __init__(
        self, *args: Any, book: Book, sources: Sources, types: Iterable[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.book, self.sources = book, sources
        offered = dict.fromkeys([*filter(None, types), *sizing.OFFERED])
        self.types = [(name, priced(name, book)) for name in offered]
        for index in range(MORE + 1):
            self._add_share(index)

    def _add_share(self, index: int) -> None:
        needed = index == 0
        self.fields[field_of(index, "instance_type")] = forms.ChoiceField(
            choices=self.types, initial=sizing.DEFAULT, label="Instance type", required=needed
        )
        self.fields[field_of(index, "instance_count")] = forms.IntegerField(
            min_value=1,
            max_value=sizing.MAX_INSTANCES,
            initial=1,
            label="Instances",
            required=needed,
        )
        self.fields[field_of(index, "weight")] = forms.FloatField(
            min_value=0, max_value=100, initial=1, label="Weight", required=False
        )
        if index:
            names = [(key, f"{row.name}") for key, row in self.sources.items()]
            self.fields[field_of(index, "source")] = forms.ChoiceField(
                choices=[("", NONE), *names], required=False, label="Model"
            )

    @property
    def shares(self) -> list[dict[str, BoundField]]:
        """The fields of each further variant."""
        names = ("source", *SHARE, *self.scale)
        return [
            {name: self[field_of(index, name)] for name in names} for index in range(1, MORE + 1)
        ]

    @property
    def scaling(self) -> list[BoundField]:
        """Of the first variant."""
        return [self[name] for name in self.scale]

    @property
    def limits(self) -> list[BoundField]:
        return [self[name] for name in LIMITS]

    @property
    def answers(self) -> str:
        """The kind that is chosen now."""
        return str(self._chosen("kind") or REAL_TIME)

    @property
    def offers_serverless(self) -> bool:
        return True

    @property
    def offers_queue(self) -> bool:
        return True

    @property
    def uses_more(self) -> bool:
        return any(self._chosen(field_of(index, "source")) for index in range(1, MORE + 1))

    @property
    def uses_capture(self) -> bool:
        return bool(self._chosen("capture_percent")) or bool(self["capture_uri"].errors)

    @property
    def price(self) -> float | None:
        """US dollars an hour of what is chosen now, valid or not yet; at rest, of serverless."""
        if self.answers == SERVERLESS:
            return None if str(self._chosen("provisioned") or "0") != "0" else 0.0
        prices = [self._price_of(index) for index in range(MORE + 1) if self._is_used(index)]
        known = [price for price in prices if price is not None]
        return sum(known) if len(known) == len(prices) else None

    def share(self, index: int) -> Share:
        chosen = {name: self.cleaned_data.get(field_of(index, name)) for name in SHARE}
        usual: dict[str, Any] = {
            "instance_type": sizing.DEFAULT,
            "instance_count": 1,
            "weight": 1.0,
        }
        given = {name: value for name, value in chosen.items() if value not in (None, "")}
        return Share(**(usual | given))

    def setup(self, kind: str, tags: Mapping[str, str]) -> Setup:
        """How the variants answer, of a valid form."""
        told = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        capture = {
            short: told[f"capture_{short}"]
            for short in ("percent", "uri")
            if f"capture_{short}" in told
        }
        answers = ("output_uri", "failure_uri", "max_concurrent")
        return Setup(
            kind=kind,
            serverless={name: int(told[name]) for name in LIMITS if name in told},
            async_config={name: told[name] for name in answers if name in told},
            data_capture=capture,
            aws_tags=tags,
        )

    def show(self, error: UserError) -> None:
        """What the step refused, at its fields."""
        found = error.errors if isinstance(error, InvalidFields) else {"": [error.message]}
        for field, texts in found.items():
            for text in texts:
                self.add_error(field if field in self.fields else None, text)

    def _is_used(self, index: int) -> bool:
        return index == 0 or bool(self._chosen(field_of(index, "source")))

    def _price_of(self, index: int) -> float | None:
        count = str(self._chosen(field_of(index, "instance_count")) or 1)
        kind = str(self._chosen(field_of(index, "instance_type")) or sizing.DEFAULT)
        in_range = count.isdigit() and 1 <= int(count) <= sizing.MAX_INSTANCES
        return cost.hourly(kind, int(count), self.book) if in_range else None

    def _chosen(self, name: str) -> Any:
        source: Mapping[str, Any] = self.data if self.is_bound else self.initial
        return source.get(name)


def priced(instance_type: str, book: Book) -> str:
    usd = cost.hourly(instance_type, 1, book)
    if usd is None:
        return f"{instance_type} · price not known"
    return f"{instance_type} · ${usd:.3f} an hour · ${cost.monthly(usd):,.0f} a month"


KINDS = [
    (REAL_TIME, "At once, on instances that always run"),
    (SERVERLESS, "Serverless: paid by the request, the first after a pause waits"),
    (ASYNC, "Asynchronous: requests queue, answers go to S3"),
]
