"""What figures and models say of where they come from, read and checked by other people's tools.

The signature is checked by OpenSSL (`cryptography`) over the bytes that `ProvenanceRecord` documents, the tensors are
read by `safetensors`, the pictures by Pillow, and the head of a model card by PyYAML and by the library of a model hub.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sqlite3
import struct
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import yaml
from conftest import Kernel
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from huggingface_hub import ModelCard
from PIL import Image
from safetensors import safe_open

MODEL = """
let shapes = Shapes(count: 128, size: 16, seed: 1)
let aet = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 3)
"""
TRAINING = 'let run = train(aet, on: shapes.train, epochs: 2, batch: 32, seed: 5) // "ü": #1'
SAVING = """
let figure = predictions(aet, on: shapes.test.first(4), seed: 9)
save(figure, to: "figure.png"); save(figure, to: "figure.svg"); save(aet, to: "aet.safetensors")
"""


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_signature(record: dict[str, str]) -> None:
    signed = canonical({name: text for name, text in record.items() if name != "signature"})
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(record["public_key"]))
    key.verify(bytes.fromhex(record["signature"]), signed)


def sha256(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def png_chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The type of every chunk, and the whole chunk."""
    place = 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place : place + 12 + length]
        place += 12 + length


def png_record(png: bytes) -> dict[str, str]:
    """The record of a PNG as Pillow reads it, after its signature and both its digests were checked."""
    image = Image.open(io.BytesIO(png))
    text = image.text["Provenance"]
    image.load()
    record = json.loads(text)
    assert canonical(record).decode() == text
    check_signature(record)
    texts = [(kind, chunk) for kind, chunk in png_chunks(png) if kind in (b"tEXt", b"zTXt", b"iTXt")]
    others = [chunk for kind, chunk in png_chunks(png) if kind not in (b"tEXt", b"zTXt", b"iTXt")]
    assert record["content"] == sha256(*others)
    own = b"iTXtProvenance\0"
    assert record["metadata"] == sha256(*(chunk for _, chunk in texts if chunk[4 : 4 + len(own)] != own))
    assert image.text["Software"] == "Orbit" and image.text["Description"] and image.text["Title"]
    return record


@pytest.fixture(scope="module")
def made(orbit: Callable[..., Kernel]) -> Kernel:
    kernel = orbit()
    for cell in (MODEL, TRAINING, SAVING):
        kernel.run(cell)
    return kernel


def test_a_model_is_signed_as_documented(made: Kernel) -> None:
    path = made.folder / "aet.safetensors"
    with safe_open(path, "np") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    weights = [tensor for name, tensor in tensors.items() if name.startswith("encoder.") and tensor.ndim == 4]
    assert weights and all(tensor.shape[0] in (4, 8) for tensor in weights)
    record = json.loads(metadata.pop("orbit_provenance"))
    check_signature(record)
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    del header["__metadata__"]
    assert record["content"] == sha256(canonical(header), raw[8 + length :])
    assert record["metadata"] == sha256(canonical(metadata))
    assert record["source"] == SAVING and record["cell"] == "3"
    assert (record["model_seed"], record["run_seed"], record["run_status"]) == ("3", "5", "completed")
    assert metadata["format"] == "pt" and metadata["method"] == "AET"


def test_a_changed_record_is_not_signed(made: Kernel) -> None:
    record = png_record((made.folder / "figure.png").read_bytes())
    record["seed"] = "10"
    with pytest.raises(InvalidSignature):
        check_signature(record)


def test_figures_are_signed_in_files_and_in_the_notebook(made: Kernel) -> None:
    record = png_record((made.folder / "figure.png").read_bytes())
    assert record["kind"] == "figure" and record["seed"] == "9" and record["model"] == "aet"
    shown = made.run("plot(run)").outputs[0]["content"]["data"]["image/png"]
    record = png_record(base64.b64decode(shown))
    assert record["source"] == "plot(run)" and record["run"] == "1"
    panel = made.run("run").of_type("execute_result")[0]["content"]["data"]["image/png"]
    assert png_record(base64.b64decode(panel))["run_seed"] == "5"


def test_the_chain_is_in_the_database(made: Kernel) -> None:
    record = png_record((made.folder / "figure.png").read_bytes())
    made.run('verify("figure.png")')
    with sqlite3.connect(made.folder / ".orbit" / "default" / "workspace.sqlite") as database:
        rows = database.execute("SELECT digest, previous, record FROM provenance ORDER BY id").fetchall()
    before = None
    for digest, previous, text in rows:
        assert previous == before and digest == sha256(text.encode())
        check_signature(json.loads(text))
        assert json.loads(text).get("previous") == previous
        before = digest
    assert canonical(record).decode() in [row[2] for row in rows]
    key = made.folder / ".orbit" / "default" / "key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_verify_says_what_changed(made: Kernel) -> None:
    assert made.run('verify("aet.safetensors").verdict').result == '"intact"'
    raw = bytearray((made.folder / "aet.safetensors").read_bytes())
    raw[-1] ^= 1
    (made.folder / "changed.safetensors").write_bytes(raw)
    assert "its content changed" in made.run('verify("changed.safetensors")').result
    image = Image.open(made.folder / "figure.png")
    image.save(made.folder / "again.png")  # Pillow leaves the texts out
    assert made.run('verify("again.png").verdict').result == '"unsigned"'
    assert made.run('verify("figure.svg").verdict').result == '"intact"'


def test_the_head_of_a_card_is_yaml(made: Kernel) -> None:
    made.run("let score = knn(aet, train: shapes.train, test: shapes.test, k: 5)")
    made.run('card(aet, to: "README.md")')
    text = (made.folder / "README.md").read_text()
    _, head, body = text.split("---\n", 2)
    card = yaml.safe_load(head)
    assert "license" not in card and "# license:" in head
    assert card["library_name"] == "orbit" and "aet" in card["tags"]
    assert card["metrics"] == ["accuracy", "loss"]
    (entry,) = card["model-index"]
    knn, loss = entry["results"]
    accuracy = float(made.run("score.accuracy").result)
    assert knn["metrics"][0]["value"] == pytest.approx(accuracy, abs=1e-12)
    protocol = json.loads(made.run("score.protocol").result)
    assert knn["metrics"][0]["args"]["protocol"] == protocol
    assert loss["metrics"][0]["type"] == "loss" and isinstance(loss["metrics"][0]["value"], float)
    assert TRAINING in body
    # The reader of a model hub finds the same, and calls nothing incomplete.
    read = ModelCard(text).data
    values = [entry["metrics"][0]["value"] for entry in (knn, loss)]
    assert [result.metric_value for result in read.eval_results] == values
    assert read.model_name == "aet" and read.library_name == "orbit" and read.datasets == ["shapes"]


def test_missed_outputs_come_again(orbit: Callable[..., Kernel]) -> None:
    """The browser goes while a cell trains, and another one comes when it is done."""
    kernel = orbit()
    kernel.run(MODEL)
    kernel.client.execute('print("begun")\n' + TRAINING + '\nprint("done")')
    kernel.client.stop_channels()
    kernel.client = kernel.manager.client()
    kernel.client.start_channels()
    kernel.client.wait_for_ready(timeout=60)
    replay = kernel.run("replay()")
    assert "begun\n" in replay.stdout and "done\n" in replay.stdout
    texts = [output["content"]["data"]["text/plain"] for output in replay.of_type("display_data")]
    assert texts[0].startswith("── cell 2, completed")
    assert "completed · epoch 2 of 2" in texts[1]
    pictures = [output["content"]["data"].get("image/png") for output in replay.of_type("display_data")]
    assert png_record(base64.b64decode(pictures[1]))["run_seed"] == "5"


def test_outputs_survive_a_sudden_end(tmp_path: Path) -> None:
    first = Kernel(tmp_path)
    try:
        first.run('print("kept")')
        first.run(MODEL)
        first.client.execute('print("last words"); train(aet, on: shapes.train, epochs: 100000, batch: 32)')
        time.sleep(2)
        first.manager.shutdown_kernel(now=True)
    finally:
        first.stop()
    second = Kernel(tmp_path)
    try:
        replay = second.run("replay()")
        assert "last words\n" in replay.stdout
        texts = [output["content"]["data"]["text/plain"] for output in replay.of_type("display_data")]
        assert texts[0].startswith("── cell 3 of session 1, ended with its process"), texts[0]
        assert "running" in texts[1]
        assert "kept\n" in second.run("replay(cell: 1, session: -1)").stdout
    finally:
        second.stop()
