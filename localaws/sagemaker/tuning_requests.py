"""What CreateHyperParameterTuningJob refuses."""

from __future__ import annotations

from typing import Any

from localaws.algorithms import programs
from localaws.app import App
from localaws.engine.tuning import definitions, endings, space, strategies
from localaws.engine.tuning.definitions import Definition
from localaws.errors import validation
from localaws.sagemaker import training_requests

Members = dict[str, Any]


def check(app: App, request: Members) -> int:
    """How many trials there will be at most. Raises AwsError."""
    if ("TrainingJobDefinition" in request) == ("TrainingJobDefinitions" in request):
        raise validation("Exactly one of TrainingJobDefinition, TrainingJobDefinitions is needed.")
    config = request["HyperParameterTuningJobConfig"]
    _check_objectives(request, config)
    every = definitions.of(request)
    names = [definition.name for definition in every]
    if len(every) > 1 and (not all(names) or len(set(names)) < len(names)):
        raise validation("Every training job definition needs a DefinitionName of its own.")
    for definition in every:
        _check_definition(app, definition)
    _check_strategy(request, config)
    return _most(config, every)


def _check_objectives(request: Members, config: Members) -> None:
    given = request.get("TrainingJobDefinitions") or [request["TrainingJobDefinition"]]
    everywhere = all("TuningObjective" in definition for definition in given)
    if not everywhere and "HyperParameterTuningJobObjective" not in config:
        raise validation("HyperParameterTuningJobObjective is required.")


def _check_definition(app: App, definition: Definition) -> None:
    try:
        names = {parameter.name for parameter in definition.space()}
    except space.BadRange as error:
        raise validation(str(error)) from error
    if both := sorted(names & definition.static.keys()):
        raise validation(f"Hyperparameters can not be both static and tuned: [{', '.join(both)}].")
    members = definition.members
    if "ResourceConfig" not in members and "HyperParameterTuningResourceConfig" not in members:
        raise validation("ResourceConfig or HyperParameterTuningResourceConfig is required.")
    _check_metric(definition)
    training_requests.check_data(app, members)


def _check_metric(definition: Definition) -> None:
    """Built-in images report known metrics, others those of their MetricDefinitions."""
    given = training_requests.specification(
        definition.members["AlgorithmSpecification"], definition.static
    )
    metric = definition.objective["MetricName"]
    built_in = programs.built_in(definition.image, definition.static)
    known = {item["Name"] for item in given.get("MetricDefinitions", [])}
    if built_in is not None:
        known |= {name for name, _ in built_in.metrics}
    if metric not in known:
        raise validation(
            f"The objective metric, [{metric}], isn't valid for the [{definition.image}] "
            f"algorithm. Choose a valid objective metric: [{', '.join(sorted(known))}]."
        )


def _check_strategy(request: Members, config: Members) -> None:
    strategy = config["Strategy"]
    if strategy != "Hyperband":
        if "StrategyConfig" in config:
            raise validation(f"StrategyConfig is for Hyperband, not for {strategy}.")
        return
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise validation(
            "TrainingJobEarlyStoppingType must be Off for Hyperband, which has its own early "
            "stopping."
        )
    try:
        endings.resources(request)
    except ValueError:
        raise validation(
            "Hyperband needs MinResource not above MaxResource. Give MaxResource, or one of the "
            f"static hyperparameters [{', '.join(definitions.EPOCHS)}]."
        ) from None


def _most(config: Members, every: list[Definition]) -> int:
    given: int | None = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    if config["Strategy"] != "Grid":
        if given is None:
            raise validation("MaxNumberOfTrainingJobs is required.")
        return given
    spaces = [definition.space() for definition in every]
    if len(spaces) > 1 or not all(isinstance(item, space.Categorical) for item in spaces[0]):
        raise validation("Grid tunes categorical hyperparameters of one definition only.")
    size = strategies.grid_size(spaces[0])
    if given not in {None, size}:
        raise validation(
            f"MaxNumberOfTrainingJobs is {given}, but the grid has {size} combinations. Leave it "
            "out or set it to the number of combinations."
        )
    return size
