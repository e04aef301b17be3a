"""What keeps an endpoint, and what a plan to delete idle ones asks."""

from django import forms

from endpoints import cleanup, idle, protect


class ProtectForm(forms.Form):
    reason = forms.CharField(max_length=protect.REASON_LIMIT, label="Why it is kept")
    until = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        label="Until",
        help_text="For good when left empty.",
    )


class PlanForm(forms.Form):
    window_days = forms.IntegerField(
        min_value=1,
        max_value=cleanup.MAX_WINDOW,
        initial=idle.WINDOW_DAYS,
        label="No call in so many days",
    )
    grace_days = forms.IntegerField(
        min_value=1,
        max_value=cleanup.MAX_GRACE,
        initial=idle.GRACE.days,
        label="Created or changed more than so many days ago",
    )
    cap = forms.IntegerField(
        min_value=1, max_value=cleanup.MAX_CAP, initial=cleanup.CAP, label="At most"
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=64)
