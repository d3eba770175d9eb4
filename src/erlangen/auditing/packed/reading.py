"""What users hold of sets, graphs, clouds, and of products and sets of these, read as samples one by one."""

from collections.abc import Sequence
from copy import copy
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.packed.compound import Gathering, Tuples
from erlangen.auditing.packed.signals import ENDS, FACES, INDEXES, POSITION, Sample
from erlangen.domains import Domain, Graph, Mesh, Nest, Points, Product, Set
from erlangen.domains.graph_formats import as_data
from erlangen.domains.mesh_formats import as_mesh
from erlangen.domains.packed import Packed, attribute
from erlangen.domains.point_formats import as_points
from erlangen.errors import InputError


def read_samples(domain: Domain, given: Any) -> list[Sample]:
    """A list of what users hold, each read by itself. Raises InputError for fewer than two, and for what is none."""
    if isinstance(given, Tensor) and given.dim() == 3 + domain.axes:
        given = list(given)
    if not isinstance(given, Sequence) or len(given) < 2:
        count = f"{len(given)} of them" if isinstance(given, Sequence) else f"a {type(given).__name__}"
        raise InputError(f"inputs: {count}", "a list of at least two sets or graphs, better 16 or more", _MEND)
    return [_read(domain, one, i) for i, one in enumerate(given)]


def rows_by(domain: Domain) -> Packed | None:
    """The packed domain whose points the rows of a signal are; None where they are tuples or points of several."""
    found: Any = domain
    if isinstance(domain, Product):
        packed = [factor for factor in domain.factors if factor.packed]
        found = packed[0] if len(packed) == 1 else None
    if isinstance(domain, Nest):
        found = None if domain.of.packed else Set()
    return found


def _read(domain: Domain, given: Any, which: int) -> Sample:
    if isinstance(domain, Nest) and domain.of.packed:
        return Gathering.of([_read(domain.of, one, which) for one in _members(domain.of, given)])
    try:
        read, factor = _opened(domain, given), rows_by(domain)
        domain.read(read)  # type: ignore[attr-defined]
    except InputError as refusal:
        raise InputError(f"input {which}: {refusal.given}", refusal.expected, refusal.mend) from None
    if factor is not None:
        return _sample(factor, read)
    assert isinstance(domain, Product), "rows are tuples of points of its factors"
    packed: list[Any] = [part for part in domain.factors if part.packed]
    return Tuples({"x": attribute(read, "x")}, {}, {}, tuple(_parts(domain, packed, attribute(read, "factors"))))


def _opened(domain: Domain, given: Any) -> Any:
    """What users hold, as the domain reads it."""
    if isinstance(given, Tensor):
        return {"x": given}
    factor = rows_by(domain)
    if factor is None:
        return given
    kinds = ((Points, as_points), (Mesh, as_mesh))
    opened: Any = next((read for kind, read in kinds if isinstance(factor, kind)), as_data)
    return opened(given)


def _parts(domain: Product, packed: list[Any], given: Any) -> list[Sample]:
    """What each packed factor has; of a set how many points there are."""
    own = list(given) if len(given) == len(packed) else [given[domain.factors.index(part)] for part in packed]
    return [_sample(part, _counted(data)) for part, data in zip(packed, own, strict=True)]


def _counted(data: Any) -> Any:
    """The same with a channel of ones where a factor has no features of its own."""
    held = _attributes(data)
    known = [held.get(name) for name in ("x", POSITION, "batch")]
    count = next((len(values) for values in known if isinstance(values, Tensor)), held.get("num_nodes"))
    count = int(held["ptr"][-1]) if count is None else count
    return {**held, "x": torch.ones(int(count), 1)}


def _members(of: Domain, given: Any) -> list[Any]:
    """The members of a set: a list of them, or one behind the other with `batch`."""
    if isinstance(given, list | tuple):
        return list(given)
    if hasattr(given, "to_data_list"):
        return given.to_data_list()
    factor = rows_by(of)
    if factor is None:
        raise InputError(f"a set of signals on {of!r} as {type(given).__name__}", "a list of them", "One by one.")
    held = _attributes(given)
    batch = held.get("batch")
    batch = torch.zeros(len(held["x"]), dtype=torch.int64) if batch is None else batch
    whole = _sample(factor, {name: value for name, value in held.items() if name != "sets"})
    return [_one_of(whole, batch == b) for b in range(int(batch.max()) + 1)]


def _one_of(sample: Sample, here: Tensor) -> dict[str, Any]:
    """The points that are `here`, and the edges between them."""
    number = here.cumsum(0) - 1
    inside = next((here[value[0]] for name, value in sample.edges.items() if name in INDEXES), None)
    edges = {n: number[v[:, inside]] if n in INDEXES else v[inside] for n, v in sample.edges.items()}
    return {**{name: value[here] for name, value in sample.points.items()}, **edges}


def _sample(domain: Packed, data: Any) -> Sample:
    tensors = {name: value for name, value in _attributes(data).items() if isinstance(value, Tensor)}
    if isinstance(domain, Points) and "x" not in tensors:
        tensors["x"] = tensors[POSITION].new_ones(len(tensors[POSITION]), 1)  # as `er.Points` reads it
    points, edges, whole = {name: tensors.pop(name) for name in ("x", POSITION) if name in tensors}, {}, {}
    if isinstance(domain, Mesh):
        face = tensors.pop(FACES, torch.zeros(3, 0, dtype=torch.int64))  # clouds have none
        points = {name: values for name, values in points.items() if values.numel()}  # x of no channels is none
        edges[FACES] = face if len(face) == 3 else face.T.contiguous()
    if isinstance(domain, Graph | Points) and ENDS in tensors:  # points may come with edges of their own
        edges[ENDS] = tensors.pop(ENDS)
    count, size = edges[ENDS].shape[1] if ENDS in edges else -1, len(next(iter(points.values())))
    for name, value in tensors.items():
        if name in ("batch", "ptr", "y"):
            continue
        if name.startswith(("edge_", "cell_offsets")) and len(value) == count:
            edges[name] = value
        elif value.dim() and len(value) == size:
            points[name] = value
        else:
            whole[name] = value
    return Sample(points, edges, whole)


def _attributes(data: Any) -> dict[str, Any]:
    if isinstance(data, dict):
        return data
    to_dict = getattr(data, "to_dict", None)
    if callable(to_dict):
        found: Any = to_dict()
        return dict(found)
    known = {name: attribute(data, name) for name in ("x", ENDS, "edge_attr", "edge_weight", POSITION, FACES)}
    return {**known, **getattr(copy(data), "__dict__", {})}


_MEND = "Pass [graph, graph, …], each with x and edge_index; sets as [tensor, tensor, …]."
