"""What a kernel may send: one JSON schema for each message type, for the whole message.

The contents are declared below, with the channel and the parents that each type may have; headers, metadata
and errors are the same for all of them and stated once. Nothing is allowed that is not named here: a field
with a slip of the pen in its name is a fault, though the protocol lets clients overlook it.
"""

from __future__ import annotations

import functools
from typing import Any, Callable

import fastjsonschema

Schema = dict[str, Any]

# The one version of the protocol that headers, kernel_info_reply and the kernelspec state.
VERSION = "5.6"

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1}
TRUTH: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
POSITIVE: Schema = {"type": "integer", "minimum": 1}
PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
NUMBER: Schema = {"type": "number", "minimum": 0}
ANY_OBJECT: Schema = {"type": "object"}
DATE: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)\Z",
}


def one_of(*values: Any) -> Schema:
    return {"enum": list(values)}


def many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def fields(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object with these fields and no others."""
    properties = required | (optional or {})
    return {
        "type": "object", "required": list(required), "properties": properties,
        "additionalProperties": False,
    }


def by_status(schemas: dict[str, Schema], otherwise: Schema) -> Schema:
    """The schema that the field `status` selects."""
    for status, schema in schemas.items():
        condition = {"required": ["status"], "properties": {"status": one_of(status)}}
        otherwise = {"if": condition, "then": schema, "else": otherwise}
    return otherwise


# Parts that several contents have.

ERROR = {"ename": NAME, "evalue": TEXT, "traceback": many(TEXT)}
FAILED = fields({"status": one_of("error")} | ERROR)

# Base64 in one line that begins as PNG files do; every picture has words for those who see none.
PNG: Schema = {"type": "string", "pattern": r"^iVBORw0KGgo[A-Za-z0-9+/]*={0,2}\Z"}
DATA: Schema = {
    "type": "object", "required": ["text/plain"], "properties": {"text/plain": NAME, "image/png": PNG},
    "patternProperties": {"^text/": TEXT, "json$": {}, "^image/svg": TEXT}, "additionalProperties": False,
}
SIZE = fields({"width": POSITIVE, "height": POSITIVE, "alt": NAME})
METADATA = fields({}, {"image/png": SIZE})
BUNDLE = {"data": DATA, "metadata": METADATA}
# A picture says how large it is to be shown, or its page jumps when it is replaced.
SIZED: Schema = {
    "if": {"properties": {"data": {"required": ["image/png"]}}},
    "then": {"properties": {"metadata": {"required": ["image/png"]}}},
}


def bundle(extra: dict[str, Schema]) -> Schema:
    return fields(BUNDLE | extra) | SIZED


def reply(ok: dict[str, Schema] | None = None) -> Schema:
    """A reply with these fields when all went well, and the error otherwise."""
    return by_status({"error": FAILED}, fields({"status": one_of("ok")} | (ok or {})))


USER_EXPRESSION = by_status({"error": FAILED}, fields({"status": one_of("ok")} | BUNDLE))
PAGE = fields({"source": one_of("page"), "data": DATA, "start": COUNT})
NEXT_INPUT = fields({"source": one_of("set_next_input"), "text": TEXT, "replace": TRUTH})
LEAVING = fields({"source": one_of("ask_exit"), "keepkernel": TRUTH})
RAN = {
    "execution_count": COUNT, "payload": many({"anyOf": [PAGE, NEXT_INPUT, LEAVING]}),
    "user_expressions": {"type": "object", "additionalProperties": USER_EXPRESSION},
}
FAILED_CELL = fields({"status": one_of("error")} | ERROR | RAN)
LANGUAGE = fields({
    "name": NAME, "version": NAME, "mimetype": {"type": "string", "pattern": "^text/x-[a-z]+$"},
    "file_extension": {"type": "string", "pattern": r"^\.[a-z]+$"}, "pygments_lexer": NAME,
    "codemirror_mode": NAME, "nbconvert_exporter": NAME,
})
COMPLETION = fields({"start": COUNT, "end": COUNT, "text": NAME, "type": NAME, "signature": TEXT})
HISTORY_ENTRY: Schema = {
    "type": "array", "minItems": 3, "maxItems": 3, "additionalItems": False,
    "items": [
        POSITIVE, POSITIVE,
        {"anyOf": [TEXT, {
            "type": "array", "minItems": 2, "maxItems": 2, "items": [TEXT, {"type": ["string", "null"]}],
        }]},
    ],
}
COMM = {"comm_id": NAME, "data": ANY_OBJECT}

# Contents on iopub.
PUBLISHED: dict[str, Schema] = {
    "status": fields({"execution_state": one_of("starting", "busy", "idle")}),
    "iopub_welcome": fields({"subscription": TEXT}),
    "execute_input": fields({"code": TEXT, "execution_count": COUNT}),
    "stream": fields({"name": one_of("stdout", "stderr"), "text": NAME}),
    "display_data": bundle({"transient": fields({}, {"display_id": NAME})}),
    "update_display_data": bundle({"transient": fields({"display_id": NAME})}),
    "execute_result": bundle({"execution_count": COUNT, "transient": fields({}, {"display_id": NAME})}),
    "error": fields(ERROR),
    "clear_output": fields({"wait": TRUTH}),
    "comm_open": fields(COMM | {"target_name": NAME}),
    "comm_msg": fields(COMM),
    "comm_close": fields(COMM),
    "shutdown_reply": reply({"restart": TRUTH}),
}

# Contents on shell, control and stdin.
ANSWERED: dict[str, Schema] = {
    "execute_reply": by_status(
        {
            "aborted": fields({"status": one_of("aborted"), "execution_count": COUNT}),
            "error": FAILED_CELL,
        },
        fields({"status": one_of("ok")} | RAN),
    ),
    "complete_reply": reply({
        "matches": many(NAME), "cursor_start": COUNT, "cursor_end": COUNT,
        "metadata": fields({"_jupyter_types_experimental": many(COMPLETION)}),
    }),
    "inspect_reply": by_status(
        {"error": FAILED},
        {
            "if": {"properties": {"found": one_of(True)}},
            "then": fields({"status": one_of("ok"), "found": one_of(True)} | BUNDLE),
            "else": fields({
                "status": one_of("ok"), "found": one_of(False), "data": fields({}), "metadata": fields({}),
            }),
        },
    ),
    "is_complete_reply": by_status(
        {"error": FAILED, "incomplete": fields({"status": one_of("incomplete"), "indent": TEXT})},
        fields({"status": one_of("complete", "invalid", "unknown")}),
    ),
    "history_reply": reply({"history": many(HISTORY_ENTRY)}),
    "kernel_info_reply": reply({
        "protocol_version": one_of(VERSION), "implementation": NAME, "implementation_version": NAME,
        "language_info": LANGUAGE, "banner": NAME, "debugger": one_of(False),
        "supported_features": many(one_of("kernel subshells")),
        "help_links": many(fields({"text": NAME, "url": {"type": "string", "pattern": "^https?://"}})),
    }),
    "comm_info_reply": reply({
        "comms": {"type": "object", "additionalProperties": fields({"target_name": NAME})},
    }),
    "connect_reply": reply({
        "shell_port": PORT, "iopub_port": PORT, "stdin_port": PORT, "control_port": PORT, "hb_port": PORT,
    }),
    "input_request": fields({"prompt": TEXT, "password": TRUTH}),
    "interrupt_reply": reply(),
    "shutdown_reply": PUBLISHED["shutdown_reply"],
    "usage_reply": reply({
        "hostname": NAME, "pid": POSITIVE, "kernel_cpu": NUMBER, "kernel_memory": POSITIVE,
        "cpu_count": POSITIVE, "rejected_messages": COUNT,
        "host_virtual_memory": fields({
            "total": POSITIVE, "available": POSITIVE, "used": POSITIVE,
            "percent": {"type": "number", "minimum": 0, "maximum": 100},
        }),
    }),
    "create_subshell_reply": reply({"subshell_id": NAME}),
    "delete_subshell_reply": reply(),
    # The specification uses the singular for the list, too.
    "list_subshell_reply": reply({"subshell_id": many(NAME)}),
}

KINDS = sorted(PUBLISHED | ANSWERED)

# What only a cell can have published; replies have the request of their name.
OF_CELLS = (
    "execute_input", "stream", "display_data", "update_display_data", "execute_result", "error",
    "clear_output", "input_request",
)


def parent(kind: str) -> Schema:
    """The header of the request that a message answers, as its client wrote it."""
    if kind == "iopub_welcome":
        return fields({})
    wanted: Schema = NAME
    if kind in OF_CELLS:
        wanted = one_of("execute_request")
    elif kind.endswith("_reply"):
        wanted = one_of(kind.removesuffix("_reply") + "_request")
    request: Schema = {
        "type": "object", "required": ["msg_id", "msg_type"], "properties": {"msg_id": TEXT, "msg_type": wanted},
    }
    return request


def metadata(kind: str) -> Schema:
    if kind == "execute_reply":
        return fields({}, {"started": DATE})
    return ANY_OBJECT if kind.startswith("comm_") and kind in PUBLISHED else fields({})


def schema(kind: str, is_published: bool) -> Schema:
    """The schema of a whole message: header, parent, metadata and content."""
    header = fields({
        "msg_id": NAME, "session": NAME, "username": NAME, "date": DATE, "msg_type": one_of(kind),
        "version": one_of(VERSION),
    })
    message = fields({
        "header": header, "parent_header": parent(kind), "metadata": metadata(kind),
        "content": (PUBLISHED if is_published else ANSWERED)[kind],
    })
    if kind == "status":
        # Only the start of the kernel is nobody's doing.
        starting = {"properties": {"content": {"properties": {"execution_state": one_of("starting")}}}}
        empty = {"properties": {"parent_header": fields({})}}
        asked = {"properties": {"parent_header": parent(kind)}}
        message["properties"]["parent_header"] = ANY_OBJECT
        message |= {"if": starting, "then": empty, "else": asked}
    return {"$schema": "http://json-schema.org/draft-07/schema#"} | message


@functools.cache
def validator(kind: str, is_published: bool) -> Callable[[Any], Any]:
    """Checks messages of a type; compiled, since kernels are made to send many."""
    return fastjsonschema.compile(schema(kind, is_published), use_default=False)
