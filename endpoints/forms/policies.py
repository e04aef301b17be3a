"""What a policy asks, as people write it; `endpoints.policies` judges it."""

from typing import Any

from django import forms

from core.errors import InvalidFields
from endpoints import policies
from endpoints.models import Policy


def _number(name: str, **options: Any) -> forms.IntegerField:
    least, most = policies.LIMITS[name]
    usual = getattr(Policy(), name)
    return forms.IntegerField(min_value=least, max_value=most, initial=usual, **options)


def _lines(**options: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    return forms.CharField(required=False, max_length=8_000, widget=area, **options)


def tags_of(text: str) -> dict[str, str]:
    """`name=value` or `name` in each line."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def lines_of(tags: dict[str, str]) -> str:
    return "\n".join(f"{name}={value}" if value else name for name, value in tags.items())


class PolicyForm(forms.Form):
    name = forms.CharField(max_length=policies.NAME)
    window_days = _number("window_days", label="No call in so many days")
    grace_days = _number("grace_days", label="Created or changed more than so many days ago")
    quiet_below = forms.FloatField(
        min_value=policies.LIMITS["quiet_below"][0],
        max_value=policies.LIMITS["quiet_below"][1],
        initial=0,
        label="Fewer calls a day than this count as none",
        help_text="0: a single call in the window keeps it.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    name_contains = forms.CharField(
        required=False, max_length=policies.PART, label="Only with this in its name"
    )
    with_tags = _lines(
        label="Only with these tags at AWS", help_text="One a line: name=value, or a name alone."
    )
    without_tags = _lines(label="Never with one of these tags", help_text="One a line, as above.")
    cap = _number("cap", label="At most so many a run", help_text="The dearest first.")
    wait_days = _number(
        "wait_days",
        label="Wait so many days after telling",
        help_text="From the first message that was sent.",
    )
    hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02d}:00 UTC") for hour in range(24)],
        coerce=int,
        initial=6,
        label="Runs each day at",
    )
    emails = _lines(
        label="Tell these addresses",
        help_text="One a line, beside the endpoint's owner.",
    )
    webhook = forms.CharField(
        required=False,
        max_length=1024,
        label="Tell this webhook",
        help_text="https, for example of a Slack channel. It is a secret: it is not shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    @classmethod
    def of(cls, policy: Policy) -> "PolicyForm":
        initial = {name: getattr(policy, name) for name in policies.FIELDS - {"webhook"}}
        initial |= {name: lines_of(initial[name]) for name in ("with_tags", "without_tags")}
        initial["emails"] = "\n".join(policy.emails)
        initial["quiet_below"] = f"{policy.quiet_below:g}"
        return cls(initial=initial)

    @property
    def wishes(self) -> dict[str, Any]:
        """For `policies.create` and `change`; a webhook that was not typed stays as it is."""
        found = {name: self.cleaned_data[name] for name in policies.FIELDS}
        found |= {name: tags_of(found[name]) for name in ("with_tags", "without_tags")}
        found["emails"] = found["emails"].split()
        if not found["webhook"]:
            del found["webhook"]
        return found

    def refuse(self, refusal: InvalidFields) -> None:
        for name, problems in refusal.errors.items():
            self.add_error(name, problems)
