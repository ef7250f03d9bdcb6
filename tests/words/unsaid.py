"""Finds texts in the sources that a person could read and that no catalogue knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TRANSLATED = {"_", "n_", "mark"}
FOR_PROGRAMMERS = {
    "ValueError", "TypeError", "RuntimeError", "AttributeError", "KeyError", "AssertionError", "NotImplementedError",
    "compile", "fullmatch", "search", "match", "sub", "findall",  # patterns
    "option", "argument", "command", "group", "version_option",  # help: collected from the commands themselves
    "execute", "executescript", "query", "query_one", "create_task", "debug", "info", "warning", "error", "exception",
    "Malformed",  # counted by code
}  # fmt: skip
NOT_WORDS = re.compile(
    r"</?[a-z!][^>]*>?|[a-z-]+='[^']*'?|pip install .*|kneeimu programme new my-.*|kneeimu [a-z]+|default-src .*"
    r"|(select|delete|create|alter)\b.*|.*\bvalue_json\b.*",
    re.DOTALL | re.IGNORECASE,
)
"""Markup, commands to type, and what databases and Home Assistant's templates are told."""
WORDS = re.compile(r"[A-Za-z]{2,}[,;:.?]? +[a-z]{2,}", re.ASCII)


def unsaid(path: Path) -> Iterator[tuple[int, str]]:
    """Give line and text of every literal with two words in it that is not marked for translation."""
    yield from _in_node(ast.parse(path.read_text(encoding="utf-8")))


def _in_node(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call) and _name(node.func) in TRANSLATED | FOR_PROGRAMMERS:
        return
    if isinstance(node, ast.Expr) and _text(node.value) is not None:
        return  # documentation
    if isinstance(node, ast.Assign | ast.AnnAssign) and _is_style(node):
        return
    if isinstance(node, ast.arg | ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef):
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns"):
                yield from _in_values(value)
        return
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
        return
    if isinstance(node, ast.keyword) and node.arg in ("classes", "where", "name", "id"):
        return
    if isinstance(node, ast.Call) and _name(node.func) == "cast":
        yield from _in_values(node.args[1:])
        return
    text = _text(node)
    if text is not None and WORDS.search(NOT_WORDS.sub(" ", text)):
        assert isinstance(node, ast.expr)
        yield node.lineno, text
    for _field, value in ast.iter_fields(node):
        if text is None or isinstance(node, ast.JoinedStr):
            yield from _in_values([one for one in value if not isinstance(one, ast.Constant)] if text else value)


def _in_values(value: object) -> Iterator[tuple[int, str]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, ast.AST):
            yield from _in_node(one)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    return None


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _is_style(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(one, ast.Name) and "CSS" in one.id for one in targets)
