"""docker-compose.yml against the part of the Compose specification that it uses, and against this repository.

No Docker engine is asked: what was never run is said in docs/operations.md.
"""

import importlib.util
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SECRETS = ["SECRET_KEY", "FIELD_KEYS", "CODE_KEYS", "POSTGRES_PASSWORD", "REDIS_PASSWORD"]
STRINGS = {"type": "array", "items": {"type": "string"}}
DURATION = {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image", "healthcheck", "restart"],
    "properties": {
        "build": {"const": "."},
        "image": {"type": "string"},
        "init": {"type": "boolean"},
        "read_only": {"type": "boolean"},
        "tmpfs": STRINGS,
        "cap_drop": STRINGS,
        "security_opt": STRINGS,
        "restart": {"enum": ["no", "always", "unless-stopped", "on-failure"]},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "command": STRINGS,
        "ports": STRINGS,
        "volumes": STRINGS,
        "profiles": STRINGS,
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["condition"],
                "properties": {
                    "condition": {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}
                },
                "additionalProperties": False,
            },
        },
        "healthcheck": {
            "type": "object",
            "required": ["test", "interval", "timeout", "retries"],
            "properties": {
                "test": {**STRINGS, "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}], "minItems": 2},
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer", "minimum": 1},
            },
            "additionalProperties": False,
        },
    },
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "required": ["services"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object"},
    },
}


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


def test_the_file_holds_to_the_schema(text: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(yaml.safe_load(text))


def test_its_services(services: dict[str, Any]) -> None:
    assert set(services) == {"db", "redis", "migrate", "web", "worker", "courier", "beat", "watchdog"}
    assert [name for name, service in services.items() if "profiles" in service] == ["watchdog"]


def test_the_watchdog_waits_for_nothing_that_it_watches(services: dict[str, Any]) -> None:
    watchdog = services["watchdog"]
    assert watchdog["depends_on"] == {}
    folder = watchdog["environment"]["WHISTLE_DATA"]
    assert watchdog["volumes"] == [f"watchdog:{folder}"]
    assert f"{folder}/production/watchdog.json" in watchdog["healthcheck"]["test"][-1]


def test_parts_wait_for_servers_and_migrations(services: dict[str, Any]) -> None:
    expected = {"db": "service_healthy", "redis": "service_healthy", "migrate": "service_completed_successfully"}
    for name in ("web", "worker", "courier", "beat"):
        waits = {other: entry["condition"] for other, entry in services[name]["depends_on"].items()}
        assert waits == expected
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}


def test_every_secret_is_required_wherever_it_is_named(text: str) -> None:
    for secret in SECRETS:
        uses = re.findall(rf"\$\{{{secret}[^}}]*\}}", text)
        assert uses
        assert all(use.startswith(f"${{{secret}:?") for use in uses)


def test_every_variable_is_explained_in_the_example(text: str) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    required = set(re.findall(r"(?<!\$)\$\{([A-Z_]+):\?", text))
    assert required == {*SECRETS, "ALLOWED_HOSTS"}
    assert required <= set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_production_mode_is_said_and_nothing_is_published_but_the_page(services: dict[str, Any]) -> None:
    assert all(services[name]["environment"]["WHISTLE_MODE"] == "production" for name in ("migrate", "web", "worker"))
    assert [name for name, service in services.items() if "ports" in service] == ["web"]
    assert services["web"]["ports"] == ["${HOST:-127.0.0.1}:${PORT:-8000}:8000"]


def test_the_commands_exist(services: dict[str, Any]) -> None:
    commands = [services[name]["command"] for name in ("migrate", "worker", "courier", "beat")]
    commands += [services[name]["healthcheck"]["test"][1:] for name in ("migrate", "worker", "courier", "beat")]
    for command in commands:
        assert command[0] == "python"
        if command[1] == "-m":
            assert importlib.util.find_spec(command[2]) is not None
        else:
            assert (ROOT / command[1]).is_file()


def test_the_image_runs_as_an_ordinary_user_with_hashed_packages() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER whistle"]
    assert any("--require-hashes --no-deps -r requirements.txt" in line for line in lines)
    assert not any(secret in line for line in lines for secret in SECRETS)


def test_everything_that_the_image_copies_is_let_through() -> None:
    allowed = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = set(re.findall(r"^COPY (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
