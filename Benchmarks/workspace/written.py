"""Which blobs a kernel writes into its workspace, told by the system as it happens.

A checkpoint's blob is gone as soon as the next one is there, so that nothing on disk says afterwards how many there
were. The system notes every file that gets its name (inotify), without a look at the folder while a training goes on.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import struct

from kernel.kept import blobs_of_objects, workspace

# From <sys/inotify.h>: a file was renamed to a name in the folder, which is the last thing that happens to a blob.
MOVED_TO = 0x80
# Watch, mask, cookie and length of the name, which follows.
EVENT = struct.Struct("iIII")


class Written:
    """The blobs that a kernel in this folder writes from now on."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        library = ctypes.CDLL(None, use_errno=True)
        self.file = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        place = os.fsencode(workspace(folder) / "blobs")
        if self.file < 0 or library.inotify_add_watch(self.file, place, MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), f"{os.fsdecode(place)} cannot be watched")

    def names(self) -> list[str]:
        """Those that were written since this was asked last."""
        found = []
        while True:
            try:
                events = os.read(self.file, 1 << 16)
            except BlockingIOError:
                return found
            while events:
                length = EVENT.unpack_from(events)[-1]
                found.append(events[EVENT.size : EVENT.size + length].rstrip(b"\0").decode())
                events = events[EVENT.size + length :]

    def checkpoints(self) -> int:
        """How many of these were checkpoints: they are not what models and runs have come to."""
        lasting = blobs_of_objects(self.folder)
        return sum(name not in lasting for name in self.names())

    def close(self) -> None:
        os.close(self.file)
