"""Application Auto Scaling of endpoints' variants: targets and policies; `scaler` acts on them.

Registered is an instance count with its bounds, tracked is InvocationsPerInstance a minute. There
are no alarms behind a policy here, no step policies and no schedules.
"""

import json
import re
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import Any

from localaws.app import App
from localaws.errors import AwsError, validation
from localaws.sagemaker import records
from localaws.wire import operation

SCHEMA = """
CREATE TABLE IF NOT EXISTS scaling_targets (
  resource TEXT PRIMARY KEY, arn TEXT NOT NULL, least INTEGER NOT NULL, most INTEGER NOT NULL,
  created REAL NOT NULL, scaled REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS scaling_policies (
  resource TEXT NOT NULL, name TEXT NOT NULL, arn TEXT NOT NULL, created REAL NOT NULL,
  tracking TEXT NOT NULL, PRIMARY KEY (resource, name)
);
"""
NAMESPACE, DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
METRIC = "SageMakerVariantInvocationsPerInstance"
PAGE, POLICY_PAGE = 50, 10
_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")

Members = dict[str, Any]


@operation("application-autoscaling", "RegisterScalableTarget")
def register(app: App, request: Members) -> Members:
    """Also again, with other bounds: what is not told stays."""
    resource = _resource(request)
    _must_scale(app, resource)
    with app.store.transaction() as db:
        known = _target(app, resource)
        least = request.get("MinCapacity", known["least"] if known else None)
        most = request.get("MaxCapacity", known["most"] if known else None)
        if least is None or most is None:
            raise validation("MinCapacity and MaxCapacity are required to register a new target.")
        if not 1 <= least <= most:
            raise validation("Maximum capacity cannot be less than minimum capacity, nor that 0.")
        if known:
            changed = (least, most, resource)
            db.execute("UPDATE scaling_targets SET least = ?, most = ? WHERE resource = ?", changed)
            return {"ScalableTargetARN": known["arn"]}
        arn = _arn(app, "application-autoscaling", f"scalable-target/{uuid.uuid4().hex[:22]}")
        row = (resource, arn, least, most, app.clock.now().timestamp())
        db.execute(
            "INSERT INTO scaling_targets (resource, arn, least, most, created)"
            " VALUES (?, ?, ?, ?, ?)",
            row,
        )
    return {"ScalableTargetARN": arn}


@operation("application-autoscaling", "DescribeScalableTargets")
def describe_targets(app: App, request: Members) -> Members:
    _check(request)
    wanted = request.get("ResourceIds")
    rows = [row for row in targets(app) if wanted is None or row["resource"] in wanted]
    found, token = _page(rows, request, PAGE)
    return {"ScalableTargets": [_shown_target(app, row) for row in found]} | token


@operation("application-autoscaling", "DeregisterScalableTarget")
def deregister(app: App, request: Members) -> Members:
    """With its policies."""
    resource = _resource(request)
    with app.store.transaction():
        if _target(app, resource) is None:
            raise _missing("found", resource)
        _forget(app, resource)
    return {}


@operation("application-autoscaling", "PutScalingPolicy")
def put_policy(app: App, request: Members) -> Members:
    resource, name = _resource(request), request["PolicyName"]
    tracking = request.get("TargetTrackingScalingPolicyConfiguration")
    if (
        request.get("PolicyType", "TargetTrackingScaling") != "TargetTrackingScaling"
        or not tracking
    ):
        raise validation("localaws has policies of the type TargetTrackingScaling only.")
    metric = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if metric != METRIC:
        raise validation(f"localaws tracks the predefined metric {METRIC} only.")
    with app.store.transaction() as db:
        if _target(app, resource) is None:
            raise _missing("registered", resource)
        others = {row["name"]: row for row in policies(app, resource)}
        if others.keys() - {name}:
            text = (
                "Only one TargetTrackingScaling policy for a given metric specification is allowed."
            )
            raise validation(text)
        suffix = f"scalingPolicy:{uuid.uuid4()}:resource/{NAMESPACE}/{resource}:policyName/{name}"
        arn = others[name]["arn"] if name in others else _arn(app, "autoscaling", suffix)
        row = (resource, name, arn, app.clock.now().timestamp(), json.dumps(tracking))
        db.execute("INSERT OR REPLACE INTO scaling_policies VALUES (?, ?, ?, ?, ?)", row)
    return {"PolicyARN": arn, "Alarms": []}


@operation("application-autoscaling", "DescribeScalingPolicies")
def describe_policies(app: App, request: Members) -> Members:
    _check(request)
    names = request.get("PolicyNames")
    rows = [
        row
        for row in policies(app, request.get("ResourceId"))
        if names is None or row["name"] in names
    ]
    found, token = _page(rows, request, POLICY_PAGE)
    return {"ScalingPolicies": [_shown_policy(row) for row in found]} | token


@operation("application-autoscaling", "DeleteScalingPolicy")
def delete_policy(app: App, request: Members) -> Members:
    resource, name = _resource(request), request["PolicyName"]
    with app.store.transaction() as db:
        rows = "DELETE FROM scaling_policies WHERE resource = ? AND name = ?"
        if not db.execute(rows, (resource, name)).rowcount:
            text = f"No scaling policy found for {_named(resource)}, policy name: {name}"
            raise AwsError("ObjectNotFoundException", text)
    return {}


def targets(app: App) -> list[sqlite3.Row]:
    """All, the oldest first."""
    rows = app.store.connection().execute(
        "SELECT * FROM scaling_targets ORDER BY created, resource"
    )
    return rows.fetchall()


def policies(app: App, resource: str | None = None) -> list[sqlite3.Row]:
    rows = app.store.connection().execute(
        "SELECT * FROM scaling_policies WHERE resource = coalesce(?, resource)"
        " ORDER BY created, resource, name",
        (resource,),
    )
    return rows.fetchall()


def variant_of(resource: str) -> tuple[str, str]:
    """(endpoint, variant). Raises AwsError for anything else."""
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        raise validation(f"localaws scales endpoint/NAME/variant/NAME only, not {resource}.")
    return found[1], found[2]


def variants(app: App, endpoint: str) -> set[str]:
    """The variants of an endpoint that are targets."""
    pairs = [variant_of(row["resource"]) for row in targets(app)]
    return {variant for name, variant in pairs if name == endpoint}


def forget(app: App, endpoint: str) -> None:
    """As Amazon does when an endpoint is deleted."""
    with app.store.transaction():
        for variant in variants(app, endpoint):
            _forget(app, f"endpoint/{endpoint}/variant/{variant}")


def scaled(app: App, resource: str) -> None:
    """Note that its count has just been changed."""
    with app.store.transaction() as db:
        row = (app.clock.now().timestamp(), resource)
        db.execute("UPDATE scaling_targets SET scaled = ? WHERE resource = ?", row)


def _forget(app: App, resource: str) -> None:
    with app.store.transaction() as db:
        db.execute("DELETE FROM scaling_policies WHERE resource = ?", (resource,))
        db.execute("DELETE FROM scaling_targets WHERE resource = ?", (resource,))


def _must_scale(app: App, resource: str) -> None:
    """AwsError unless the endpoint has this variant, and it has instances."""
    endpoint, variant = variant_of(resource)
    for one in records.get(app, "endpoint", endpoint).body["Deployed"]:
        if one["VariantName"] == variant:
            if "ServerlessConfig" in one:
                raise validation(f"The variant {variant} is serverless and has no instances.")
            return
    raise validation(f"The variant {variant} is not present within endpoint {endpoint}.")


def _target(app: App, resource: str) -> sqlite3.Row | None:
    db = app.store.connection()
    found = db.execute("SELECT * FROM scaling_targets WHERE resource = ?", (resource,))
    row: sqlite3.Row | None = found.fetchone()
    return row


def _resource(request: Members) -> str:
    _check(request)
    return str(request["ResourceId"])


def _check(request: Members) -> None:
    namespace, dimension = request["ServiceNamespace"], request.get("ScalableDimension", DIMENSION)
    if (namespace, dimension) != (NAMESPACE, DIMENSION):
        raise validation(f"localaws scales {DIMENSION} only, not {namespace}, {dimension}.")


def _page(
    rows: list[sqlite3.Row], request: Members, most: int
) -> tuple[list[sqlite3.Row], Members]:
    token, size = request.get("NextToken", "0"), min(request.get("MaxResults", most), most)
    if not (token.isascii() and token.isdigit()):
        raise AwsError("InvalidNextTokenException", "The next token is invalid.")
    end = int(token) + size
    return rows[int(token) : end], {"NextToken": str(end)} if end < len(rows) else {}


def _shown_target(app: App, row: sqlite3.Row) -> Members:
    role = (
        f"arn:aws:iam::{app.account_id}:role/aws-service-role/"
        "sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    )
    return {
        **_common(row),
        "MinCapacity": row["least"],
        "MaxCapacity": row["most"],
        "RoleARN": role,
        "ScalableTargetARN": row["arn"],
    }


def _shown_policy(row: sqlite3.Row) -> Members:
    return {
        **_common(row),
        "PolicyARN": row["arn"],
        "PolicyName": row["name"],
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": json.loads(row["tracking"]),
        "Alarms": [],
    }


def _common(row: sqlite3.Row) -> Members:
    return {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": row["resource"],
        "ScalableDimension": DIMENSION,
        "CreationTime": datetime.fromtimestamp(row["created"], UTC),
    }


def _missing(what: str, resource: str) -> AwsError:
    return AwsError("ObjectNotFoundException", f"No scalable target {what} for {_named(resource)}")


def _named(resource: str) -> str:
    return (
        f"service namespace: {NAMESPACE}, resource ID: {resource}, scalable dimension: {DIMENSION}"
    )


def _arn(app: App, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{app.region}:{app.account_id}:{rest}"
