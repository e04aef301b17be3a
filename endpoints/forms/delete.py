"""The name typed again, before it goes."""

from typing import Any

from django import forms


class DeleteForm(forms.Form):
    typed = forms.CharField(label="Type its name to confirm")

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["typed"].widget.attrs["autocomplete"] = "off"

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).strip()
        if typed != self.name:
            raise forms.ValidationError(f"This is not its name. Type {self.name}")
        return typed
