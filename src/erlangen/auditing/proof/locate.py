"""Where a symmetry breaks: from which node on the inner values are no longer those of x in another order.

The values of a symmetric network on g·x are its values on x elsewhere, so the sum of a random function of them is the
same. No action on inner tensors has to be declared. Slices whose sum is symmetric break and recover; so what is sought
is a node that breaks though all it reads is whole, and from which broken nodes lead on to the answer.
"""

import operator
from collections.abc import Callable, Iterator

from torch import fx

from erlangen.auditing.proof.field import Field, Residues
from erlangen.auditing.proof.operations import name_of
from erlangen.auditing.proof.program import Program

SPOKEN = {
    "_native_batch_norm_legit_no_training": "batch norm",
    "native_batch_norm": "batch norm",
    "native_layer_norm": "layer norm",
    "native_group_norm": "group norm",
    "max_pool2d_with_indices": "max pool",
    "max_pool3d_with_indices": "max pool",
    "_softmax": "softmax",
    "addmm": "matrix product",
    "mm": "matrix product",
    "bmm": "matrix product",
}


def locate(program: Program, field: Field, x: Residues, gx: Residues) -> str:
    """The first such node in words; nothing where the answer holds the same values, only in other places."""
    here, there = (_fingerprints(program, field, given) for given in (x, gx))
    broken = {node for node in here if here[node] != there[node]}
    if program.answer not in broken:
        return ""
    found: set[fx.Node] = set()
    seen, stack = {program.answer}, [program.answer]
    while stack:
        node = stack.pop()
        before = [used for used in _read(node, here) if used in broken]
        if not before:
            found.add(node)
        stack += [used for used in before if used not in seen]
        seen |= set(before)
    first = next(node for node in program.graph.nodes if node in found)
    return describe(first)


def describe(node: fx.Node) -> str:
    """ "convolution of layers.3 (LatticeConv)": the operation, and the innermost module that it belongs to.

    >>> graph = fx.Graph()
    >>> node = graph.call_function(len, (graph.placeholder("x"),))
    >>> node.meta["nn_module_stack"] = {"a": ("L['self'].model.layers.3", "erlangen.layers.LatticeConv")}
    >>> describe(node)
    'len of layers.3 (LatticeConv)'
    """
    if node.target is operator.getitem and isinstance(node.args[0], fx.Node):
        return describe(node.args[0])
    said = name_of(node.target) if hasattr(node.target, "_schema") else getattr(node.target, "__name__", "")
    said = SPOKEN.get(said, said)
    stack = list(node.meta.get("nn_module_stack", {}).values())
    if not stack:
        return said
    path, kind = stack[-1]
    kind = kind if isinstance(kind, str) else kind.__name__
    path = path.removeprefix("L['self']").removeprefix(".").removeprefix("model").removeprefix(".")
    return f"{said} of {path} ({kind.rsplit('.', 1)[-1]})" if path else said


def _fingerprints(program: Program, field: Field, x: Residues) -> dict[fx.Node, int]:
    found: dict[fx.Node, int] = {}
    note: Callable[[fx.Node, Residues], None] = lambda node, value: found.update({node: field.fingerprint(value)})  # noqa: E731
    program.run(field, x, note)
    return found


def _read(node: fx.Node, noted: dict[fx.Node, int]) -> Iterator[fx.Node]:
    """What a node reads, past those (pairs and lists) that have no fingerprint of their own."""
    for used in node.all_input_nodes:
        if used in noted:
            yield used
        else:
            yield from _read(used, noted)
