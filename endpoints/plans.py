"""What deleting an endpoint means: what goes, in which order, and what stays.

What several endpoints share goes with the last of them. While another that shares it is being
deleted as well it is planned to go, and its step waits until that is decided.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from endpoints import cost
from endpoints.models import Endpoint, RegisteredModel
from endpoints.recheck import CHANGING

Status = Endpoint.Status
SCALING, COMPONENT, ENDPOINT, CONFIG, MODEL = "scaling", "component", "endpoint", "config", "model"
TITLES = {
    SCALING: "the autoscaling of its variant",
    COMPONENT: "its inference component",
    ENDPOINT: "the endpoint",
    CONFIG: "its configuration",
    MODEL: "its model",
}
FIRST = (SCALING, COMPONENT)  # what goes before the endpoint


@dataclass(frozen=True)
class Item:
    kind: str
    name: str
    note: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.kind]


@dataclass(frozen=True)
class Plan:
    """What goes, in this order; what stays and why; US dollars a month that no longer flow."""

    goes: tuple[Item, ...]
    stays: tuple[Item, ...]
    saves_monthly: float | None
    waits: str = ""


def plan(endpoint: Endpoint) -> Plan:
    """What deleting `endpoint` means, from what the rows know; each step checks AWS again."""
    if endpoint.status == Status.REJECTED:
        left = tuple(Item(item["kind"], item["name"]) for item in endpoint.leftovers)
        return Plan(goes=left, stays=(), saves_monthly=None)
    goes = [
        *(Item(SCALING, variant) for variant in endpoint.autoscaling),
        *(Item(COMPONENT, one["name"]) for one in endpoint.components),
        Item(ENDPOINT, endpoint.aws_name),
    ]
    stays: list[Item] = []
    for name in config_names(endpoint):
        live, _ = sharing_config(endpoint, name)
        item = Item(CONFIG, name, f"{live} uses it too." if live else "")
        (stays if live else goes).append(item)
    for name in model_names(endpoint):
        reason, _ = model_stays(endpoint, name)
        (stays if reason else goes).append(Item(MODEL, name, reason))
    waits = f"AWS is still {endpoint.status}; the deletion starts after that."
    return Plan(
        goes=tuple(goes),
        stays=tuple(stays),
        saves_monthly=saving(endpoint),
        waits=waits if endpoint.status in CHANGING else "",
    )


def saving(endpoint: Endpoint) -> float | None:
    return None if endpoint.hourly_cost is None else cost.monthly(endpoint.hourly_cost)


def config_names(endpoint: Endpoint) -> list[str]:
    """What it runs, what updates left behind, and what one under way may have made already."""
    update = endpoint.wanted
    coming = "" if update.get("by_shares") else update.get("config_name", "")
    names = [endpoint.config_name, *endpoint.past_configs, coming]
    return [name for name in dict.fromkeys(names) if name]


def model_names(endpoint: Endpoint) -> list[str]:
    named = [variant["model"] for variant in endpoint.variants if variant.get("model")]
    return list(dict.fromkeys(named))


def sharing_config(endpoint: Endpoint, name: str) -> tuple[str, bool]:
    """The name of a live endpoint with the same config, or "", and whether to wait for another's
    deletion first.
    """
    rows = _others(endpoint).filter(config_name=name).exclude(config_name="")
    return _sharers(list(rows), lambda kinds: ENDPOINT in kinds)


def model_stays(endpoint: Endpoint, name: str) -> tuple[str, bool]:
    """Why the model is kept, "" when it goes, and whether to wait for another's deletion first."""
    model = own_model(endpoint, name)
    if model is None:
        return "It was made outside mlconsole.", False
    if model.origin == RegisteredModel.Origin.IMPORTED:
        return "It was imported; it is deleted on its own page.", False
    sharers = []
    for other in _others(endpoint):
        becoming = [variant["model"] for variant in other.wanted.get("variants", ())]
        if other.model_id == model.pk or name in [*model_names(other), *becoming]:
            sharers.append(other)
    # Their configs name the model at AWS.
    live, waits = _sharers(sharers, lambda kinds: bool(kinds & {ENDPOINT, CONFIG}))
    return (f"{live} uses it too." if live else ""), waits


def own_model(endpoint: Endpoint, name: str) -> RegisteredModel | None:
    """The model of that name when this console made it."""
    rows = RegisteredModel.objects.of(endpoint.workspace).filter(aws_name=name)
    return rows.exclude(origin=RegisteredModel.Origin.OUTSIDE).first()


def _sharers(others: list[Endpoint], holds: Callable[[set[str]], bool]) -> tuple[str, bool]:
    """A live one's name, or ""; and whether one is being deleted and still holds on to it."""
    live = [other for other in others if other.delete_requested_at is None]
    going = [other for other in others if other.delete_requested_at is not None]
    waits = any(holds({item["kind"] for item in other.leftovers}) for other in going)
    return (live[0].name if live else ""), waits and not live


def _others(endpoint: Endpoint) -> QuerySet[Endpoint]:
    rows = Endpoint.objects.active().of(endpoint.workspace).exclude(pk=endpoint.pk)
    told = ("variants", "wanted", "config_name", "leftovers", "delete_requested_at")
    return rows.only("name", "status", "model_id", *told)
