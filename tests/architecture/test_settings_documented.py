"""`.env.example` names every setting that the code or the compose file reads, and no other."""

import ast
import re

from tests.architecture.sources import PRODUCT, ROOT, dotted, python_files

READERS = {"env", "os.environ", "env.ENVIRON", "environ"}
# Names that this project gives to its own processes; nobody sets them by hand.
INTERNAL = {
    "DJANGO_SETTINGS_MODULE",
    "MLCONSOLE_ALLOW_SCRIPTS",
    "MLCONSOLE_FAILPOINT",
    "NO_PROXY",
    "PYTHONUNBUFFERED",
}
# Read by boto3, or, the region, by both.
BY_BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"}
SAME_AS = {"AWS_DEFAULT_REGION": "AWS_REGION"}
NAME = re.compile(r"[A-Z][A-Z0-9_]+")


def names_read(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _base(node.func) in READERS and node.args:
            yield _constant(node.args[0])
        elif isinstance(node, ast.Subscript) and dotted(node.value) in READERS:
            yield _constant(node.slice)
        elif isinstance(node, ast.Compare) and dotted(node.comparators[0]) in READERS:
            yield _constant(node.left)


def _base(function):
    return dotted(function).rpartition(".")[0]


def _constant(node):
    value = node.value if isinstance(node, ast.Constant) else ""
    return value if isinstance(value, str) and NAME.fullmatch(value) else ""


def read_by_code():
    files = [path for path in python_files(*PRODUCT) if "localaws" not in path.parts]
    return {name for path in files for name in names_read(path.read_text())} - {""} - INTERNAL


def read_by_compose():
    text = (ROOT / "docker-compose.yml").read_text()
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text)) | set(
        re.findall(r"^ {4}([A-Z_]+):$", text, re.MULTILINE)
    )


def documented():
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def test_it_sees_every_way_of_reading():
    source = (
        "env.str('A_A', default=''); os.environ.get('B_B'); os.environ['C_C']; 'D_D' in env.ENVIRON"
    )
    assert set(names_read(source)) == {"A_A", "B_B", "C_C", "D_D"}


def test_every_setting_is_documented():
    read = {SAME_AS.get(name, name) for name in read_by_code() | read_by_compose()}
    assert not read - BY_BOTO3 - documented()


def test_every_documented_setting_is_read():
    assert not documented() - read_by_code() - read_by_compose() - BY_BOTO3


def test_it_holds_no_secret():
    text = (ROOT / ".env.example").read_text()
    assert not re.findall(r"^#?\w*(?:SECRET|PASSWORD|TOKEN|ACCESS_KEY)\w*=\S", text, re.MULTILINE)
