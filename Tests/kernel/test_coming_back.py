"""What comes back after a kernel's end beside models and values, and from which folder it comes."""

from __future__ import annotations

import os
from pathlib import Path

from conftest import Kernel
from safetensors.numpy import load_file
from test_damage import told
from test_taking_over import CELLS, TRAINING, await_checkpoint, reborn, undisturbed
from test_torture import Mortal, outcome, tensors

NAMES = {
    "shapes": "Shapes(count: 128, size: 16, seed: 1)",
    "warp": "Affine(rotation: 30, scale: 0.8...1.1, mask: .circle)",
    "mixed": "Projective(jitter: 3).with(Color())",
    "net": "NIN(widths: [4, 8])",
}


def declare(kernel: Kernel) -> None:
    for name, value in NAMES.items():
        kernel.run(f"let {name} = {value}")


def trained(kernel: Kernel, name: str) -> str:
    """Makes a model of the names above and trains it; the digest of its weights."""
    kernel.run(f"let {name} = AET(for: shapes, transformation: mixed, encoder: net, seed: 1)")
    kernel.run(f"let {name}Run = train({name}, on: shapes.train, epochs: 1, batch: 32, seed: 1)")
    return weights(kernel, name)


def weights(kernel: Kernel, name: str) -> str:
    kernel.run(f'save({name}, to: "{name}.safetensors")')
    return tensors(kernel.folder / f"{name}.safetensors")


# Recipes


def test_a_transformation_and_an_encoder_come_back_after_a_kill(tmp_path: Path) -> None:
    """They look as they did, and a model that is made with them learns the same bits."""
    kernel = Mortal(tmp_path)
    declare(kernel)
    before = {name: kernel.run(name).result for name in NAMES}
    assert None not in before.values() and len(set(before.values())) == len(NAMES)
    learned = trained(kernel, "model")
    kernel = reborn(kernel, tmp_path)
    assert {name: kernel.run(name).result for name in NAMES} == before
    assert trained(kernel, "again") == learned
    assert kernel.run("show(warp, on: shapes.test.first(4))").of_type("display_data")
    kernel.stop()


def test_a_list_of_runs_is_that_list_after_a_kill(tmp_path: Path) -> None:
    kernel = Mortal(tmp_path)
    declare(kernel)
    for name in ("first", "second"):
        trained(kernel, name)
    kernel.run("let all = runs()")
    before = kernel.run("all").result
    kernel = reborn(kernel, tmp_path)
    assert before and kernel.run("all").result == before
    assert kernel.run("all.count").result == "2"
    assert kernel.run("all.map { $0.name }").result == '["second", "first"]'
    assert kernel.run("all[0].loss == secondRun.loss").result == "true"
    kernel.run('export(all, to: "runs.csv")')
    assert (tmp_path / "runs.csv").read_text().count("\n") == 3
    kernel.stop()


def test_functions_come_back_and_can_be_called(tmp_path: Path) -> None:
    kernel = Mortal(tmp_path)
    kernel.run("func square(_ x: Int) -> Int { return x * x }")
    kernel.run("let twice = { (x: Int) in 2 * x }")
    kernel = reborn(kernel, tmp_path)
    assert kernel.run("[square(5), twice(4)]").result == "[25, 8]"
    kernel.stop()


def test_blobs_of_models_are_safetensors(tmp_path: Path) -> None:
    """Any reader of the format finds in them what `save` writes."""
    kernel = Kernel(tmp_path)
    declare(kernel)
    trained(kernel, "model")
    saved = load_file(tmp_path / "model.safetensors")
    kernel.stop()
    read = []
    for path in (tmp_path / ".orbit/default/blobs").iterdir():
        if not path.read_bytes().startswith(b"\x89PNG"):
            read.append(load_file(path))
    same = [
        found for found in read
        if found.keys() == saved.keys() and all((found[name] == saved[name]).all() for name in saved)
    ]
    assert len(same) == 1 and len(read) >= 2


# Folders


def of_notebook(folder: Path, name: str) -> Kernel:
    """A kernel as Jupyter's server starts it for a notebook."""
    return Kernel(folder, env={**os.environ, "JPY_SESSION_NAME": str(folder / name)})


def kept_in(folder: Path) -> set[str]:
    """The workspaces in a folder."""
    return {path.parent.name for path in (folder / ".orbit").glob("*/workspace.sqlite")}


def test_each_notebook_has_a_workspace_of_its_own_beside_it(tmp_path: Path) -> None:
    names = ("tutorial", "a study of café 2.1")
    kernels = [of_notebook(tmp_path, f"{name}.ipynb") for name in names]
    # Nor does one take the other for a second kernel of its own notebook.
    assert [told(kernel.run(f'let mine = "{name}"')) for kernel, name in zip(kernels, names)] == ["", ""]
    for kernel in kernels:
        kernel.stop()
    assert kept_in(tmp_path) == set(names)
    for name in names:
        kernel = of_notebook(tmp_path, f"{name}.ipynb")
        kernel.run("restore()")
        assert kernel.run("mine").result == f'"{name}"'
        kernel.stop()
    kernel = Kernel(tmp_path)
    assert told(kernel.run("1")) == ""
    kernel.stop()
    assert kept_in(tmp_path) == {*names, "default"}


def test_what_a_second_kernel_keeps_comes_back_to_a_second_kernel(tmp_path: Path) -> None:
    first = of_notebook(tmp_path, "study.ipynb")
    declare(first)
    second = of_notebook(tmp_path, "study.ipynb")
    note = told(second.run("restore()"))
    assert note.startswith("Another kernel is writing into the workspace") and ".orbit/study/kernel-2" in note
    learned = trained(second, "model")
    second.run("let late = warp")
    second.stop()

    second = of_notebook(tmp_path, "study.ipynb")
    # What it says to whoever can answer.
    invitation = second.execute("1", allow_stdin=True).stdout
    assert "model" in invitation and "restore() brings back" in invitation
    second.run("restore()")
    assert second.run("model.steps").result == "4" and weights(second, "model") == learned
    assert second.run("late").result == first.run("warp").result
    second.stop()
    assert first.execute("model").status == "error"
    first.stop()
    assert kept_in(tmp_path) == {"study"}

    # And to whoever names its folder, once there is no first one any more.
    alone = Kernel(tmp_path, extra_arguments=["--workspace", ".orbit/study/kernel-2"])
    alone.run("restore()")
    assert weights(alone, "model") == learned
    alone.stop()


def test_a_training_of_a_name_that_was_asked_for_comes_back_beside_what_has_the_name(tmp_path: Path) -> None:
    """The cell that asks for the name and trains is killed, so that no commit has given it back."""
    kernel = Kernel(tmp_path)
    for cell in CELLS:
        kernel.run(cell)
    kernel.stop()
    kernel = Mortal(tmp_path)
    kernel.run('restore(["shapes"])')
    kernel.run("let model = 5")
    kernel.client.execute(f'restore(["model"])\n{TRAINING}', allow_stdin=False)
    await_checkpoint(tmp_path)
    kernel = reborn(kernel, tmp_path)
    assert kernel.run("model").result == "5"
    kernel.run("resume(model2.runs.last!)")
    kernel.run("forget(\"model\")")
    kernel.run("let model = model2")
    assert outcome(kernel, tmp_path) == undisturbed(tmp_path / "undisturbed")
    kernel.stop()


def test_a_training_that_no_cell_named_takes_no_name_that_is_kept(tmp_path: Path) -> None:
    """A cell makes the model anew and trains it, and is killed; the next kernel asks for another name first."""
    kernel = Mortal(tmp_path)
    for cell in CELLS:
        kernel.run(cell)
    kernel.run("train(model, on: shapes.train.first(32), epochs: 1, batch: 32, seed: 1)")
    kernel.client.execute("\n".join([CELLS[1], TRAINING]), allow_stdin=False)
    await_checkpoint(tmp_path)
    kernel.die()
    kernel = Mortal(tmp_path)
    kernel.run('restore(["shapes"])')
    kernel.run("resume(model2.runs.last!)")
    kernel = reborn(kernel, tmp_path)
    assert kernel.run("[model.steps, model2.runs.count]").result == "[1, 1]"
    kernel.run("forget(\"model\")")
    kernel.run("let model = model2")
    assert outcome(kernel, tmp_path) == undisturbed(tmp_path / "undisturbed")
    kernel.stop()


def test_what_a_second_kernel_trained_until_it_was_killed_comes_back_to_a_second_kernel(tmp_path: Path) -> None:
    """A model of the first kernel, which itself stays as it was there."""
    first = Kernel(tmp_path)
    for cell in CELLS:
        first.run(cell)
    second = Mortal(tmp_path)
    second.run("restore()")
    second.client.execute(TRAINING, allow_stdin=False)
    await_checkpoint(tmp_path, database=".orbit/default/kernel-2/workspace.sqlite")
    second = reborn(second, tmp_path)
    assert int(second.run("model.steps").result or "0") > 0
    second.run("resume(model.runs.last!)")
    assert outcome(second, tmp_path) == undisturbed(tmp_path / "undisturbed")
    assert first.run("model.steps").result == "0"
    second.stop()
    first.stop()
