"""A clock for the server alone: a few lines of C, loaded before its own, move its wall clock by what a file says.

Debian's `faketime` was tried first: it reads files and takes memory within PostgreSQL's signal handlers, and its
backends crash. Here the file is mapped into memory, so that all processes of the server see a jump at the same instant.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

VARIABLE: Final = "PROOF_CLOCK"
BYTES: Final = 8
SOURCE: Final = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile long *ahead_s;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("PROOF_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) ahead_s = mapped;
    close(file);
}

int clock_gettime(clockid_t which, struct timespec *told) {
    int failed = syscall(SYS_clock_gettime, which, told);
    if (!failed && ahead_s && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) told->tv_sec += *ahead_s;
    return failed;
}

int gettimeofday(struct timeval *told, void *zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    told->tv_sec = now.tv_sec;
    told->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}
"""


class ServerClock:
    """How many seconds the server's wall clock is ahead of the machine's. Without a C compiler there is none."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(BYTES))
        self._file.chmod(0o644)
        self._library = folder / "clock.so"
        self.is_there = self._built(folder / "clock.c")

    def _built(self, source: Path) -> bool:
        compiler = shutil.which("cc")
        if compiler is None:
            return False
        source.write_text(SOURCE)
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(self._library), str(source)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def environment(self) -> dict[str, str]:
        """What the server's process needs to see this clock."""
        return {"LD_PRELOAD": str(self._library), VARIABLE: str(self._file)} if self.is_there else {}

    def set(self, ahead_s: int) -> None:
        """From this instant on, for every process of the server."""
        with self._file.open("r+b") as clock:
            clock.write(ahead_s.to_bytes(BYTES, "little", signed=True))
