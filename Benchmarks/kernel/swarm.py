"""Many kernels that start at once."""

from __future__ import annotations

import tempfile
import time

from . import aim, process, table
from .options import Options
from .records import Records
from .running import ROOT, environment, manager_of
from .snippets import Kernel

PART, TITLE = "swarm", "Many kernels at once"


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    for kernel in kernels:
        start_all(kernel, options.at_once, records)


def start_all(kernel: Kernel, count: int, records: Records) -> None:
    folders = [tempfile.TemporaryDirectory(prefix="bench-kernel-", ignore_cleanup_errors=True) for _ in range(count)]
    log = open(ROOT / "build" / "logs" / f"bench-kernel-{kernel.name}.log", "a")
    managers, clients = [manager_of(kernel) for _ in range(count)], []
    begin = time.perf_counter()
    for manager, folder in zip(managers, folders):
        # The ports are those that happen to be free, as between programs that know nothing of each other.
        manager.cache_ports = False
        manager.start_kernel(cwd=folder.name, env=environment(folder.name), stdout=log, stderr=log)
    for manager in managers:
        client = manager.client()
        client.start_channels(hb=False, stdin=False, iopub=False)
        client.kernel_info()
        clients.append(client)
    answered = 0
    deadline = begin + 60
    last = begin
    for client in clients:
        if client.shell_channel.socket.poll(max(0, int(1e3 * (deadline - time.perf_counter())))):
            message = client.get_shell_msg(timeout=1)
            answered += message["msg_type"] == "kernel_info_reply"
            last = time.perf_counter()
    alive = [manager for manager in managers if manager.is_alive()]
    records.add("", "started", kernel.name, count)
    records.add("", "answered", kernel.name, answered)
    records.add("", "alive", kernel.name, len(alive))
    records.add("", "seconds", kernel.name, last - begin)
    records.add("", "memory", kernel.name, sum(process.proportional_set(m.provisioner.pid) for m in alive))
    for client in clients:
        client.stop_channels()
    for manager, folder in zip(managers, folders):
        manager.shutdown_kernel(now=True)
        folder.cleanup()
    log.close()


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        names = ("started", "answered", "alive", "seconds", "memory")
        values = [records.values(PART, "", name, kernel) for name in names]
        if all(values):
            started, answered, alive, seconds, memory = (value[-1] for value in values)
            lines.append([
                kernel, f"{started:.0f}", f"{answered:.0f}", f"{alive:.0f}", f"{seconds:.2f} s", f"{memory:,.0f} MB",
            ])  # fmt: skip
    return [
        "All are launched one right after the other, each with a connection file whose ports were free when it was"
        " written; a kernel whose port has gone to another cannot answer.",
        *table.rows("kernel | started | answered | alive | until all answered | memory (PSS) in all", "lrrrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    started = records.values(PART, "", "started", aim.ORBIT)
    answered = records.values(PART, "", "answered", aim.ORBIT)
    if not (started and answered):
        return []
    return [
        aim.Aim(
            "kernels started at once that answer", f"{started[-1]:.0f} of {started[-1]:.0f}",
            f"{answered[-1]:.0f} of {started[-1]:.0f}", answered == started,
        )
    ]  # fmt: skip
