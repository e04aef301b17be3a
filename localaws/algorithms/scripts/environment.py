"""The `SM_*` variables of a script.

https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws.algorithms.container import Container
from localaws.algorithms.scripts import request


def variables(job: Container, code: Path, program: str, framework: str) -> dict[str, str]:
    """Everything below the job's base directory, whatever it is."""
    own, toolkit = request.split(request.decoded(job.hyperparameters()))
    values = _places(job, code) | _cluster(job) | _program(code, program, framework)
    values |= {
        "channels": sorted(job.channels()),
        "framework_params": toolkit,
        "hps": own,
        "input_data_config": job.channels(),
        "log_level": toolkit.get("sagemaker_container_log_level", 20),
        "user_args": request.arguments(own),
    }
    values["training_env"] = values | {"job_name": os.environ.get("TRAINING_JOB_NAME", "")}
    values |= {f"channel_{name}": str(job.channel(name)) for name in job.channels()}
    values |= {f"hp_{name}": value for name, value in own.items()}
    return {f"SM_{name.upper()}": _text(value) for name, value in values.items()}


def _places(job: Container, code: Path) -> dict[str, Any]:
    return {
        "input_config_dir": str(job.base / "input" / "config"),
        "input_dir": str(job.base / "input"),
        "model_dir": str(job.model),
        "module_dir": str(code),
        "output_data_dir": str(job.base / "output" / "data"),
        "output_dir": str(job.base / "output"),
        "output_intermediate_dir": str(job.base / "output" / "intermediate"),
    }


def _cluster(job: Container) -> dict[str, Any]:
    resources = job.resources()
    groups: list[Mapping[str, Any]] = resources["instance_groups"]
    return {
        "current_host": resources["current_host"],
        "current_instance_group": resources["current_group_name"],
        "current_instance_group_hosts": resources["hosts"],
        "current_instance_type": resources["current_instance_type"],
        "distribution_instance_groups": [],
        "hosts": resources["hosts"],
        "instance_groups": [group["instance_group_name"] for group in groups],
        "instance_groups_dict": {group["instance_group_name"]: group for group in groups},
        "is_hetero": False,
        "is_master": True,
        "network_interface_name": resources["network_interface_name"],
        "num_cpus": int(os.environ.get("SM_NUM_CPUS", "1")),
        "num_gpus": 0,
        "num_neurons": 0,
        "resource_config": resources,
    }


def _program(code: Path, program: str, framework: str) -> dict[str, Any]:
    return {
        "framework_module": f"{framework}.training:main",
        "module_name": Path(program).stem if program.endswith(".py") else program,
        "user_entry_point": program,
        "module_dir": str(code),
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
