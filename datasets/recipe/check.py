"""Whether and how a profiled table can be prepared: checked here once, for page, API and worker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datasets import split
from datasets.recipe import features as columns_of
from datasets.recipe import targets
from datasets.recipe.algorithms import ALGORITHMS, CLASSES, CLUSTERING, Algorithm
from datasets.recipe.definition import Definition, parse
from datasets.recipe.errors import BadRecipe
from datasets.recipe.made import Recipe
from datasets.recipe.plan import plan
from datasets.recipe.targets import Column

Errors = dict[str, list[str]]
Table = Sequence[Column]
FILES = {"validation": "validation_dataset", "test": "test_dataset"}


def check(  # noqa: PLR0913  # a recipe's parts, all by name
    columns: Table,
    rows: int,
    *,
    target: str,
    algorithm: str,
    fractions: tuple[float, float, float],
    stratify: bool = True,
    recipe: Mapping[str, Any] | None = None,
    files: Mapping[str, tuple[Table, int]] | None = None,
) -> Recipe:
    """The recipe for a table of `rows` rows with the profile `columns`; BadRecipe by field.

    `recipe` is what `definition.parse` reads, `files` the profiles and rows of splits that come
    from files of their own. The fields are target, algorithm, train, validation, test,
    validation_dataset, test_dataset, and those that `parse` names.
    """
    wish, bad_wish = _parsed(recipe or {})
    shares, bad_shares = _shares(fractions)
    # The rest is checked as for the default: every wrong field is named at once.
    entry = ALGORITHMS.get(algorithm) or ALGORITHMS["xgboost"]
    wish, format_, bad_format = _formatted(wish, entry)
    asked = _Asked(columns, rows, target, entry, wish, shares, files or {})
    chosen, bad_columns = asked.features(format_)
    found = asked.recipe(chosen, algorithm, format_)
    errors = _merged(
        _unknown_algorithm(algorithm),
        bad_wish,
        bad_shares,
        asked.bad_target(),
        asked.bad_classes(),
        asked.bad_split() if "split_column" not in bad_wish else {},
        bad_format,
        bad_columns,
        _bad_files(found, asked.files),
    )
    if errors:
        raise BadRecipe(errors)
    _refuse_empty(found, asked.column, rows, stratify=stratify)
    return found


def _merged(*found: Errors) -> Errors:
    merged: Errors = {}
    for errors in found:
        for name, texts in errors.items():
            merged.setdefault(name, []).extend(texts)
    return merged


def _parsed(given: Mapping[str, Any]) -> tuple[Definition, Errors]:
    try:
        return parse(given), {}
    except BadRecipe as problem:
        return Definition(), problem.errors


def _shares(fractions: tuple[float, float, float]) -> tuple[split.Fractions, Errors]:
    try:
        return split.fractions(*fractions), {}
    except split.BadFractions as error:
        return split.Fractions(), {error.field: [error.message]}


def _unknown_algorithm(name: str) -> Errors:
    if name in ALGORITHMS:
        return {}
    return {"algorithm": [f"“{name}” is not known. Known: {', '.join(ALGORITHMS)}."]}


def _formatted(wish: Definition, entry: Algorithm) -> tuple[Definition, str, Errors]:
    """The wish as the algorithm takes it, its format, and what it cannot take."""
    errors: Errors = {}
    format_ = wish.format or entry.formats[0]
    if format_ not in entry.formats:
        errors["format"] = [f"{entry.title} is prepared for in {' or '.join(entry.formats)}."]
        format_ = entry.formats[0]
    if format_ == "blazingtext" and wish.text:
        wish = replace(wish, text=replace(wish.text, do="blazingtext"))
    elif format_ == "blazingtext":
        errors["text_column"] = ["Choose the column of texts."]
    elif wish.text and wish.text.do == "blazingtext":
        errors["text"] = [f"{entry.title} does not read BlazingText lines."]
    return wish, format_, errors


@dataclass(frozen=True)
class _Asked:
    """What is asked of a table; each question answers with what is wrong, by field."""

    columns: Table
    rows: int
    target: str
    entry: Algorithm
    wish: Definition
    shares: split.Fractions
    files: Mapping[str, tuple[Table, int]]

    def named(self, name: str) -> Column | None:
        return next((column for column in self.columns if column["name"] == name), None)

    @property
    def column(self) -> Column | None:
        return self.named(self.target)

    @property
    def divider(self) -> Column | None:
        return self.named(self.wish.split.column)

    def task(self) -> tuple[str, bool]:
        """The task, and whether the target's values are classes."""
        learned = targets.task_of(self.column) if self.column else ""
        return ("clustering" if self.entry.tasks == CLUSTERING else learned), learned in CLASSES

    def bad_target(self) -> Errors:
        if self.column:
            problem = targets.problem(self.column, self.rows) or self._unfit_task()
        elif self.target:
            problem = targets.unknown(self.target, self.columns)
        elif self.entry.needs_target:
            problem = "Choose the column to predict."
        else:
            problem = targets.too_few(self.rows)
        return {"target": [problem]} if problem else {}

    def _unfit_task(self) -> str:
        task, has_classes = self.task()
        if task in self.entry.tasks:
            return ""
        is_what = f"{self.column['unique']:,} classes" if has_classes and self.column else "numbers"
        can = " or ".join(self.entry.tasks)
        return f"{self.entry.title} learns {can}; “{self.target}” has {is_what}."

    def bad_classes(self) -> Errors:
        wanted = {"rare": self.wish.rare is not None, "sample": self.wish.sample != "none"}
        _, has_classes = self.task()
        if has_classes or (self.column is None and self.entry.needs_target):
            return {}
        why = f"“{self.target}” has no classes." if self.column else "There are no classes."
        return {name: [why] for name, is_wanted in wanted.items() if is_wanted}

    def bad_split(self) -> Errors:
        by, name = self.wish.split.by, self.wish.split.column
        if by == "files" and not self.files:
            return {"split": ["Choose the file of the validation or test rows."]}
        if by != "files" and self.files:
            return {FILES[given]: ["Only for a division by given files."] for given in self.files}
        if self.divider is None and name:
            return {"split_column": [targets.unknown(name, self.columns)]}
        if by in ("time", "group") and self.wish.rare and self.wish.rare.do == "train":
            return {"rare": ["To keep classes in training, rows must be divided at random."]}
        why = self._bad_divider(self.divider, by) if self.divider else ""
        return {"split_column": [why]} if why else {}

    def _bad_divider(self, column: Column, by: str) -> str:
        name = column["name"]
        if name == self.target:
            return "This is the column to predict."
        if column["missing"] > targets.DROPPABLE * self.rows:
            return f"{column['missing']:,} of {self.rows:,} rows have no value here."
        if by == "time" and column["dtype"] not in ("date", "integer", "number"):
            return f"“{name}” holds neither dates (such as 2024-05-31) nor numbers."
        if by == "group" and column["unique"] < sum(share > 0 for share in self.shares):
            return f"It has {column['unique']} different values: fewer groups than splits."
        return ""

    def features(self, format_: str) -> tuple[columns_of.Columns, Errors]:
        tables = [self.columns, *(table for table, _ in self.files.values())]
        chosen, errors = columns_of.choose(
            self.columns,
            self.rows,
            self.wish,
            kept_out=self._kept_out(),
            whole=columns_of.missing_of(tables),
            gaps=None if format_ in self.entry.gaps else self.entry,
        )
        if not chosen.features:
            lacking = {"target": ["No usable feature column is left besides it."]}
            errors = _merged(errors, lacking)
        return chosen, errors

    def recipe(self, chosen: columns_of.Columns, algorithm: str, format_: str) -> Recipe:
        task, has_classes = self.task()
        return Recipe(
            fractions=self.shares,
            task=task,
            rows=self.rows,
            features=chosen.features,
            left_out=chosen.left_out,
            target=self.target,
            dtype=str(self.column["dtype"]) if self.column else "",
            split_dtype=str(self.divider["dtype"]) if self.divider else "",
            undivided=int(self.divider["missing"]) if self.divider else 0,
            algorithm=algorithm,
            format=format_,
            definition=self.wish,
            rules=chosen.rules,
            files={name: count for name, (_, count) in self.files.items()},
            has_classes=has_classes,
        )

    def _kept_out(self) -> dict[str, str]:
        name, by = self.wish.split.column, self.wish.split.by
        reason = "rows are divided by it" if by == "time" else "it groups the rows"
        divider = {} if not name or name in self.wish.columns_in else {name: reason}
        return divider | {self.target: ""}


def _bad_files(found: Recipe, files: Mapping[str, tuple[Table, int]]) -> Errors:
    texts = {
        FILES[name]: columns_of.lacking(found.needed, table) for name, (table, _) in files.items()
    }
    return {name: [text] for name, text in texts.items() if text}


def _refuse_empty(found: Recipe, column: Column | None, rows: int, *, stratify: bool) -> None:
    planned = plan(found, column, rows, stratify=stratify).splits
    wanted = found.shares._asdict()
    if empty := {name for name, share in wanted.items() if share and not planned[name]}:
        raise BadRecipe({name: ["Would get no row: give it more, or nothing."] for name in empty})
