"""Where the files of one data folder lie, and whose they are.

lock, start.lock    who uses the servers, who starts or stops them
elsewhere           the path of the servers' files when their account cannot enter this folder
postgres.log, …     what the servers say
postgres/, valkey/  their data, 0700
run/                their sockets, 0700
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.embedded.accounts import Account, server_account
from config.embedded.binaries import Binaries, copied, installed
from config.embedded.errors import EmbeddedError

LONGEST_SOCKET_PATH = 107  # bytes: sun_path of Linux holds 108 with its closing zero
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Place:
    """One data folder with everything that is needed to run its servers."""

    folder: Path  # locks, secrets and logs; belongs to the user who started us
    files: Path  # data and sockets of the servers; the same folder unless its account cannot enter that
    binaries: Binaries
    account: Account

    @property
    def sockets(self) -> Path:
        return self.files / "run"


def private_folder(folder: Path) -> Path:
    """Make a data folder of this user, or check that an existing one is his; raises EmbeddedError.

    It is 0700; for root 0711, so that the account of the servers passes to its own folders in it. Secrets in
    it are files of 0600 either way.
    """
    folder = Path(os.path.abspath(folder))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != os.geteuid():
            sentence = f"The data folder {folder} belongs to another user; name one of your own in WHISTLE_DATA."
            raise EmbeddedError(sentence)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        _try_writing(folder)
    except (FileExistsError, NotADirectoryError):
        sentence = f"The data folder {folder} cannot be made: a file is in its way; name another in WHISTLE_DATA."
        raise EmbeddedError(sentence) from None
    except OSError as error:
        sentence = f"The data folder {folder} cannot be used: {error.strerror}; name a writable one in WHISTLE_DATA."
        raise EmbeddedError(sentence) from None
    return folder


def find_place(folder: Path) -> Place:
    """Decide where the servers of a data folder live and make their folders; one at a time, under `start.lock`.

    Raises EmbeddedError.
    """
    folder = private_folder(folder)
    account = server_account()
    files, binaries = _files_and_binaries(folder, account)
    place = Place(folder=folder, files=files, binaries=binaries, account=account)
    _refuse_bad_sockets(place)
    for name in ("run", "valkey"):
        own_folder(files / name, account)
    return place


def own_folder(folder: Path, account: Account) -> None:
    """Make a folder that the servers' account alone may enter."""
    folder.mkdir(mode=0o700, exist_ok=True)
    account.own(folder)
    folder.chmod(0o700)


def elsewhere_of(folder: Path) -> Path | None:
    """The folder outside that `folder` points to, when there is one and it is still this user's."""
    try:
        target = Path((folder / "elsewhere").read_text(encoding="utf-8").strip())
        return target if target.lstat().st_uid == os.geteuid() and not target.is_symlink() else None
    except FileNotFoundError:
        return None


def _files_and_binaries(folder: Path, account: Account) -> tuple[Path, Binaries]:
    binaries = installed()
    target = elsewhere_of(folder)
    if target is None and account.can_enter(folder) and account.can_enter(binaries.postgres):
        return folder, binaries
    if target is None:
        target = _make_elsewhere(folder)
    return target, copied(binaries, target)


def _make_elsewhere(folder: Path) -> Path:
    """A folder under /var/tmp, which outlives a reboot; a random name never meets the data of an old copy."""
    target = Path(tempfile.mkdtemp(prefix="whistle-", dir="/var/tmp"))
    target.chmod(0o711)
    (folder / "elsewhere").write_text(f"{target}\n", encoding="utf-8")
    return target


def _refuse_bad_sockets(place: Place) -> None:
    path = place.sockets / LONGEST_SOCKET_NAME
    if "," in str(path):  # libpq takes it for a list of hosts
        sentence = f"The data folder {place.files} has a comma in its path; name another in WHISTLE_DATA."
        raise EmbeddedError(sentence)
    length = len(os.fsencode(path))
    if length > LONGEST_SOCKET_PATH:
        sentence = (
            f"The socket path {path} has {length} bytes and the system allows {LONGEST_SOCKET_PATH}; "
            "name a shorter data folder in WHISTLE_DATA."
        )
        raise EmbeddedError(sentence)


def _try_writing(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder):
        pass
