"""From a TOML file to a Config: every key known, every value of its kind, or a ConfigError that names file and key."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, replace
from importlib.resources import files
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from erlangen.errors import ConfigError, SymmetryError
from erlangen.given import meant, place
from erlangen.groups import TimeWarp
from erlangen.train.config import LATTICE, MESH, PACKED, POINTS, PRODUCT, SECTIONS, SPHERE, TIME, Config, choices_on

KINDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", list: "a list of texts"}
LISTS = ("relations",)
SHOWN = "`erlangen train --defaults` shows every key."
MOST = 1 << 63  # whole numbers below it are counts
OPTIONAL = {
    "relaxed": bool | float,
    "band": int,
    "reach": int,
    "rings": int,
    "max_frequency": int,
    "samples": int,
    "structure": int,
    "highest": int,
    "hidden": int,
    "moves": bool,
    "ratio": float,
    "slowest": float,
}  # others without a default: text


def builtin() -> dict[str, Path]:
    """The runs that come with the library, by name.

    >>> "rotated-digits" in builtin()
    True
    """
    folder = Path(str(files("erlangen.train") / "recipes"))
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def read_config(source: str | Path) -> Config:
    """A built-in name or the path of a TOML file ↦ Config. Anything wrong is a ConfigError naming file and key.

    A relative `data.source` that exists beside the file is meant from there.

    >>> read_config("rotated-digits").task.symmetry
    'C(4)'
    """
    path = builtin().get(str(source), place("source", source, ConfigError))
    table = _parse(path)
    config = config_from(table, str(path), path.stem)
    beside = path.parent / config.data.source
    if config.data.source and beside.exists() and str(source) not in builtin():
        return replace(config, data=replace(config.data, source=str(beside.resolve())))
    return config


def config_from(table: Mapping[str, Any], where: str, name: str) -> Config:
    """The tables of a file, checked, as a Config; `where` stands in the messages, `name` is used if none is given.

    >>> config_from({"task": {"domain": "Grid(2)", "output": "Invariant(3)"}}, "here", "mine").name
    'mine'
    """
    _check_known(table, ["name", *SECTIONS], where, "")
    name = table.get("name", name)
    if not isinstance(name, str) or not name or any(letter in name for letter in "/\\") or name.startswith("."):
        raise ConfigError(f"name = {name!r} in {where}", "a text fit for a folder", "Use letters, digits and hyphens.")
    if "task" not in table:
        raise ConfigError(
            f"{where} without a section [task]", "domain and output", "`erlangen train --defaults` shows all."
        )
    kind = _kind(table["task"], table.get("network", {}))
    return Config(name, **{key: _section(key, table[key], where, kind) for key in SECTIONS if key in table})


def overlay(config: Config | None, overrides: Mapping[str, Mapping[str, Any]], where: str) -> Config:
    """The configuration with these keys of these sections laid over it, None meaning as before; checked like a file.

    >>> overlay(read_config("rotated-digits"), {"train": {"epochs": 2, "seeds": None}}, "here").train.epochs
    2
    """
    base: dict[str, Any] = {"name": "task"} if config is None else config.to_dict()
    laid = {section: {**base.get(section, {}), **_given(overrides.get(section, {}))} for section in SECTIONS}
    return from_dict({"name": base["name"], **laid}, where)


def from_dict(data: Mapping[str, Any], where: str) -> Config:
    """What `Config.to_dict` wrote, checked like a file.

    >>> from_dict(read_config("rotated-digits").to_dict(), "here") == read_config("rotated-digits")
    True
    """
    table: dict[str, Any] = {"name": data.get("name", "")}
    for section in SECTIONS:
        keys = dict(data.get(section, {}))
        choices = keys.pop("choices", {})
        table[section] = _given({**choices, **keys})
    return config_from(table, where, table["name"])


def to_toml(config: Config) -> str:
    """The TOML file of a configuration: what `read_config` reads as the same.

    >>> to_toml(read_config("rotated-digits")).splitlines()[0]
    'name = "rotated-digits"'
    """
    import tomli_w

    table: dict[str, Any] = {"name": config.name}
    for section, keys in config.to_dict().items():
        if section in SECTIONS:
            choices = keys.pop("choices", {})
            table[section] = _given({**keys, **choices})
    return tomli_w.dumps(table)


def _given(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value is not None}


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = ", ".join(builtin())
        given = f"{path}, which is neither a file nor a built-in run"
        mend = meant(str(path), list(builtin()), "Check the path.")
        raise ConfigError(given, f"a TOML file or one of: {names}", mend) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}, which cannot be read ({error})", "a TOML file", "Check the path.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}, which is not TOML: {error}", "a TOML file", "Mend that line.") from None


def _kind(task: Any, network: Any) -> str:
    """What may be chosen: on sets and graphs, on points, of recurrent layers, or else; also of what cannot be read."""
    from erlangen.blueprint.recurrent import RECURRENT
    from erlangen.domains import Mesh, Nest, Points, Product, Sequence, Sphere
    from erlangen.domains.packed import Packed
    from erlangen.train.reading import parse_domain, parse_symmetry

    try:
        domain, symmetry = parse_domain(str(task["domain"])), task.get("symmetry")
        kinds = ((Mesh, MESH), (Points, POINTS), (Packed, PACKED), (Sphere, SPHERE), (Product | Nest, PRODUCT))
        found = next((kind for room, kind in kinds if isinstance(domain, room)), None)
        if found is not None:
            return found
        warped = symmetry is not None and parse_symmetry(str(symmetry)) == TimeWarp()
        return TIME if isinstance(domain, Sequence) and (warped or network.get("layer") in RECURRENT) else LATTICE
    except (AttributeError, KeyError, TypeError, SymmetryError):
        return LATTICE


def _section(name: str, table: Any, where: str, chosen: str) -> Any:
    kind = SECTIONS[name]
    if not isinstance(table, Mapping):
        raise ConfigError(f"{name} = {table!r} in {where}", f"a section [{name}]", "Write its keys below that line.")
    known = {entry.name: entry for entry in fields(kind) if entry.name != "choices"}
    choices, about = choices_on(chosen) if name == "network" else ({}, {})
    _check_known(table, [*known, *choices], where, f"{name}.")
    hints = get_type_hints(kind)
    values = {
        key: _value(value, hints[key], known[key], f"{name}.{key}", where)
        for key, value in table.items()
        if key in known
    }
    for key, entry in known.items():
        if key not in values and entry.default is MISSING:
            raise ConfigError(f"{where} without {name}.{key}", entry.metadata["about"], f"Add it to [{name}].")
    extra = _extra(table, choices, about, f"{name}.", where)
    return kind(**values, **({"choices": extra} if extra else {}))


def _extra(
    table: Mapping[str, Any], choices: Mapping[str, Any], about: Mapping[str, str], prefix: str, where: str
) -> dict[str, Any]:
    """The choices that are not the defaults anyway, so that a key left out and its default are the same run."""
    for key, default in choices.items():
        kind = list if key in LISTS else OPTIONAL.get(key, str if default is None else type(default))
        if key in table and _read(table[key], kind) is None:
            given = f"{prefix}{key} = {table[key]!r} in {where}"
            raise ConfigError(given, _expected(kind), f"{prefix}{key} is: {about[key]}.")
    return {key: table[key] for key, default in choices.items() if table.get(key, default) != default}


def _check_known(table: Mapping[str, Any], known: list[str], where: str, prefix: str) -> None:
    for key in table:
        if key not in known:
            expected = f"one of {', '.join(known)}"
            raise ConfigError(f"the unknown key {prefix}{key} in {where}", expected, meant(key, known, SHOWN))


def _value(value: Any, kind: Any, entry: "Field[Any]", key: str, where: str) -> Any:
    read, expected = _read(value, kind), _expected(kind)
    least, among = entry.metadata["least"], entry.metadata["among"]
    items = read if isinstance(read, tuple) else tuple(read.values()) if isinstance(read, dict) else (read,)
    named = tuple(read) if isinstance(read, dict) else items
    fits = all(item is not None and not (isinstance(item, float) and not math.isfinite(item)) for item in items)
    if fits and least is not None and any(isinstance(item, int | float) and item < least for item in items):
        fits, expected = False, f"{expected}, at least {least:g}"
    if fits and among and any(item not in among for item in named):
        fits, expected = False, f"{expected} among {', '.join(among)}"
    if (fits and isinstance(read, tuple) and len(set(read)) != len(read)) or (read == () and entry.default != ()):
        fits, expected = False, f"{expected}, each once and at least one"
    if not fits:
        raise ConfigError(f"{key} = {value!r} in {where}", expected, f"{key} is: {entry.metadata['about']}.")
    return read


def _read(value: Any, kind: Any) -> Any:
    """The value as this kind, None if it is none: whole numbers serve as numbers, lists as tuples."""
    if get_origin(kind) in (Union, UnionType):
        return next((read for option in get_args(kind) if (read := _read(value, option)) is not None), None)
    if get_origin(kind) is tuple:
        items = get_args(kind)
        if not isinstance(value, list) or (items[-1] is not Ellipsis and len(value) != len(items)):
            return None
        read = tuple(_read(item, items[0]) for item in value)
        return None if None in read else read
    if get_origin(kind) is Mapping:
        read = (
            {name: _read(item, get_args(kind)[1]) for name, item in value.items()} if isinstance(value, dict) else None
        )
        return None if read is None or None in read.values() else read
    if kind is NoneType or (isinstance(value, bool) and kind is not bool):
        return None
    if isinstance(value, int) and abs(value) >= MOST:
        return None
    if kind is float and isinstance(value, int):
        return float(value)
    return value if isinstance(value, kind) else None


def _expected(kind: Any) -> str:
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_expected(option) for option in get_args(kind) if option is not NoneType)
    if get_origin(kind) is tuple:
        items = get_args(kind)
        each = _expected(items[0])
        return f"a list of which each is {each}" if items[-1] is Ellipsis else f"a list of {len(items)}, each {each}"
    if get_origin(kind) is Mapping:
        return f"a table of which each value is {_expected(get_args(kind)[1])}"
    return KINDS[kind]
