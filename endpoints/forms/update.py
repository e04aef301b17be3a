"""What an update asks: the form of a deploy, filled with what runs."""

from typing import Any

from django import forms

from endpoints.forms.deploy import part_of
from endpoints.forms.variants import LIMITS, MORE, NONE, SHARE, Sources, VariantsForm
from endpoints.idle import ASYNC, SERVERLESS
from endpoints.models import Endpoint
from endpoints.sizing import Setup, field_of, of_row
from endpoints.update import Change
from jobs.prices import Book

KEPT = "kept"


class UpdateForm(VariantsForm):
    """`names` are the models of the running variants, as a page calls them."""

    def __init__(
        self, *args: Any, endpoint: Endpoint, names: list[str], sources: Sources, **kwargs: Any
    ) -> None:
        self.endpoint = endpoint
        self.present = of_row(
            endpoint.variants,
            async_config=endpoint.async_config,
            data_capture=endpoint.data_capture,
            aws_tags=endpoint.aws_tags,
        )
        kwargs["initial"] = self._initial() | (kwargs.get("initial") or {})
        types = [variant["instance_type"] for variant in endpoint.variants]
        super().__init__(
            *args,
            sources=sources,
            types=types,
            book=Book(endpoint.workspace.region),
            **kwargs,
        )
        self.fields["instance_type"].required = not self.offers_serverless
        fresh = [(key, row.name) for key, row in sources.items()]
        for index in range(MORE + 1):
            runs = index < len(endpoint.variants)
            choices = [(KEPT, f"{names[index]} (runs now)")] if runs else []
            none = [("", NONE)] if index else []
            self.fields[field_of(index, "source")] = forms.ChoiceField(
                choices=[*choices, *none, *fresh], required=index == 0, label="Model"
            )

    @property
    def answers(self) -> str:
        return self.present.kind

    @property
    def offers_serverless(self) -> bool:
        return self.present.kind == SERVERLESS

    @property
    def offers_queue(self) -> bool:
        return self.present.kind == ASYNC

    @property
    def wanted(self) -> Setup:
        """How the variants shall answer, of a valid form; the tags stay."""
        return self.setup(self.present.kind, self.present.aws_tags)

    @property
    def changes(self) -> list[Change]:
        """The variants that shall be, of a valid form."""
        return [
            self._change(index, key)
            for index in range(MORE + 1)
            if (key := self.cleaned_data.get(field_of(index, "source")))
        ]

    def _change(self, index: int, key: str) -> Change:
        share, running = self.share(index), self.endpoint.variants
        name = running[index]["name"] if index < len(running) else ""
        if key != KEPT:
            return Change(part=part_of(self.sources[key], share, name))
        return Change(part=part_of(None, share, name), kept=running[index]["model"])

    def _initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for index, variant in enumerate(self.endpoint.variants[: MORE + 1]):
            initial |= {field_of(index, name): variant.get(name) for name in SHARE}
            initial[field_of(index, "source")] = KEPT
        initial |= {name: self.present.serverless.get(name) for name in LIMITS}
        initial |= dict(self.endpoint.async_config)
        captured = self.endpoint.data_capture
        return initial | {f"capture_{name}": value for name, value in captured.items()}
