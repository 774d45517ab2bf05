"""Measure Orbit's engine beside PyTorch, alternately, and write docs/performance.md.

    make bench                              all of it, about twenty minutes on two cores
    python Benchmarks/engine.py --workloads aet-small --rounds 3 --output build/performance.md

Every workload runs in processes of its own, one for Orbit and one for each variant of PyTorch, that wait for their
turn: A B C A B C …, so that all see the same machine. A ratio is taken round by round against the variant of PyTorch
that has the best median; the median of the ratios is what is quoted.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ORBIT = ROOT / ".build/release/EngineBenchmark"

WORKLOADS = {
    "aet-published": ("AET-projective, published 4-block NIN, 32×32×3, batch 64", "pairs", 1.2, 1.4),
    "aet-small": ("AET-projective, NIN(24, 48), 28×28×1, batch 128", "pairs", 1.6, 2.0),
    "vqvae": ("VQ-VAE, hidden 64, residual 32 × 2, D 16, K 128, EMA codebook, 28×28×1, batch 128", "images", 1.4, 1.7),
    "equivae-labelled": ("EquiVAE, labelled step, 28×28×1, batch 64", "images", 1.8, 2.5),
    "equivae-unlabelled": ("EquiVAE, unlabelled step (exact sum over 10 classes), batch 64", "images", 1.8, 2.5),
}  # fmt: skip
VARIANTS = ["eager", "eager-channels-last", "compiled", "compiled-channels-last"]


class Side:
    """A process that runs a workload for some seconds whenever it is told to."""

    def __init__(self, name, command):
        self.name = name
        self.rounds = []
        self.log = open(ROOT / "build" / "logs" / f"bench-{name}.log", "w")
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True, cwd=ROOT / "Benchmarks" / "pytorch", env=environment(),
        )  # fmt: skip
        self.ready = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended: see {self.log.name}")
        return json.loads(line)

    def run(self, seconds, counts=True):
        self.process.stdin.write(f"run {seconds}\n")
        self.process.stdin.flush()
        reply = self.read()
        reply["rate"] = reply["steps"] * self.ready["images"] / reply["seconds"]
        if counts:
            self.rounds.append(reply)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    @property
    def rate(self):
        return statistics.median(reply["rate"] for reply in self.rounds)

    @property
    def peak(self):
        return max(reply["peakBytes"] for reply in self.rounds)


def environment():
    # Each library chooses its code by the processor.
    held = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS"}
    return {name: value for name, value in os.environ.items() if name not in held}


def measure_workload(name, options, precision="float32"):
    print(f"· {name}, {precision} …", flush=True)
    full = precision == "float32"
    sides = [Side("orbit", [ORBIT, name, options.threads, precision])]
    if full:
        variants = [v for v in VARIANTS if "compiled" not in v or shutil.which("g++")]
    else:
        # The gain over Orbit's own float32 is measured in the same rounds.
        sides.append(Side("orbit-float32", [ORBIT, name, options.threads, "float32"]))
        variants = [v for v in VARIANTS if "compiled" not in v]
    for variant in variants:
        serve = ["serve.py", name, variant, options.threads, precision]
        sides.append(Side(variant, [sys.executable] + serve))
    parameters = {side.ready["parameters"] for side in sides}
    if len(parameters) != 1:
        raise SystemExit(f"{name}: the two sides differ in their parameters: {parameters}")
    for side in sides:
        side.run(1, counts=False)
    for _ in range(options.rounds if full else min(options.rounds, 3)):
        for side in sides:
            side.run(options.seconds)
    for side in sides:
        side.close()
    orbit, others = sides[0], [side for side in sides if not side.name.startswith("orbit")]
    best = max(others, key=lambda side: side.rate)
    default = max((s for s in others if "channels-last" not in s.name), key=lambda side: side.rate)

    def ratio(other):
        return statistics.median(a["rate"] / b["rate"] for a, b in zip(orbit.rounds, other.rounds))

    result = {
        "name": name, "orbit": orbit.rate, "best": best.name, "torch": best.rate, "ratio": ratio(best),
        "default": default.name, "defaultRate": default.rate, "defaultRatio": ratio(default),
        "gain": None if full else ratio(sides[1]),
        "gflops": 6e-9 * orbit.ready["multiplyAdds"] * orbit.rate,
        "orbitPeak": orbit.peak, "torchPeak": best.peak,
        "allocations": orbit.rounds[-1]["systemAllocations"], "faults": orbit.rounds[-1]["pageFaults"],
        "steps": orbit.rounds[-1]["steps"],
        "versions": (orbit.ready["version"], best.ready["version"]),
    }  # fmt: skip
    print(
        "  " + ", ".join(f"{s.name} {s.rate:,.1f}" for s in sides)
        + f"; {result['ratio']:.2f} times the best of PyTorch", flush=True,
    )  # fmt: skip
    return result


def measure_lines(command):
    output = subprocess.run(
        [str(part) for part in command], cwd=ROOT / "Benchmarks" / "pytorch", env=environment(),
        capture_output=True, text=True,
    )  # fmt: skip
    if output.returncode:
        raise SystemExit(f"{command} failed:\n{output.stderr[-2000:]}")
    return [json.loads(line) for line in output.stdout.splitlines() if line.startswith("{")]


def measure_operations(options, rounds=2):
    print("· single operations …", flush=True)
    ours, theirs, operations = {}, {}, {}
    for _ in range(rounds):
        for entry in measure_lines([ORBIT, "operations", options.threads]):
            ours.setdefault(entry["name"], []).append(entry["seconds"])
            operations[entry["name"]] = entry["operations"]
        for entry in measure_lines([sys.executable, "operations.py", options.threads]):
            theirs.setdefault(entry["name"], []).append(entry["seconds"])
    if ours.keys() != theirs.keys():
        raise SystemExit(f"operations differ: {sorted(ours.keys() ^ theirs.keys())}")
    return [
        (name, statistics.median(times), statistics.median(theirs[name]), operations[name])
        for name, times in ours.items()
    ]


def measure_warps(rounds=2):
    print("· warps, one core …", flush=True)
    ours, grids, pillows = {}, {}, {}
    for _ in range(rounds):
        for name, rate in measure_lines([ORBIT, "warps", 1])[0].items():
            ours.setdefault(name, []).append(rate)
        for name, rates in measure_lines([sys.executable, "warp.py"])[0].items():
            grids.setdefault(name, []).append(rates["grid_sample"])
            # Pillow draws one kind of border; its rate stands beside every fill of the same pictures.
            if "pillow" in rates:
                pillows.setdefault(name.removesuffix(" constant"), []).append(rates["pillow"])
    median = statistics.median
    return [
        (
            name,
            median(rates),
            median(grids[name]) if name in grids else None,
            next(median(pillows[start]) for start in pillows if name.startswith(start)),
        )
        for name, rates in sorted(ours.items())
    ]


def machine():
    model = next(
        (l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown"
    )
    flags = next((l for l in open("/proc/cpuinfo") if l.startswith("flags")), "")
    sets = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {name}" in flags]
    return f"{model}, {os.cpu_count()} cores, {', '.join(sets)}; {platform.system()} {platform.machine()}"


def megabytes(count):
    return f"{count / 1e6:,.0f} MB"


def page(results, halves, operations, warps, options):
    ceiling = max((o[3] / o[1] for o in operations), default=0) * 1e-9
    lines = [
        "# Performance",
        "",
        f"Made by `make bench` on {datetime.date.today()}; {machine()}; {options.threads} threads on both sides.",
        "",
        f"Orbit with {results[0]['versions'][0]}; PyTorch {results[0]['versions'][1]}. Whole training steps: batch,"
        " transformations or noise drawn anew, forward, backward, update. Both sides have the same architecture,"
        " batch, precision and optimiser (`Benchmarks/Engine`, `Benchmarks/pytorch`); the command compares their"
        f" numbers of parameters. Medians of {options.rounds} rounds of {options.seconds:g} s, both sides alternately.",
        "",
        "## Training",
        "",
        "“Best” is the fastest of PyTorch eager and compiled, each in its default memory layout and in"
        " `channels_last`; “default” is the fastest without that option.",
        "",
        "| workload | Orbit, /s | PyTorch best, /s | ratio | PyTorch default, /s | ratio | aim | dream |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for r in results:
        title, unit, aim, dream = WORKLOADS[r["name"]]
        lines.append(
            f"| {title} | {r['orbit']:,.0f} {unit} | {r['torch']:,.0f} ({r['best']}) | **{r['ratio']:.2f}** |"
            f" {r['defaultRate']:,.0f} ({r['default']}) | {r['defaultRatio']:.2f} | {aim} | {dream} |"
        )
    lines += [
        "",
        "| workload | GFLOP/s | of the ceiling | peak memory, Orbit | PyTorch | share | system allocations, page faults"
        " in the last round |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for r in results:
        share = f"{r['gflops'] / ceiling:.0%}" if ceiling else "–"
        lines.append(
            f"| {r['name']} | {r['gflops']:.0f} | {share} | {megabytes(r['orbitPeak'])} |"
            f" {megabytes(r['torchPeak'])} | {r['orbitPeak'] / r['torchPeak']:.2f} |"
            f" {r['allocations']}, {r['faults']} in {r['steps']} steps |"
        )
    lines += [
        "",
        "GFLOP/s count two for a multiply-add and three forward passes for a step. The ceiling is the fastest"
        f" convolution of the table below: {ceiling:.0f} GFLOP/s. Peak memory is that of the whole process.",
    ]
    if halves:
        lines += [
            "",
            "## bfloat16",
            "",
            "Convolutions and matrix products in bfloat16, sums and weights in float32; PyTorch eager under `autocast`.",
            "",
            "| workload | Orbit, /s | against its float32 | PyTorch best, /s | ratio |",
            "|---|---:|---:|---:|---:|",
        ]
        for r in halves:
            lines.append(
                f"| {r['name']} | {r['orbit']:,.0f} | {r['gain']:.2f} | {r['torch']:,.0f} ({r['best']}) |"
                f" {r['ratio']:.2f} |"
            )
    if warps:
        lines += [
            "",
            "## Warps, one core",
            "",
            "A batch of 512 images, each under its own homography, the grid included; images a second. `grid_sample` gets"
            " the batch whole and in parts, in both memory layouts, and the best counts; it has no fill but three. Pillow"
            " draws a hard border.",
            "",
            "| warp | Orbit | grid_sample | ratio | Pillow | ratio |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for name, ours, grid, pil in warps:
            beside = f"{grid:,.0f} | {ours / grid:.1f}" if grid else "– | –"
            lines.append(f"| {name} | {ours:,.0f} | {beside} | {pil:,.0f} | {ours / pil:.1f} |")
    if operations:
        lines += [
            "",
            "## Single operations",
            "",
            "Through the public API, with the tape where there is a way back; PyTorch eager, in the faster of its two"
            " memory layouts. Microseconds.",
            "",
            "| operation | Orbit | PyTorch | times as fast | GFLOP/s |",
            "|---|---:|---:|---:|---:|",
        ]
        for name, ours, theirs, count in operations:
            rate = f"{count / ours * 1e-9:.0f}" if count else ""
            lines.append(f"| {name} | {ours * 1e6:,.0f} | {theirs * 1e6:,.0f} | {theirs / ours:.2f} | {rate} |")
    return "\n".join(lines) + "\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--workloads", nargs="*", default=list(WORKLOADS), choices=WORKLOADS)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=2)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--parts", nargs="*", default=["training", "bfloat16", "operations", "warps"])
    arguments.add_argument("--output", type=pathlib.Path, default=ROOT / "docs" / "performance.md")
    options = arguments.parse_args()
    (ROOT / "build" / "logs").mkdir(parents=True, exist_ok=True)
    operations = measure_operations(options) if "operations" in options.parts else []
    warps = measure_warps() if "warps" in options.parts else []
    results = [measure_workload(name, options) for name in options.workloads]
    halves = []
    if "bfloat16" in options.parts and "avx512_bf16" in machine():
        halves = [measure_workload(name, options, "bfloat16") for name in options.workloads]
    options.output.write_text(page(results, halves, operations, warps, options))
    print(options.output.read_text())


main()
