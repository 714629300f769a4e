"""Who asks, for what, and for how long."""

import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.demo import PASSWORD

SEED: Final = 20260302
#: The bodies and statuses of the document, both for what it promises to take and for what it does not.
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
#: They end the token that asks: asked last, by a token of their own.
LEAVING: Final = ("logout", "logout_all", "my_token_revoke")
#: Random requests of each operation by each person.
EXAMPLES: Final = 12
#: The borders of every field and every wrong method are tried once; they are the same for everybody.
_FULL: Final = "examples,coverage,fuzzing"
_EACH: Final = "examples,fuzzing"
_TIMEOUT = 10.0  # seconds, of one request


@dataclass(frozen=True, slots=True)
class Run:
    """One person at work; `wanted` are the operations that are asked, all others without it."""

    username: str
    token: str
    numbers: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    phases: str = _EACH

    def command(self, url: str, document: Path, config: Path) -> list[str]:
        chosen = [f"--include-operation-id={name}" for name in self.wanted]
        chosen = chosen or [f"--exclude-operation-id={name}" for name in LEAVING]
        return [
            *("-m", "schemathesis.cli", "--config-file", str(config), "--no-color", "run", str(document)),
            *("--url", url, "--header", f"Authorization: Token {self.token}"),
            *("--phases", self.phases, "--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)),
            *("--seed", str(SEED), "--generation-deterministic", "--no-shrink"),
            *("--continue-on-failure", "--request-timeout", str(_TIMEOUT), "--warnings", "off"),
            *chosen,
        ]

    def settings(self) -> str:
        """Most requests are about cases that exist, so that more than 404 is tried."""
        return (
            f"[dictionaries.numbers]\nvalues = {json.dumps(self.numbers)}\n"
            '[parameters]\n"path.number" = { dictionary = "numbers", probability = 0.8 }\n'
        )


def runs(url: str) -> list[Run]:
    """The centre does the most; the others see less, or nothing."""
    others = ("handler", "gridworker", "petition", "admin")
    working = [_run(url, "center", phases=_FULL), *(_run(url, username) for username in others)]
    return [*working, _run(url, "gridworker", wanted=LEAVING, phases=_FULL)]


def _run(url: str, username: str, *, wanted: tuple[str, ...] = (), phases: str = _EACH) -> Run:
    token = _ask(url, "auth/login/", body={"username": username, "password": PASSWORD})["token"]
    seen = _ask(url, "cases/?status=all&page_size=40&ordering=-received_at", token=token)["results"]
    return Run(username, token, tuple(row["number"] for row in seen) or ("350924-2026-0000001",), wanted, phases)


def _ask(url: str, path: str, *, token: str = "", body: dict[str, Any] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{url}/api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {}),
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
