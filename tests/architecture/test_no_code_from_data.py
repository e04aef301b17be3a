"""Nothing that comes from a user, a file or a queue is ever run."""

import ast

import pytest

from tests.architecture.sources import PRODUCT, dotted, python_files, shown

MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "jsonpickle"}
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput"}
METHODS = {"read_pickle", "to_pickle", "unsafe_load", "full_load"}
UNPACKERS = {"extractall", "unpack_archive"}


def offences(source):
    """(line, what) of everything in `source` that could run or unpack foreign content."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if _top(a.name) in MODULES)
        elif isinstance(node, ast.ImportFrom) and _top(node.module or "") in MODULES:
            yield node.lineno, node.module
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, what) for what in _wrong_with(node))


def _top(module):
    return module.split(".")[0]


def _wrong_with(call):
    name = dotted(call.func)
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if name in CALLS or method in METHODS:
        yield name or method
    if name == "yaml.load":
        yield "yaml.load: use yaml.safe_load"
    if given.get("shell", "False") != "False":
        yield "shell"
    if given.get("allow_pickle", "False") != "False":
        yield "allow_pickle"
    if method in UNPACKERS and given.get("filter") != "'data'":
        yield f"{method} without filter='data'"


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "eval('1')",
        "import os; os.system('ls')",
        "subprocess.run('ls', shell=True)",
        "subprocess.run('ls', shell=flag)",
        "yaml.load(text)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
        "tar.extractall(path)",
        "tar.extractall(path, filter='fully_trusted')",
    ],
)
def test_it_recognises(source):
    assert list(offences(source))


@pytest.mark.parametrize(
    "source", ["yaml.safe_load(text)", "re.compile('a')", "tar.extractall(path, filter='data')"]
)
def test_it_allows(source):
    assert not list(offences(source))


def test_nothing_runs_what_it_reads():
    found = [
        f"{shown(path)}:{line} {what}"
        for path in python_files(*PRODUCT, "bench")
        for line, what in offences(path.read_text())
    ]
    assert not found
