import ast
from statistics import median

from tests.architecture.sources import PRODUCT, ROOT, python_files, shown

FUNCTION, MEDIAN_FUNCTION, MODULE, TEMPLATE = 40, 10, 400, 150
EVERYTHING = (*PRODUCT, "tests", "bench")


def functions(path):
    """(name, lines from `def` to the end) of each function in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_its_budget():
    too_long = [
        f"{shown(path)} {name}: {lines} lines"
        for path in python_files(*EVERYTHING)
        for name, lines in functions(path)
        if lines > FUNCTION
    ]
    assert not too_long


def test_most_functions_are_short():
    lines = [lines for path in python_files(*PRODUCT) for _, lines in functions(path)]
    assert median(lines) <= MEDIAN_FUNCTION


def test_no_module_is_longer_than_its_budget():
    counted = {shown(path): path.read_text().count("\n") for path in python_files(*EVERYTHING)}
    assert not {name: lines for name, lines in counted.items() if lines > MODULE}


def test_no_template_is_longer_than_its_budget():
    templates = (ROOT / "templates").rglob("*.html")
    counted = {shown(path): path.read_text().count("\n") for path in templates}
    assert not {name: lines for name, lines in counted.items() if lines > TEMPLATE}
