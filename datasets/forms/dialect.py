"""How a text file is read, as a form."""

from typing import Any

from django import forms

from datasets import dialects
from datasets.models import Dataset

NONE = "none"  # an empty choice would read as none made


class DialectForm(forms.Form):
    """Validated by `dialects.check`, as the API is; it has only the fields that the format has."""

    delimiter = forms.ChoiceField(label="Between fields stands")
    quote = forms.ChoiceField(
        label="Around fields stands",
        choices=[(quote or NONE, title) for quote, title in dialects.QUOTES.items()],
        help_text="Needed where a field holds the delimiter or a line end.",
    )
    encoding = forms.ChoiceField(choices=list(dialects.ENCODINGS.items()))
    has_header = forms.BooleanField(label="The first line names the columns", required=False)

    def __init__(self, dataset: Dataset, data: Any = None) -> None:
        known = dialects.fields_of(dataset)
        now = {field: getattr(dataset, field) for field in known}
        spelt = {"delimiter": dialects.spelt(dataset.delimiter), "quote": dataset.quote or NONE}
        super().__init__(data, initial=now | spelt)
        for field in set(self.fields) - set(known):
            del self.fields[field]
        if "delimiter" in self.fields:
            # A delimiter that only the API can have chosen stays one of the choices.
            rare = {dialects.spelt(dataset.delimiter): dataset.delimiter}
            delimiter = self.fields["delimiter"]
            assert isinstance(delimiter, forms.ChoiceField)  # noqa: S101  # declared above
            delimiter.choices = list((rare | dialects.DELIMITERS).items())

    @property
    def wish(self) -> dict[str, Any]:
        wish = dict(self.cleaned_data)
        return wish | ({"quote": ""} if wish.get("quote") == NONE else {})
