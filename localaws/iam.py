"""IAM, as far as SageMaker clients ask: every role exists, everything is allowed."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from localaws.app import App
from localaws.wire import operation

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@operation("iam", "GetRole")
def get_role(app: App, request: dict[str, Any]) -> dict[str, Any]:
    name = request["RoleName"]
    digest = hashlib.sha256(name.encode()).hexdigest()[:17].upper()
    return {
        "Role": {
            "Path": "/",
            "RoleName": name,
            "RoleId": f"AROA{digest}",
            "Arn": f"arn:aws:iam::{app.account_id}:role/{name}",
            "CreateDate": EPOCH,
            "AssumeRolePolicyDocument": quote(json.dumps(TRUST)),
            "MaxSessionDuration": 3600,
        }
    }


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(app: App, request: dict[str, Any]) -> dict[str, Any]:
    resources = request.get("ResourceArns") or ["*"]
    results = [
        {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": "allowed"}
        for action in request["ActionNames"]
        for resource in resources
    ]
    return {"EvaluationResults": results, "IsTruncated": False}
