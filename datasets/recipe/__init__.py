"""A recipe from table to channels: defined, checked against a profile, planned."""

from datasets.recipe.algorithms import ALGORITHMS, Algorithm
from datasets.recipe.check import check
from datasets.recipe.definition import Definition, parse
from datasets.recipe.errors import BadRecipe
from datasets.recipe.made import Recipe
from datasets.recipe.plan import Plan, plan
from datasets.recipe.targets import (
    class_counts,
    class_name,
    in_order,
    likely_target,
    task_of,
)

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "BadRecipe",
    "Definition",
    "Plan",
    "Recipe",
    "check",
    "class_counts",
    "class_name",
    "in_order",
    "likely_target",
    "parse",
    "plan",
    "task_of",
]
