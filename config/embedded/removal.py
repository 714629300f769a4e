"""Throw a data folder away: what `make demo-reset` does."""

import os
import shutil
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.holding import alone, open_lock, take
from config.embedded.places import elsewhere_of, find_place, private_folder
from config.embedded.postgres import postgres_server
from config.embedded.valkey import valkey_server


def remove(folder: Path) -> bool:
    """Stop what a killed holder left behind and delete the data; False when there was none.

    Raises EmbeddedError while somebody uses the servers, or when the folder is not ours.
    """
    if not folder.exists():
        return False
    if not (folder / "start.lock").exists():
        sentence = f"{folder} was not made by Whistle, so it is left alone."
        raise EmbeddedError(sentence)
    folder = private_folder(folder)
    with alone(folder / "start.lock"):
        place = find_place(folder)
        lock = open_lock(place.folder / "lock")
        try:
            if not take(lock):
                sentence = f"The data in {folder} is in use; stop what runs on it first (Ctrl-C in its window)."
                raise EmbeddedError(sentence)
            postgres_server(place, durable=True).stop()
            valkey_server(place, durable=True).stop()
        finally:
            os.close(lock)
        target = elsewhere_of(place.folder)
        if target is not None:
            shutil.rmtree(target)
        shutil.rmtree(place.folder)
    return True
