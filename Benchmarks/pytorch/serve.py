"""Run one workload on demand: `python serve.py WORKLOAD VARIANT THREADS PRECISION`.

Prints a line of JSON when ready, then one for each line `run SECONDS` on standard input. VARIANT is `eager` or
`compiled`, with `-channels-last` for that memory layout.
"""

import json
import sys
import time

import torch

import workloads


def peak_bytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def main():
    name, variant, threads, precision = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    workload = workloads.WORKLOADS[name]()
    workload.prepare(
        compiled=variant.startswith("compiled"),
        channels_last=variant.endswith("channels-last"),
        precision=precision,
    )
    first = workload.step()
    for _ in range(3):
        workload.step()
    print(
        json.dumps(
            {
                "parameters": sum(p.numel() for p in workload.network.parameters()),
                "images": workload.batch,
                "loss": first,
                "version": torch.__version__,
            }
        ),
        flush=True,
    )
    for line in sys.stdin:
        duration = float(line.split()[1])
        steps, start = 0, time.perf_counter()
        while time.perf_counter() - start < duration:
            loss = workload.step()
            steps += 1
        seconds = time.perf_counter() - start
        reply = {"steps": steps, "seconds": seconds, "loss": loss, "peakBytes": peak_bytes()}
        print(json.dumps(reply), flush=True)


main()
