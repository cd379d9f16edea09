"""Writes the fixtures of SafetensorsTest, byte by byte, without the safetensors module.

Run from the repository root with numpy installed:

    python3 models/src/test/python/make_safetensors_fixtures.py
"""

import json
import pathlib
import struct

import numpy as np

TARGET = pathlib.Path(__file__).parents[1] / "resources/dev/tandem/models/weights"


def write(name, tensors, header_order=None, metadata=None, padding=0):
    """tensors: (name, dtype, shape, bytes) in the order of the data."""
    entries, data = {}, b""
    for tensor, dtype, shape, content in tensors:
        entries[tensor] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    header = {"__metadata__": metadata} if metadata else {}
    header.update({tensor: entries[tensor] for tensor in header_order or entries})
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    if padding:
        text += b" " * (-len(text) % padding)
    (TARGET / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    halves = np.array([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, np.inf, -np.inf], "<f2")
    bfloats = np.array([1.0, -2.5, 3.3895314e38, 1e-38, np.inf], "<f4").view("<u4")
    assert not (bfloats[[0, 1, 4]] & 0xFFFF).any()
    write("every_type.safetensors", [
        ("f64", "F64", [2, 2], np.array([1.5, -2.25, 0.1, np.inf], "<f8").tobytes()),
        ("f32", "F32", [3], np.array([0.1, -1e-45, 3.4028235e38], "<f4").tobytes()),
        ("f16", "F16", [8], halves.tobytes()),
        ("bf16", "BF16", [5], (bfloats >> 16).astype("<u2").tobytes()),
        ("bn1.num_batches_tracked", "I64", [], np.array(2 ** 40 + 1, "<i8").tobytes()),
        ("i32", "I32", [1, 2], np.array([[-7, 2 ** 31 - 1]], "<i4").tobytes()),
        ("u8", "U8", [2], bytes([0, 255])),
        ("bool", "BOOL", [3], bytes([1, 0, 1])),
        ("größe", "F32", [0, 4], b""),
    ], header_order=["größe", "f32", "f64", "bn1.num_batches_tracked", "f16", "bf16", "bool", "u8", "i32"],
        metadata={"format": "pt", "note": "line\nend"})
    write("canonical.safetensors", [
        ("fc1.weight", "F32", [2, 3], np.arange(6, dtype="<f4").tobytes()),
        ("fc1.bias", "F32", [2], np.array([-0.5, 0.25], "<f4").tobytes()),
        ("scale", "F32", [], np.array(3, "<f4").tobytes()),
    ], metadata={"format": "pt"}, padding=8)


if __name__ == "__main__":
    main()
