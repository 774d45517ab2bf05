"""`orbit install`, `uninstall`, `list` and `doctor`, in prefixes of their own."""

from __future__ import annotations

import json
import os
import stat
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import KERNEL, TIMEOUT
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

LOGOS = {"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}


@pytest.fixture(scope="module")
def program() -> str:
    """The executable that the installed kernel starts."""
    return KernelSpecManager().get_kernel_spec(KERNEL).argv[0]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A person who has nothing: an empty home, and no environment of Python's."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    (tmp_path / "home").mkdir()
    return {**kept, "HOME": str(tmp_path / "home")}


@pytest.fixture
def orbit(program: str, environment: dict[str, str], tmp_path: Path) -> Any:
    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments], env={**environment, **variables}, cwd=tmp_path, capture_output=True,
            text=True, timeout=60,
        )

    return run


def kernels(prefix: Path) -> Path:
    return prefix / "share" / "jupyter" / "kernels"


def test_install_writes_what_jupyter_reads(orbit: Any, program: str, tmp_path: Path) -> None:
    done = orbit("install", "--prefix", str(tmp_path / "p"))
    assert done.returncode == 0, done.stderr
    folder = kernels(tmp_path / "p") / "orbit"
    assert str(folder) in done.stdout
    assert {path.name for path in folder.iterdir()} == LOGOS | {"kernel.json"}
    for side in (32, 64):
        assert struct.unpack(">II", (folder / f"logo-{side}x{side}.png").read_bytes()[16:24]) == (side, side)
    manager = KernelSpecManager(kernel_dirs=[str(kernels(tmp_path / "p"))])
    spec = manager.get_kernel_spec("orbit")
    assert spec.argv[:3] == [program, "kernel", "--connection-file"]
    assert spec.argv[3:] == ["{connection_file}"]
    assert (spec.display_name, spec.language, spec.env) == ("Orbit", "swift", {})
    # No secrets, and nothing that others may change.
    for path in [folder, *folder.iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o022 == 0


def test_options_reach_the_entry(orbit: Any, tmp_path: Path) -> None:
    done = orbit(
        "install", "--prefix", "p", "--name", "My.Orbit_2-x", "--display-name", "Größe \"2\"",
        "--env", "OMP_NUM_THREADS=2", "--env", "EMPTY=", "--env", "A_B=c=d e", "--workspace", "kept here",
    )
    assert done.returncode == 0, done.stderr
    fields = json.loads((kernels(tmp_path / "p") / "my.orbit_2-x" / "kernel.json").read_text())
    assert fields["display_name"] == 'Größe "2"'
    assert fields["env"] == {"OMP_NUM_THREADS": "2", "EMPTY": "", "A_B": "c=d e"}
    # A relative folder is one of where the command was given, not of each notebook.
    assert fields["argv"][-2:] == ["--workspace", str(tmp_path / "kept here")]


def test_a_kernel_with_a_folder_and_variables_starts(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--prefix", "p", "--workspace", "w", "--env", "OMP_NUM_THREADS=1")
    specs = KernelSpecManager(kernel_dirs=[str(kernels(tmp_path / "p"))])
    manager = KernelManager(kernel_name="orbit", kernel_spec_manager=specs)
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    variables = Path(f"/proc/{manager.provisioner.pid}/environ").read_bytes().split(b"\0")
    assert b"OMP_NUM_THREADS=1" in variables
    assert client.execute("6 * 7", reply=True, timeout=TIMEOUT)["content"]["status"] == "ok"
    client.stop_channels()
    manager.shutdown_kernel()
    assert (tmp_path / "w" / "workspace.sqlite").exists()
    assert not (tmp_path / ".orbit").exists()


@pytest.mark.parametrize(
    ("arguments", "variables", "place"),
    [
        ([], {}, "home/.local/share/jupyter/kernels"),
        (["--user"], {}, "home/.local/share/jupyter/kernels"),
        (["--user"], {"XDG_DATA_HOME": "TMP/x"}, "x/jupyter/kernels"),
        (["--user"], {"JUPYTER_DATA_DIR": "TMP/j"}, "j/kernels"),
        (["--sys-prefix"], {"VIRTUAL_ENV": "TMP/v"}, "v/share/jupyter/kernels"),
        (["--sys-prefix"], {"CONDA_PREFIX": "TMP/c"}, "c/share/jupyter/kernels"),
    ],
)
def test_where_it_goes(
    orbit: Any, tmp_path: Path, arguments: list[str], variables: dict[str, str], place: str
) -> None:
    variables = {name: value.replace("TMP", str(tmp_path)) for name, value in variables.items()}
    assert orbit("install", *arguments, **variables).returncode == 0
    assert (tmp_path / place / "orbit" / "kernel.json").exists()
    assert orbit("uninstall", *arguments, **variables).returncode == 0
    assert not (tmp_path / place / "orbit").exists()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a b", "a/b", "größe", "K\u212aelvin", "a\n", "٣", "-x y", "a:b", "\u200b"]
)
def test_names_that_programs_could_not_find_are_refused(orbit: Any, tmp_path: Path, name: str) -> None:
    done = orbit("install", "--prefix", "p", f"--name={name}")
    assert done.returncode != 0
    assert "ASCII letters" in done.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("text", ["A", "=b", "1A=b", "A-B=c", "Ä=b"])
def test_variables_that_are_none_are_refused(orbit: Any, tmp_path: Path, text: str) -> None:
    done = orbit("install", "--prefix", "p", "--env", text)
    assert done.returncode != 0 and "KEY=VALUE" in done.stderr
    assert not (tmp_path / "p").exists()


def test_what_jupyter_would_not_take_is_refused(orbit: Any, tmp_path: Path) -> None:
    done = orbit("install", "--prefix", "p", "--display-name", "")
    assert done.returncode != 0 and "display_name" in done.stderr
    assert not (tmp_path / "p").exists()
    twice = orbit("install", "--prefix", "p", "--env", "A=1", "--env", "A=2")
    assert twice.returncode != 0 and "twice" in twice.stderr
    both = orbit("install", "--prefix", "p", "--user")
    assert both.returncode != 0 and "only one" in both.stderr


def test_uninstall_leaves_what_is_not_its_own(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--prefix", "p")
    folder = kernels(tmp_path / "p") / "orbit"
    (folder / "kernel.js").write_text("mine")
    assert orbit("uninstall", "--prefix", "p").returncode == 0
    assert [path.name for path in folder.iterdir()] == ["kernel.js"]
    again = orbit("uninstall", "--prefix", "p")
    assert again.returncode != 0 and "There is no kernel 'orbit'" in again.stderr


def test_a_link_stays_the_path(program: str, environment: dict[str, str], tmp_path: Path) -> None:
    """A link to the newest version keeps working after an update."""
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "orbit"
    link.symlink_to(program)
    subprocess.run([link, "install", "--prefix", tmp_path / "p"], env=environment, check=True, timeout=60)
    fields = json.loads((kernels(tmp_path / "p") / "orbit" / "kernel.json").read_text())
    assert fields["argv"][0] == str(link)


# What is there


def test_list_shows_what_jupyter_finds(orbit: Any, tmp_path: Path) -> None:
    assert "finds no kernelspec" in orbit("list", "--prefix", "p").stdout
    orbit("install", "--prefix", "p", "--workspace", "w")
    orbit("install", "--prefix", "p", "--name", "second")
    other = kernels(tmp_path / "p") / "python3"
    other.mkdir()
    (other / "kernel.json").write_text('{"argv": ["python"], "display_name": "P", "language": "python"}')
    lines = orbit("list", "--prefix", "p").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["orbit", "second"]
    entries = json.loads(orbit("list", "--prefix", "p", "--json").stdout)
    assert [entry["name"] for entry in entries] == ["orbit", "second"]
    assert [entry["workspace"] for entry in entries] == [str(tmp_path / "w"), None]
    assert orbit("uninstall", "--prefix", "p", "--name", "second").returncode == 0
    assert len(json.loads(orbit("list", "--prefix", "p", "--json").stdout)) == 1


def test_the_first_of_one_name_hides_the_others(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--user")
    orbit("install", "--prefix", "p")
    data = str(tmp_path / "p" / "share" / "jupyter")
    entries = json.loads(orbit("list", "--json", JUPYTER_PATH=data).stdout)
    mine = [entry for entry in entries if str(tmp_path) in entry["folder"]]
    assert mine[0]["folder"] == str(kernels(tmp_path / "p") / "orbit") and mine[0]["hidden_by"] is None
    assert mine[1]["hidden_by"] == mine[0]["folder"]


# The doctor


def findings(orbit: Any, **variables: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    done = orbit("doctor", "--json", **variables)
    report = json.loads(done.stdout)
    assert report["version"]
    by_subject: dict[str, list[dict[str, Any]]] = {}
    for finding in report["findings"]:
        assert finding["state"] in ("ok", "note", "problem") and finding["text"]
        assert finding["state"] != "problem" or finding["way_out"]
        by_subject.setdefault(finding["subject"], []).append(finding)
    problems = [finding for finding in report["findings"] if finding["state"] == "problem"]
    assert report["problems"] == len(problems)
    assert done.returncode == (1 if problems else 0)
    return done.returncode, by_subject


def test_a_whole_installation_is_well(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--user")
    status, found = findings(orbit)
    assert status == 0, found
    assert "starts this program" in found["kernelspec"][0]["text"]
    for subject in ("libzmq", "libsodium", "workspace", "processor", "threads", "connection files"):
        assert found[subject][0]["state"] in ("ok", "note"), found[subject]
    assert "Fashion-MNIST" in found
    # It leaves nothing behind.
    assert not (tmp_path / ".orbit").exists()
    lines = orbit("doctor").stdout.splitlines()
    assert lines[-1].endswith("all is well.") and lines[0].startswith("ok ")


def test_a_missing_kernelspec_is_a_problem(orbit: Any) -> None:
    # The system's own folders may have one; then there is nothing to test.
    if json.loads(orbit("list", "--json").stdout):
        pytest.skip("a kernelspec of Orbit's is installed for everyone")
    status, found = findings(orbit)
    assert status == 1 and found["kernelspec"][0]["state"] == "problem"
    assert "orbit install" in found["kernelspec"][0]["way_out"]


def change(path: Path, **fields: Any) -> None:
    description = json.loads(path.read_text())
    description.update(fields)
    path.write_text(json.dumps({name: value for name, value in description.items() if value is not None}))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"argv": ["/nowhere/orbit", "kernel", "-f", "{connection_file}"]}, "cannot be started"),
        ({"argv": ["TMP/orbit", "kernel", "-f", "{connection_file}"]}, "Orbit 0.0.1"),
        ({"language": None}, "'language' is missing"),
        ({"interrupt_mode": "shout"}, "'interrupt_mode'"),
        ({"env": {"A": 1}}, "'env'"),
        ({"colour": "red"}, "'colour' is not known"),
        ({"argv": ["TMP/orbit", "kernel"]}, "{connection_file}"),
    ],
)
def test_a_wrong_kernelspec_is_a_problem(orbit: Any, tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    orbit("install", "--user")
    old = tmp_path / "orbit"
    old.write_text("#!/bin/sh\necho Orbit 0.0.1\n")
    old.chmod(0o755)
    if "argv" in fields:
        fields = {"argv": [part.replace("TMP", str(tmp_path)) for part in fields["argv"]]}
    change(tmp_path / "home/.local/share/jupyter/kernels/orbit/kernel.json", **fields)
    status, found = findings(orbit)
    assert status == 1
    first = found["kernelspec"][0]
    assert first["state"] == "problem" and words in first["text"], first
    assert "orbit install" in first["way_out"]


def test_a_kernelspec_that_is_no_json_is_a_problem(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--user")
    (tmp_path / "home/.local/share/jupyter/kernels/orbit/kernel.json").write_text("{")
    status, found = findings(orbit)
    assert status == 1 and "not JSON" in found["kernelspec"][0]["text"]


def test_connection_files_that_others_can_read_are_a_problem(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--user")
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    file = runtime / "kernel-1.json"
    file.write_text("{}")
    file.chmod(0o644)
    status, found = findings(orbit, JUPYTER_RUNTIME_DIR=str(runtime))
    assert status == 1 and "kernel-1.json" in found["connection files"][0]["text"]
    file.chmod(0o600)
    assert findings(orbit, JUPYTER_RUNTIME_DIR=str(runtime))[0] == 0
    runtime.chmod(0o777)
    status, found = findings(orbit, JUPYTER_RUNTIME_DIR=str(runtime))
    assert status == 1 and found["connection files"][0]["way_out"] == f"chmod 700 {runtime}"


def test_a_workspace_that_cannot_be_made_or_read_is_a_problem(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--user")
    (tmp_path / ".orbit").write_text("a file")
    status, found = findings(orbit)
    assert status == 1 and found["workspace"][0]["state"] == "problem"
    (tmp_path / ".orbit").unlink()
    (tmp_path / ".orbit" / "note").mkdir(parents=True)
    (tmp_path / ".orbit" / "note" / "workspace.sqlite").write_text("no database")
    status, found = findings(orbit)
    assert status == 1 and [finding["state"] for finding in found["workspace"]] == ["ok", "problem"]
    assert sorted(path.name for path in (tmp_path / ".orbit").iterdir()) == ["note"]


def test_a_library_that_cannot_be_loaded_is_a_problem(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--user")
    assert findings(orbit)[1]["libraries"][0]["state"] == "ok"
    # The loader looks here first, and does not look further when it finds a file that is no library.
    folder = tmp_path / "broken"
    folder.mkdir()
    for name in ("libcairo.so.2", "libopenblas.so.0"):
        (folder / name).write_text("no library")
    status, found = findings(orbit, LD_LIBRARY_PATH=str(folder))
    assert status == 1 and "engine" not in found
    problems = {finding["text"].split()[0]: finding for finding in found["libraries"]}
    assert problems.keys() == {"Cairo", "OpenBLAS"}
    assert "libcairo.so.2" in problems["Cairo"]["text"]
    assert problems["Cairo"]["way_out"] == "install it: apt-get install libcairo2"


def test_damaged_data_is_a_problem(orbit: Any, tmp_path: Path) -> None:
    orbit("install", "--user")
    folder = tmp_path / "data" / "fashion-mnist"
    folder.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (folder / f"{name}-ubyte").write_bytes(b"damaged")
    status, found = findings(orbit, ORBIT_DATA=str(tmp_path / "data"))
    assert status == 1 and found["Fashion-MNIST"][0]["state"] == "problem"
    assert "download: true" in found["Fashion-MNIST"][0]["way_out"]
