"""Holds every message that a client in this process receives against the schema of its type.

`conftest` hooks this into Jupyter's client, below everything that tests and other programs do with messages:
what is checked are the bytes as the kernel sent them.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import fastjsonschema
import schemas
from jupyter_client.session import Session

SIGNATURE = re.compile(rb"([0-9a-f]{64}|[0-9a-f]{128})?")
PARTS = ("header", "parent_header", "metadata", "content")


@dataclass(frozen=True)
class Frame:
    """One message on the wire.

    A client's own identity does not arrive, so that only what is published has a prefix, its topic.
    """

    prefix: tuple[bytes, ...]
    signature: bytes
    parts: tuple[bytes, ...]
    buffers: int = 0

    @cached_property
    def message(self) -> dict[str, Any]:
        """The four parts, parsed.

        Raises:
            ValueError: when one of them is not what JSON's standard says.
        """
        return {name: parsed(part) for name, part in zip(PARTS, self.parts, strict=True)}


def no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def no_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key occurs twice")
    return value


def parsed(part: bytes) -> Any:
    """JSON as its standard has it, which Python's parser does not insist on."""
    text = part.decode("utf-8")
    value = json.loads(text, parse_constant=no_constant, object_pairs_hook=no_repetition)
    if "\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def fault(frame: Frame) -> str | None:
    """What is wrong with a message, or nothing."""
    if not SIGNATURE.fullmatch(frame.signature):
        return f"the signature is {frame.signature!r}"
    try:
        message = frame.message
    except ValueError as error:
        return f"{error}: {frame.parts!r}"
    kind = message["header"].get("msg_type") if isinstance(message["header"], dict) else None
    is_published = bool(frame.prefix)
    if not isinstance(kind, str) or kind not in (schemas.PUBLISHED if is_published else schemas.ANSWERED):
        return f"{kind} is nothing that a kernel sends {'on iopub' if is_published else 'to one client'}"
    try:
        schemas.validator(kind, is_published)(message)
    except fastjsonschema.JsonSchemaValueException as error:
        return f"{kind}: {error.message}"
    if is_published and frame.prefix != topic(kind, message):
        return f"{kind}: the topic is {frame.prefix!r}"
    if frame.buffers and not kind.startswith("comm_"):
        return f"{kind} has buffers"
    return None


def topic(kind: str, message: dict[str, Any]) -> tuple[bytes, ...]:
    """The topic that is customary for a message; a welcome comes under what was subscribed to."""
    content = message["content"]
    names = {"stream": f"stream.{content.get('name')}"}
    if kind == "iopub_welcome" and content["subscription"]:
        names[kind] = content["subscription"]
    return (names.get(kind, f"kernel.{message['header']['session']}.{kind}").encode(),)


@dataclass
class Recorder:
    """What was received so far, and what was wrong with it."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Messages by type; those on iopub are counted under `iopub.` and the type."""
    examples: dict[str, Frame] = field(default_factory=dict)
    """The last message of each, by the same names."""

    def take(self, frame: Frame) -> None:
        problem = fault(frame)
        if problem is not None:
            self.faults.append(problem)
            return
        name = ("iopub." if frame.prefix else "") + frame.message["header"]["msg_type"]
        self.counts[name] += 1
        self.examples[name] = frame

    def hook(self) -> None:
        """Listens to every client of this process, whichever thread it reads in."""
        feed, deserialize = Session.feed_identities, Session.deserialize
        local = threading.local()

        def feeding(session: Session, frames: Any, copy: bool = True) -> Any:
            prefix, rest = feed(session, frames, copy)
            local.prefix = prefix
            return prefix, rest

        def deserializing(session: Session, rest: Any, content: bool = True, copy: bool = True) -> Any:
            message = deserialize(session, rest, content=content, copy=copy)
            parts = tuple(bytes(part) for part in rest[1:5])
            self.take(Frame(tuple(local.prefix), bytes(rest[0]), parts, buffers=len(rest) - 5))
            return message

        Session.feed_identities = feeding
        Session.deserialize = deserializing
