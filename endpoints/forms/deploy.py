"""What a deploy asks; the step's own validator decides."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from endpoints import sizing
from endpoints.deploy import Part
from endpoints.forms.scaling import SCALE, bounds_of, scale_fields
from endpoints.forms.variants import KINDS, MORE, VariantsForm
from endpoints.idle import REAL_TIME
from endpoints.models import RegisteredModel
from endpoints.sizing import Share, field_of
from jobs.machine import pairs
from jobs.models import TrainingJob


class DeployForm(VariantsForm):
    scale = SCALE

    name = forms.CharField(
        max_length=sizing.NAME_LIMIT,
        required=False,
        help_text="How you will find it again; the job's name when left empty.",
    )
    kind = forms.ChoiceField(choices=KINDS, initial=REAL_TIME, label="How it answers")
    aws_tags = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        label="Tags at AWS",
        help_text="key=value, one a line; for cost reports, for example.",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: MultiValueDict[str, str] | None = None, **kwargs: Any) -> None:
        if data is not None:
            data = data.copy()
            data.setdefault("kind", REAL_TIME)
        super().__init__(data, **kwargs)

    def _add_share(self, index: int) -> None:
        super()._add_share(index)
        for name, one in scale_fields().items():
            self.fields[field_of(index, name)] = one

    def clean(self) -> dict[str, Any] | None:
        self.bounds = [bounds_of(self, index) for index in range(MORE + 1)]
        return super().clean()

    def share(self, index: int) -> Share:
        return replace(super().share(index), scaling=self.bounds[index])

    @property
    def uses_scaling(self) -> bool:
        return any(self._chosen(name) or self[name].errors for name in SCALE)

    def clean_aws_tags(self) -> dict[str, str]:
        found, wrong = pairs(self.cleaned_data["aws_tags"])
        if wrong:
            raise forms.ValidationError(wrong)
        return found

    @property
    def wish(self) -> dict[str, Any]:
        """What `deploy.request` takes besides the source, of a valid form."""
        first = self.share(0)
        return {
            "name": self.cleaned_data["name"],
            "instance_type": first.instance_type,
            "instance_count": first.instance_count,
            "weight": first.weight,
            "autoscaling": first.scaling,
            "more": self.more,
            "setup": self.setup(self.cleaned_data["kind"], self.cleaned_data["aws_tags"]),
        }

    @property
    def more(self) -> list[Part]:
        chosen = [
            (self.sources[key], self.share(index))
            for index in range(1, MORE + 1)
            if (key := self.cleaned_data.get(field_of(index, "source")))
        ]
        return [part_of(row, share) for row, share in chosen]


def part_of(row: TrainingJob | RegisteredModel | None, share: Share, name: str = "") -> Part:
    if isinstance(row, TrainingJob):
        return Part(job=row, share=share, name=name)
    return Part(model=row, share=share, name=name)
