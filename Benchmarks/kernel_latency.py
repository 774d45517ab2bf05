"""Measure a kernel's start and its round trips with jupyter_client.

    python Benchmarks/kernel_latency.py [--kernel orbit] [--starts 20] [--trips 200]

Start: from the call that launches the process to the kernel_info reply. Round trips: from sending to the
reply on shell, and to the idle status on iopub; the client's own Python time is included.
"""

import argparse
import statistics
import time

from jupyter_client import KernelManager


def start(kernel):
    manager = KernelManager(kernel_name=kernel)
    before = time.perf_counter()
    manager.start_kernel()
    client = manager.client()
    client.start_channels(hb=False)
    client.kernel_info()
    client.get_shell_msg(timeout=30)
    return manager, client, time.perf_counter() - before


def stop(manager, client):
    before = time.perf_counter()
    manager.shutdown_kernel()
    client.stop_channels()
    return time.perf_counter() - before


def until_idle(client, request):
    while True:
        message = client.get_iopub_msg(timeout=30)
        if (
            message["parent_header"].get("msg_id") == request
            and message["msg_type"] == "status"
            and message["content"]["execution_state"] == "idle"
        ):
            return


def trip(client, send):
    """Seconds to the reply, and to the idle status."""
    before = time.perf_counter()
    request = send()
    client.get_shell_msg(timeout=30)
    replied = time.perf_counter() - before
    until_idle(client, request)
    return replied, time.perf_counter() - before


def report(what, seconds):
    ordered = sorted(seconds)
    percentile = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(
        f"{what:<34} median {1e3 * statistics.median(ordered):8.2f} ms"
        f"   95 % {1e3 * percentile:8.2f} ms   best {1e3 * ordered[0]:8.2f} ms"
        f"   of {len(ordered)}"
    )


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--kernel", default="orbit")
    arguments.add_argument("--starts", type=int, default=20)
    arguments.add_argument("--trips", type=int, default=200)
    arguments.add_argument("--code", default="1+1")
    chosen = arguments.parse_args()

    starts, stops = [], []
    for _ in range(chosen.starts):
        manager, client, elapsed = start(chosen.kernel)
        starts.append(elapsed)
        stops.append(stop(manager, client))
    report("start to kernel_info reply", starts)
    report("shutdown", stops)

    manager, client, _ = start(chosen.kernel)
    client.wait_for_ready(timeout=30)
    requests = {
        f"execute {chosen.code}": lambda: client.execute(chosen.code),
        "kernel_info": client.kernel_info,
        "complete": lambda: client.complete("sh", 2),
        "is_complete": lambda: client.is_complete(chosen.code),
    }
    for name, send in requests.items():
        trip(client, send)
        trips = [trip(client, send) for _ in range(chosen.trips)]
        report(f"{name}, reply", [replied for replied, _ in trips])
        report(f"{name}, reply and idle", [idle for _, idle in trips])
    with open(f"/proc/{manager.provisioner.pid}/smaps_rollup") as file:
        pss = next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    print(f"memory (PSS) afterwards            {pss / 1024:8.1f} MB")
    stop(manager, client)


if __name__ == "__main__":
    main()
