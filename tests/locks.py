"""`python -m tests.locks`: whether the lock files still answer to pyproject.toml, without asking any index."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent


def locked(text: str) -> dict[str, Version]:
    """Name and version of each pinned line of a requirements file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def disagreements(wanted: list[str], versions: dict[str, Version], *, file: str) -> list[str]:
    """One sentence for each wanted requirement that the lock does not hold in a fitting version."""
    sentences = []
    for requirement in map(Requirement, wanted):
        version = versions.get(canonicalize_name(requirement.name))
        if version is None:
            sentences.append(f"{file} lacks {requirement.name}; run `make lock`.")
        elif version not in requirement.specifier:
            sentences.append(
                f"{file} holds {requirement.name} {version}, pyproject wants {requirement}; run `make lock`."
            )
    return sentences


def all_disagreements(root: Path = ROOT) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run = locked((root / "requirements.txt").read_text(encoding="utf-8"))
    dev = locked((root / "requirements-dev.txt").read_text(encoding="utf-8"))
    wanted, wanted_dev = project["dependencies"], project["optional-dependencies"]["dev"]
    return [
        *disagreements(wanted, run, file="requirements.txt"),
        *disagreements([*wanted, *wanted_dev], dev, file="requirements-dev.txt"),
        *[
            f"{name} is {version} in requirements.txt and {dev.get(name)} in requirements-dev.txt; run `make lock`."
            for name, version in run.items()
            if dev.get(name) != version
        ],
    ]


if __name__ == "__main__":
    sys.exit("\n".join(all_disagreements()) or None)
