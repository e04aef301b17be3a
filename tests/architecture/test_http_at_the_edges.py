"""Requests and answers stay in views, APIs and middleware: steps take and return plain values."""

import ast

from tests.architecture.sources import PRODUCT, python_files, shown

HTTP = ("django.http", "django.shortcuts", "ninja", "django.contrib.messages")
EDGES = {"views", "api", "public", "urls", "public_urls", "admin"}
# What Django or allauth calls with a request.
HOOKS = {
    "core/http.py",
    "core/middleware.py",
    "core/health.py",
    "core/context.py",
    "core/accounts.py",
}


def is_edge(path):
    return (
        bool(EDGES & {*path.parts, path.stem})
        or shown(path) in HOOKS
        or "mlconsole/" in shown(path)
    )


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_step_knows_http():
    inside = [path for path in python_files(*PRODUCT) if not is_edge(path)]
    assert len(inside) > 50
    assert not {
        f"{shown(path)}: {module}"
        for path in inside
        for module in imported(path.read_text())
        if module.startswith(HTTP)
    }
