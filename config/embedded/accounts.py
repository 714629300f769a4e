"""Under which account the servers run, and what that account may enter.

PostgreSQL refuses to run as root. An ordinary user runs both servers as himself; root lends them to `nobody`,
who owns the folders of the servers and nothing else.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from config.embedded.errors import EmbeddedError


class Identity(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change the user; empty when there is nothing to change."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The user who owns the servers' folders and processes."""

    uid: int
    gid: int
    lent: bool  # root started us and lends the servers to somebody without rights

    @property
    def identity(self) -> Identity:
        return Identity(user=self.uid, group=self.gid, extra_groups=[]) if self.lent else Identity()

    def own(self, path: Path) -> None:
        """Hand a path to this account; an ordinary user owns what he makes already."""
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this account reaches the folder through all its parents; asked of the kernel."""
        if not self.lent:
            return os.access(folder, os.X_OK)
        command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
        tried = subprocess.run(  # noqa: S603 - a fixed command; the path is an argument
            command, check=False, cwd="/", stderr=subprocess.DEVNULL, **self.identity
        )
        return tried.returncode == 0


def server_account() -> Account:
    """The account for the servers of this process's user; raises EmbeddedError when root has no `nobody`."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), lent=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        sentence = "PostgreSQL refuses to run as root, and there is no account `nobody` here; use an ordinary user."
        raise EmbeddedError(sentence) from None
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid, lent=True)
