"""What an import asks; `endpoints.imports` decides."""

from django import forms

from core.errors import InvalidFields, UserError
from endpoints import images, imports
from endpoints.imports import Wish
from jobs.machine import pairs

LINES = {"rows": 3, "class": "code", "spellcheck": "false"}


class ImportForm(forms.Form):
    """`upload` names a file that is stored already, of an earlier try with a mistake elsewhere."""

    file = forms.FileField(
        required=False,
        label="Archive",
        help_text=f"A {imports.ENDING}, at most {imports.ModelReceipt.MOST_BYTES // 2**30} GB.",
        widget=forms.FileInput(attrs={"accept": ".gz,.tgz"}),
    )
    source = forms.CharField(
        required=False,
        max_length=1_024,
        label="Or its address in S3",
        help_text=f"s3://bucket/model{imports.ENDING}, at most {imports.MOST_BYTES // 2**30} GB.",
    )
    name = forms.CharField(
        required=False,
        max_length=imports.NAME_LIMIT,
        help_text="How you will find it again; the file's name when left empty.",
    )
    framework = forms.ChoiceField(
        choices=images.choices,
        required=False,
        label="Made with",
        help_text="It decides which of Amazon's images serves it, on CPUs unless it says GPUs.",
    )
    image = forms.CharField(
        required=False,
        max_length=255,
        label="Image of your own",
        help_text="Its address in ECR: …dkr.ecr.us-east-1.amazonaws.com/name:tag.",
    )
    environment = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Environment of the container",
        help_text="A line each: NAME=value. Everybody in the workspace can see them.",
    )
    upload = forms.CharField(required=False, widget=forms.HiddenInput, max_length=10)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean_environment(self) -> dict[str, str]:
        found, wrong = pairs(self.cleaned_data["environment"])
        if wrong:
            raise forms.ValidationError(wrong)
        return found

    @property
    def wish(self) -> Wish:
        """Of a valid form."""
        names = ("name", "framework", "image", "environment")
        return Wish(**{name: self.cleaned_data[name] for name in names})

    def complain(self, error: UserError) -> None:
        """Show what a step refused, at its fields."""
        texts = " ".join(filter(None, (error.message, error.hint)))
        found = error.errors if isinstance(error, InvalidFields) else {error.field: [texts]}
        for field, messages in found.items():
            for message in messages:
                self.add_error(field if field in self.fields else None, message)
