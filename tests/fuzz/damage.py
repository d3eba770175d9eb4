"""Damage to files: of bytes, of the parts inside archives, of arrays, and of whole files; drawn by whoever asks."""

import gzip
import io
import json
import re
import shutil
import struct
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

Below = Callable[[int], int]  # n ↦ one of 0 … n − 1: of hypothesis, of atheris, or of a random generator

NUMBERS = "0 -1 1 2 3.5 1e999 nan -inf 999999999999 9223372036854775807 18446744073709551616 ١ 1_0 +1 0x10 1e-400"
SIGNS = "\u2028 é 𝄞 , : \" [ { $$$$ > ' - @"
BYTES = (
    *(word.encode() for word in (*NUMBERS.split(" "), *SIGNS.split(" "))),
    *(b"", b"\0", b"\0" * 9, b"\xff" * 8, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80", b"\xef\xbb\xbf"),
    *(struct.pack("<q", 10**12), struct.pack(">q", 10**12), struct.pack("<d", np.nan), struct.pack("<f", np.inf)),
    *(b"\n", b"\r", b"\n\n"),
)
VALUES: tuple[Any, ...] = (None, True, -1, 0, 10**12, 10**400, 1.5, float("nan"), float("inf"), "", "é", [], {}, [[]])
KINDS = ("f4", "f8", "f2", "i8", "i1", "u1", "u8", "b1", "c8", "U3", "S2", "O", "M8[s]", ">f8", [("a", "i4")])


def damage(place: Path, below: Below) -> None:
    """One to three changes to a file, or to files of a folder."""
    for _ in range(1 + below(3)):
        files = sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]
        if files and (place.is_file() or below(8)):
            file = files[below(len(files))]
            file.write_bytes(_changed(file.read_bytes(), file.name, below))
        elif files:
            _moved(files, below)


def _moved(files: list[Path], below: Below) -> None:
    """A file goes, takes the place of another, or is a folder now."""
    file, other = files[below(len(files))], files[below(len(files))]
    kind = below(3)
    if kind == 1 and file != other:
        shutil.copyfile(other, file)
    else:
        file.unlink()
        if kind == 2:
            file.mkdir()


def _changed(content: bytes, name: str, below: Below) -> bytes:
    inside = next((change for ending, change in INSIDE.items() if name.endswith(ending)), None)
    if inside is not None and below(3):
        with suppress(Exception):  # where an earlier change has left nothing to open
            return inside(content, below)
    return of_bytes(content, below)


def of_bytes(content: bytes, below: Below) -> bytes:
    """A bit is flipped, a block taken out, doubled, moved or written over, a number or a line is another."""
    n = len(content)
    start = below(n + 1)
    end = min(n, start + (1 << below(10)))
    block, put = content[start:end], BYTES[below(len(BYTES))]
    match below(9):
        case 0 if block:
            return content[:start] + bytes([content[start] ^ (1 << below(8))]) + content[start + 1 :]
        case 1:
            return content[:start]
        case 2:
            return content[:start] + content[end:]
        case 3:
            return content[:end] + block + content[end:]
        case 4:
            at = below(n + 1)
            return content[:at] + block + content[at:]
        case 5:
            return content[:start] + put + content[start:]
        case 6:
            return content[:start] + put + content[start + len(put) :]
        case 7:
            return _another_number(content, put, below)
        case _:
            return _swapped_lines(content, below)


def _another_number(content: bytes, put: bytes, below: Below) -> bytes:
    numbers = list(re.finditer(rb"[-+]?\d+(\.\d*)?", content))
    if not numbers:
        return content + put
    found = numbers[below(len(numbers))]
    return content[: found.start()] + put + content[found.end() :]


def _swapped_lines(content: bytes, below: Below) -> bytes:
    lines = content.split(b"\n")
    i, j = below(len(lines)), below(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return b"\n".join(lines)


def _in_gzip(content: bytes, below: Below) -> bytes:
    return gzip.compress(of_bytes(gzip.decompress(content), below), mtime=0)


def _in_zip(content: bytes, below: Below) -> bytes:
    """Of arrays: the bytes of one, or the arrays as such; every checksum is right again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(parts)[below(len(parts))]
    if below(3):
        _as_arrays(parts, name, below)
    else:
        parts[name] = of_bytes(parts[name], below)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for key, part in parts.items():
            archive.writestr(key, part)
    return made.getvalue()


def _as_arrays(parts: dict[str, bytes], name: str, below: Below) -> None:
    names = sorted(parts)
    other = names[below(len(names))]
    if not below(6):
        parts[other], parts[name] = parts[name], parts[other]
        return
    if not below(6):
        del parts[name]
        return
    array = np.lib.format.read_array(io.BytesIO(parts[name]), allow_pickle=True)
    parts[name] = _written(_another_array(array, below))


def _another_array(array: np.ndarray, below: Below) -> np.ndarray:
    rows = below(len(array) + 1) if array.ndim else 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NaN as a whole number, and the like
        match below(8):
            case 0:
                return array.astype(KINDS[below(len(KINDS))])
            case 1:
                return array[:rows] if array.ndim else array[None]
            case 2:
                return array[..., None] if below(2) else array[None]
            case 3:
                return array.reshape(-1)
            case 4:
                return array.T
            case 5:
                return np.concatenate([array, array]) if array.ndim else np.stack([array] * 3)
            case 6:
                return array[0] if len(array.shape) and len(array) else np.array(3)
            case _:
                return _with_another_value(array, below)


def _with_another_value(array: np.ndarray, below: Below) -> np.ndarray:
    array = array.copy()
    values = (np.nan, np.inf, -1, 0, 10**6, 2**31, 2**62, -(2**63), 1e300)
    value = values[below(len(values))]
    if array.size and array.dtype.kind in "iufb":
        array.reshape(-1)[below(array.size)] = np.array(value).astype(array.dtype)
    return array


def _written(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def _in_json(content: bytes, below: Below) -> bytes:
    return json.dumps(another_tree(json.loads(content), below)).encode()


def _in_safetensors(content: bytes, below: Below) -> bytes:
    """The header as a tree, and the texts in it that are trees again."""
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    said = header.get("__metadata__", {})
    nested = [name for name in said if said[name].startswith("{")]
    if nested and below(4):
        name = nested[below(len(nested))]
        said[name] = json.dumps(another_tree(json.loads(said[name]), below))
        if below(2):
            said.pop("sha256", None)
    else:
        header = another_tree(header, below)
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + content[8 + size :]


def another_tree(data: Any, below: Below) -> Any:
    """Nested data with one part of it another, gone, or doubled."""
    places = list(_places(data, ()))
    at = places[below(len(places))]
    if not at:
        return VALUES[below(len(VALUES))]
    part = data
    for key in at[:-1]:
        part = part[key]
    match below(4):
        case 0:
            del part[at[-1]]
        case 1 if isinstance(part, list):
            part.append(part[at[-1]])
        case 2 if isinstance(part, dict):
            part[VALUES[below(len(VALUES))].__repr__()] = part.pop(at[-1])
        case _:
            part[at[-1]] = VALUES[below(len(VALUES))]
    return data


def _places(data: Any, at: tuple[Any, ...]) -> Any:
    yield at
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from _places(data[key], (*at, key))


INSIDE: dict[str, Callable[[bytes, Below], bytes]] = {
    ".gz": _in_gzip,
    ".npz": _in_zip,
    ".json": _in_json,
    ".safetensors": _in_safetensors,
}
