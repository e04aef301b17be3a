"""What an import is asked."""

from django import forms


class ImportForm(forms.Form):
    """Validated by `imports.plan`, as the API is."""

    source = forms.CharField(
        label="Address in S3",
        max_length=1100,
        help_text="A file or a folder, such as s3://bucket/folder/. All files of a folder are read "
        "as one table, in the order of their names.",
        widget=forms.TextInput(attrs={"placeholder": "s3://", "spellcheck": "false"}),
    )
    name = forms.CharField(
        required=False, max_length=120, help_text="Otherwise the last part of the address."
    )
    version_of = forms.CharField(required=False, widget=forms.HiddenInput)
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput)
