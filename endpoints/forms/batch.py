"""What a batch asks; `endpoints.batch` decides."""

from typing import Any

from django import forms

from core.errors import InvalidFields, UserError
from endpoints import batch, batch_upload
from endpoints.models import BatchPrediction
from jobs.machine import INSTANCES

GB = 2**30


class BatchForm(forms.Form):
    """`upload` names a file that is stored already, looked at before or of an earlier try."""

    file = forms.FileField(
        required=False,
        label="File with rows",
        help_text=(
            "CSV, JSON lines or Parquet, also with gzip, "
            f"at most {batch_upload.BatchReceipt.MOST_BYTES // GB} GB. "
            "A model of texts takes a text a line."
        ),
    )
    split = forms.ChoiceField(required=False, label="Or a split of the training data")
    has_truth = forms.BooleanField(
        required=False,
        label="The rows say what is true",
        help_text="Their target column is kept next to the prediction.",
    )
    name = forms.CharField(
        required=False, max_length=120, help_text="The file's name when left empty."
    )
    concurrency = forms.IntegerField(
        min_value=1,
        max_value=batch.MOST_AT_ONCE,
        initial=8,
        required=False,
        label="Requests at once",
        help_text="More is faster as long as the endpoint's machines keep up.",
    )
    instance_type = forms.CharField(
        max_length=40, required=False, initial="ml.m5.large", label="Instance type"
    )
    instance_count = forms.IntegerField(
        min_value=1,
        max_value=INSTANCES[-1],
        initial=1,
        required=False,
        label="Instances",
        help_text="The rows are divided among them, 32 MB at a time.",
    )
    upload = forms.CharField(required=False, widget=forms.HiddenInput, max_length=10)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, way: str, splits: list[tuple[str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unused = ("instance_type", "instance_count")
        for name in unused if way == BatchPrediction.Way.ENDPOINT else ("concurrency",):
            del self.fields[name]
        rows = [(name, f"{name} ({rows:,} rows)") for name, rows in splits]
        choice = self.fields["split"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  see above
        choice.choices = [("", "No, a file"), *rows]
        if not splits:
            del self.fields["split"]

    @property
    def choices(self) -> dict[str, Any]:
        """What `batch.request` takes besides where the rows are, of a valid form."""
        names = ("name", "has_truth", "concurrency", "instance_type", "instance_count")
        found = {name: self.cleaned_data[name] for name in names if name in self.fields}
        return {name: value for name, value in found.items() if value not in (None, "")}

    def complain(self, error: UserError) -> None:
        """Show what a step refused, at its fields; what is about the source, at the file."""
        texts = " ".join(filter(None, (error.message, error.hint)))
        found = error.errors if isinstance(error, InvalidFields) else {error.field: [texts]}
        for field, messages in found.items():
            at = "file" if field == "source" else field
            for message in messages:
                self.add_error(at if at in self.fields else None, message)
