"""What drf-spectacular cannot see: the problems that every address may answer, and the operators' three addresses."""

from typing import Any

from config.problems import CONTENT_TYPE, KINDS

Schema = dict[str, Any]

_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "enum": [f"urn:whistle:problem:{code}" for code, _ in KINDS.values()]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "Field → messages",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "allowed_actions": {
            "type": "array",
            "description": "With 409: what you may do instead",
            "items": {"type": "string"},
        },
    },
}
_EXAMPLES: dict[int, Schema] = {
    400: {"detail": "Some fields cannot be taken as they are.", "errors": {"title": ["This field is required."]}},
    409: {
        "detail": "The case is “Handling” now, which does not allow this action. Nothing was changed.",
        "allowed_actions": ["finish", "acknowledge"],
    },
}


def keep_enums_plain(result: Schema, **_: Any) -> Schema:
    """Closed lists stand where they are used: the same word (`kind`, `state`) names different lists here."""
    _drop(result, "x-spec-enum-id")
    return result


def _drop(node: Any, key: str) -> None:
    if isinstance(node, dict):
        node.pop(key, None)
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _drop(inner, key)


def add_problems(result: Schema, **_: Any) -> Schema:
    """Each operation gets the problems that it may answer."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["responses"] = {f"Problem{status}": _response(status) for status in KINDS}
    for address, methods in result["paths"].items():
        for operation in methods.values():
            for status in _statuses(address, operation):
                operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    return result


def add_operations(result: Schema, **_: Any) -> Schema:
    """/healthz, /readyz and /statusz are plain pages of Django, outside /api/."""
    check = {
        "type": "object",
        "required": ["status", "detail"],
        "additionalProperties": False,
        "properties": {
            "status": {"type": "string", "enum": ["ok", "warning", "failing"]},
            "detail": {"type": "string"},
        },
    }
    report = {
        "type": "object",
        "required": ["status", "checks"],
        "additionalProperties": False,
        "properties": {
            "status": {"type": "string", "enum": ["ok", "warning", "failing"]},
            "checks": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Check"}},
        },
    }
    result["components"]["schemas"] |= {"Check": check, "Health": report}
    result["paths"] |= {
        "/healthz": _page("healthz", "The process lives", failing=False),
        "/readyz": _page("readyz", "The database answers and migrations are applied: send traffic", failing=True),
        "/statusz": _page("statusz", "Everything that keeps time, each with ok, warning or failing", failing=True),
    }
    return result


_OF_OPERATION = {
    "case_collect": [403, 409],
    "attachment_send": [403, 409],
    "petitioner_unseal": [403, 409],
    "case_preview": [409],
    "area_at": [404],
    "stats_overview": [403],
    "stats_departments": [403],
    "stats_areas": [403],
    "stats_alerts": [403],
    "public_collect": [409],
    "public_lookup": [404],
    "public_rate": [409],
    "public_withdraw": [404, 409],
}


def _statuses(address: str, operation: Schema) -> list[int]:
    statuses = [400, 406, 500, 503]
    if any(operation.get("security", [])):
        statuses.append(401)
    if "{" in address:
        statuses.append(404)
    if "requestBody" in operation:
        statuses += [413, 415]
    if address.endswith("/auth/login/"):
        statuses += [401, 429]
    if "/public/" in address:
        statuses.append(429)
    statuses += _OF_OPERATION.get(operation["operationId"], [])
    if "/actions/" in address:
        statuses += [403, 409, 412]
    return sorted(set(statuses))


def _response(status: int) -> Schema:
    code, title = KINDS[status]
    example = {
        "type": f"urn:whistle:problem:{code}",
        "title": str(title),
        "status": status,
        **_EXAMPLES.get(status, {}),
    }
    headers: Schema = {}
    if status in (429, 503):
        headers["Retry-After"] = {"description": "Seconds", "schema": {"type": "integer"}}
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {"description": str(title), **({"headers": headers} if headers else {}), "content": content}


def _page(name: str, summary: str, *, failing: bool) -> Schema:
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
    responses: Schema = {"200": {"description": "Well enough", "content": body}}
    if failing:
        responses["503"] = {"description": "Something fails", "content": body}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": ["operations"],
            "security": [],
            "responses": responses,
        }
    }
