"""A typed Python client out of the OpenAPI document: what a stranger's generator makes of it, in one page.

`client_of(document)` is the text of a module: a TypedDict for each schema and a `Client` with a method for each
operation, which sends through a function that its user brings. A schema that says nothing of its content is refused:
a client could only call it `Any`.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

_HEAD: Final = '''"""Made from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, Protocol, TypeAlias, TypedDict, cast


class Send(Protocol):
    def __call__(
        self, method: str, path: str, *, query: Mapping[str, object], headers: Mapping[str, object], body: object
    ) -> object: ...
'''
_CLIENT: Final = """

class Client:
    def __init__(self, send: Send) -> None:
        self._send = send
"""
_SIMPLE: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


class Untyped(Exception):
    """A schema of which no type can be told."""


def client_of(document: dict[str, Any]) -> str:
    lines = [_HEAD]
    for name, schema in document["components"]["schemas"].items():
        lines += _named(name, schema)
    lines.append(_CLIENT)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            lines += _operation(path, method, operation)
    return "\n".join(lines) + "\n"


def _named(name: str, schema: dict[str, Any]) -> list[str]:
    if not schema.get("properties"):
        return ["", "", f"{name}: TypeAlias = {type_of(schema)!r}"]
    wanted = set(schema.get("required", []))
    fields = []
    for field, inner in schema["properties"].items():
        told = type_of(inner)
        fields.append(f"    {field}: {told if field in wanted else f'NotRequired[{told}]'}")
    return ["", "", f"class {name}(TypedDict):", *fields]


def type_of(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"
    for many in ("oneOf", "anyOf", "allOf"):  # the last holds one part, with words beside it
        if many in schema:
            return _either(type_of(part) for part in schema[many])
    if schema.get("format") == "binary":
        return "bytes"
    kinds = schema.get("type", [])
    return _either(_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _kind(kind: str, schema: dict[str, Any]) -> str:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    inner = schema.get("items" if kind == "array" else "additionalProperties")
    if isinstance(inner, dict):
        return f"list[{type_of(inner)}]" if kind == "array" else f"dict[str, {type_of(inner)}]"
    if kind == "object" and (inner is True or not schema.get("properties", True)):
        return (
            "dict[str, object]"  # it takes more than it names, as what a phone did offline; or nothing, as some actions
        )
    msg = f"{schema} says nothing of its content"
    raise Untyped(msg)


def _either(parts: Iterator[str]) -> str:
    told = " | ".join(dict.fromkeys(parts))
    if not told:
        raise Untyped("a schema without a type")
    return told


def _operation(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    parameters = operation.get("parameters", [])
    given = [f"{_python(p['name'])}: {type_of(p['schema'])}" for p in parameters if p["in"] == "path"]
    content = operation.get("requestBody", {}).get("content", {})
    given += [f"body: {type_of(next(iter(content.values()))['schema'])}"] if content else []
    given += [f"{_python(p['name'])}: {type_of(p['schema'])} | None = None" for p in parameters if p["in"] != "path"]
    answer = _answer(operation["responses"])
    where = "f" if "{" in path else ""
    sent = [f"{kind}={_sent(parameters, place)}" for kind, place in (("query", "query"), ("headers", "header"))]
    asked = ", ".join([*sent, f"body={'body' if content else 'None'}"])
    return [
        "",
        f"    def {operation['operationId']}({', '.join(['self', *(['*', *given] if given else [])])}) -> {answer}:",
        f"        answer = self._send({method.upper()!r}, {where}{path!r}, {asked})",
        "        assert answer is None" if answer == "None" else f'        return cast("{answer}", answer)',
    ]


def _answer(responses: dict[str, Any]) -> str:
    good = [response for status, response in responses.items() if status.startswith("2")]
    kinds = [kind for response in good for kind in response.get("content", {}).values()]
    return _either(type_of(kind["schema"]) for kind in kinds) if kinds else "None"


def _sent(parameters: list[dict[str, Any]], place: str) -> str:
    pairs = [f"{p['name']!r}: {_python(p['name'])}" for p in parameters if p["in"] == place]
    return "{" + ", ".join(pairs) + "}"


def _python(name: str) -> str:
    return re.sub(r"\W", "_", name).lower()
