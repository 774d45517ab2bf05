"""Training with everything kept, checkpoints among it, beside the same training with nothing kept."""

from __future__ import annotations

import pathlib
import tempfile
import time

from kernel import aim, process, table
from kernel.kept import ORBIT
from kernel.records import Mean, Records
from kernel.running import ROOT, Running

from .options import Options
from .written import Written

PART, TITLE = "training", "Training with and without a workspace"
KEPT, NOTHING = "everything kept", "nothing kept"
# Where no workspace can be made, so that a kernel keeps all that it has in memory.
NOWHERE = "/proc/nowhere"
# After a cell its outputs are written within 0.3 s: by then the other kernel must not train yet.
REST = 0.5

# Ten seconds of training, with epochs so short that checkpoints come as often as Orbit lets them. Had a training fewer
# of them than this, it would not be their cost that is measured.
IMAGES, EPOCHS, FEWEST = 500, 48, 6
PREPARATION = f"let fashion = FashionMNIST()\nlet images = fashion.train.first({IMAGES:_})"
MODEL = "let model = AET(for: fashion, encoder: NIN(widths: [32, 64]), seed: 1)"
TRAINING = f"let run = train(model, on: images, epochs: {EPOCHS}, batch: 128, seed: 1)"


def measure(options: Options, records: Records) -> None:
    # On the disk that notebooks are on, which the system's folder for temporary files may not be.
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-workspace-", dir=build) as folder:
        kernels = {}
        for arm, arguments in ((KEPT, []), (NOTHING, ["--workspace", NOWHERE])):
            place = pathlib.Path(folder, arm)
            place.mkdir()
            kernels[arm] = running = Running(ORBIT, place, arguments).ready(prepare=False)
            # Also the first training of a kernel is no part of this.
            for code in (PREPARATION, MODEL, TRAINING):
                running.run(code, timeout=600)
        written = Written(kernels[KEPT].folder)
        for pair in range(options.pairs):
            # Each is first in every other pair.
            for arm in (KEPT, NOTHING) if pair % 2 == 0 else (NOTHING, KEPT):
                train(kernels[arm], arm, records, pair)
                # Where nothing is kept, any file would be too many.
                count = written.checkpoints() if arm == KEPT else files(kernels[arm])
                records.add(arm, "checkpoints", ORBIT.name, count, pair)
            print("  " + ", ".join(f"{arm}: {seconds(records, arm)[-1]:.2f} s" for arm in kernels), flush=True)
        written.close()
        for arm, running in kernels.items():
            records.add(arm, "files", ORBIT.name, files(running))
            running.stop()


def train(running: Running, arm: str, records: Records, pair: int) -> None:
    """One training of a new model, from the sending of the cell to its reply, by which all is committed."""
    running.run(MODEL)
    time.sleep(REST)
    spent = process.processor(running.process)
    begin = time.perf_counter()
    request = running.client.execute(TRAINING)
    reply = running.replies(request, timeout=600)[request]
    records.add(arm, "seconds", ORBIT.name, time.perf_counter() - begin, pair)
    records.add(arm, "processor", ORBIT.name, process.processor(running.process) - spent, pair)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{arm}: {reply['content']}")


def files(running: Running) -> int:
    """How many files there are in a kernel's folder."""
    return sum(path.is_file() for path in running.folder.rglob("*"))


def seconds(records: Records, arm: str, measure: str = "seconds") -> list[float]:
    return records.values(PART, arm, measure, ORBIT.name)


def slower(records: Records, measure: str = "seconds") -> Mean | None:
    """By how many per cent the training with a workspace takes longer, or more of the processors."""
    return Mean.slower(seconds(records, KEPT, measure), seconds(records, NOTHING, measure))


def section(records: Records) -> list[str]:
    arms = []
    for arm in (KEPT, NOTHING):
        took, processor, checkpoints = (
            records.summary(PART, arm, measure, ORBIT.name) for measure in ("seconds", "processor", "checkpoints")
        )
        there = seconds(records, arm, "files")
        if took and processor and checkpoints:
            arms.append([
                arm, f"{took.median:.2f}", f"{took.least:.2f}", f"{processor.median:.2f}",
                f"{checkpoints.median:.0f}", f"{checkpoints.least:.0f}",
                f"{there[0]:.0f}" if there else "–",
            ])  # fmt: skip
    times, processors = slower(records), slower(records, "processor")
    return [
        f"AET with `NIN(widths: [32, 64])` on {IMAGES:,} images of Fashion-MNIST, {EPOCHS} epochs, batch 128, in a"
        f" kernel that keeps everything and in one whose workspace cannot be made (`--workspace {NOWHERE}`), which"
        " writes no file and has names and runs in memory alone. Both live all the time and one of them trains, a new"
        f" model each time; in every pair both train, first the one, then the other, {REST:g} s after each other. The"
        " time is that from the sending of the cell to its reply, by which a workspace has all of the cell on disk.",
        "",
        "What is paid for: the checkpoint at the start and those at the ends of epochs, counted by the files that the"
        " system sees come, the records of the run, the picture and the cell, and the commit of model and run at the"
        " end. A training of minutes pays for its start and its end once as well, and for checkpoints no more often:"
        " they come at the ends of epochs, which are short here, as soon as their share of a processor is below 1 %;"
        " in long epochs they come every thirty seconds. So what is told is an upper bound for longer trainings.",
        *table.rows(
            " | seconds, median | least | processor seconds, median | checkpoints, median | fewest |"
            " files at the end", "lrrrrrr", arms,
        ),
        *table.rows(
            "kept / nothing kept | slower | pairs", "lrr",
            [
                [title, f"{found} %", str(found.count)]
                for title, found in (("time", times), ("time of processors", processors)) if found
            ],
        ),
        "",
        "The mean of the pairs, by the logarithms of their ratios, with its standard error.",
    ]  # fmt: skip


def aims(records: Records) -> list[aim.Aim]:
    checkpoints = seconds(records, KEPT, "checkpoints")
    return [
        *aim.mean_at_most("training slowed by a workspace", slower(records), 2, "%"),
        *aim.at_least("checkpoints in a training, fewest", min(checkpoints, default=None), FEWEST),
    ]
