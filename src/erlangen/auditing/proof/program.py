"""A model as its graph of torch's core operations, evaluated node by node on residues instead of floats."""

import io
import logging
import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.func import functional_call
from torch.fx import config
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.traceback import get_current_meta, preserve_node_meta
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from erlangen.auditing.proof.field import Field, Residues
from erlangen.auditing.proof.operations import act, is_known, name_of
from erlangen.auditing.proof.values import Known, Truth, Undecided, as_torch, known

UNWRITTEN = {"empty", "empty_permuted", "empty_strided"}
Note = Callable[[fx.Node, Residues], None]


class Program:
    """The graph of y = f(x) for one shape of x, in core operations, weights included.

    It is traced once, where that is enough; where it is not `torch.export` writes it, which takes several times as
    long. Raises Undecided where torch cannot export the model, saying what it said.
    """

    def __init__(self, model: Callable[..., Any], example: Tensor, read: Callable[[Any], Tensor]):
        wrapped = _Answering(model, read).eval()
        written = _traced(wrapped, example) or _exported(wrapped, example)
        self.graph, self.held, self.names, self.answer = written
        self.moving = _moving(self.graph, self.held)
        self.last = _last_uses(self.graph)
        self.constants: dict[fx.Node, Any] = {}

    def prepare(self, field: Field) -> None:
        """All that does not depend on x, once: kernels spread from their weights, masks, indices."""
        values: dict[fx.Node, Any] = {}
        kept = {used for node in self.moving for used in node.all_input_nodes} | {self.answer}
        for node in self.graph.nodes:
            if node.op == "output" or node in self.moving:
                continue
            if node.op in ("placeholder", "get_attr"):
                values[node] = known(field, self.held[node.name], self.names[node.name], learned=True)
            else:
                values[node] = self._made(field, node, values)
            for gone in self.last.get(node, ()):
                if gone in values and gone not in kept:
                    del values[gone]
        self.constants = values

    def run(self, field: Field, x: Residues, note: Note | None = None) -> Residues:
        """f(x); `note` is told of all on the way that depends on x. Raises Undecided at an unknown operation."""
        if not self.constants:
            self.prepare(field)
        values = dict(self.constants)
        for node in self.graph.nodes:
            if node not in self.moving:
                continue
            values[node] = x if node.op == "placeholder" else self._made(field, node, values)
            if note is not None and isinstance(values[node], Residues | Truth):
                note(node, values[node].residues)
            for gone in self.last.get(node, ()):
                if gone is not self.answer:
                    values.pop(gone, None)
        answer = values[self.answer]
        if isinstance(answer, Truth):
            raise Undecided("an answer of truth values")
        return answer.residues

    def _made(self, field: Field, node: fx.Node, values: dict[fx.Node, Any]) -> Any:
        if node.op != "call_function":
            raise Undecided(f"a part of the graph of its own, {node.target}")
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            raise Undecided(f"the model draws at random: {node.target}")
        mapped: Any = fx.map_arg((node.args, dict(node.kwargs)), values.__getitem__)
        args, kwargs = mapped
        if node.target is operator.getitem:
            if args[0][args[1]] is None:
                raise Undecided(f"where the largest lies, of {node.args[0]}")
            return args[0][args[1]]
        if any(isinstance(leaf, Residues | Truth) for leaf in pytree.tree_leaves((args, kwargs))):
            made = act(field, node.target, args, kwargs)
            return known(field, made, str(node)) if isinstance(made, Tensor) else made
        return _constant(field, node, args, kwargs)


Written = tuple[fx.Graph, dict[str, Tensor], dict[str, str], fx.Node]  # what its leaves are, their names, the answer


def _exported(wrapped: nn.Module, example: Tensor) -> Written:
    try:
        with torch.no_grad(), _quiet():
            exported = torch.export.export(wrapped, (example,), strict=False).run_decompositions(_table())
    except Exception as error:  # the model is the user's, and so is the reason why torch cannot write it down
        raise Undecided(f"torch.export: {type(error).__name__}: {_first_line(error)}") from error
    kept, signature = {**exported.state_dict, **exported.constants}, exported.graph_signature
    named = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    named |= signature.inputs_to_lifted_tensor_constants
    held = {placeholder: kept[name] for placeholder, name in named.items()}
    names = {placeholder: name.removeprefix("model.") for placeholder, name in named.items()}
    answers = [spec.arg.name for spec in signature.output_specs if spec.kind.name == "USER_OUTPUT"]
    return exported.graph, held, names, next(node for node in exported.graph.nodes if node.name == answers[0])


def _traced(wrapped: nn.Module, example: Tensor) -> Written | None:
    """The same by one trace on tensors without values, so that nothing of x can be looked at.

    None where torch cannot, and where something of it is no core operation on what depends on x, or writes in place.
    Raises Undecided at a core operation that no table has: `torch.export`, too, would leave it as it is.
    """
    leaves = {**dict(wrapped.named_parameters()), **dict(wrapped.named_buffers())}

    def called(leaves: dict[str, Tensor], x: Tensor) -> Tensor:
        with _Around():
            return functional_call(wrapped, leaves, (x,))

    try:
        with torch.no_grad(), _quiet(), _placed(wrapped), _without_stacks():
            made = make_fx(called, decomposition_table=_table(), tracing_mode="fake")(leaves, example)
    except Exception:  # what is the matter torch.export says better
        return None
    graph = made.graph
    graph.eliminate_dead_code()
    *placeholders, _ = (node for node in graph.nodes if node.op == "placeholder")
    names = {node.name: name for node, name in zip(placeholders, leaves, strict=True)}
    held = {node: leaves[name] for node, name in names.items()}
    for node in graph.nodes:
        if node.op == "get_attr":
            names[node.name], held[node.name] = str(node.target), getattr(made, str(node.target))
    moving = _moving(graph, held)
    for node in graph.nodes:
        if node in moving and torch.Tag.core in getattr(node.target, "tags", ()) and not is_known(node.target):
            raise Undecided(f"the operation {node.target}")
    (answer,) = pytree.tree_leaves(graph.output_node().args)
    pure = all(not schema.is_mutable for node in graph.nodes if (schema := getattr(node.target, "_schema", None)))
    core = all(node.target is operator.getitem or is_known(node.target) for node in moving if node.op != "placeholder")
    tensors = all(isinstance(value, Tensor) for value in held.values())
    if not (pure and core and tensors):
        return None
    return graph, held, {node: name.removeprefix("model.") for node, name in names.items()}, answer


@contextmanager
def _placed(wrapped: nn.Module) -> Iterator[None]:
    """Nodes say to which module they belong, as those of `torch.export` do."""
    stack: list[dict[str, Any]] = [{}]

    def says(place: dict[str, Any]) -> None:
        get_current_meta()["nn_module_stack"] = place

    def enter(path: str) -> Callable[..., None]:
        def entered(module: nn.Module, _: Any) -> None:
            stack.append({path: (path, type(module))})
            says(stack[-1])

        return entered

    def leave(*_: Any) -> None:
        stack.pop()
        says(stack[-1])

    with preserve_node_meta(), ExitStack() as hooks:
        for path, module in wrapped.named_modules():
            if path:
                hooks.enter_context(module.register_forward_pre_hook(enter(path)))
                hooks.enter_context(module.register_forward_hook(leave))
        yield


@contextmanager
def _without_stacks() -> Iterator[None]:
    """Nodes do not keep the lines of Python that led to them: nobody reads them, and they take a third of the trace."""
    kept = getattr(config, "do_not_emit_stack_traces", False)  # older torch has no such switch, and ignores it
    config.do_not_emit_stack_traces = True
    try:
        yield
    finally:
        config.do_not_emit_stack_traces = kept


class _Answering(nn.Module):
    """The model with the audited part of its answer alone; a plain function, too, becomes a module."""

    def __init__(self, model: Callable[..., Any], read: Callable[[Any], Tensor]):
        super().__init__()
        self.model, self.read = model, read

    def forward(self, x: Tensor) -> Tensor:
        return self.read(self.model(x))


def _constant(field: Field, node: fx.Node, args: Any, kwargs: Any) -> Any:
    """An operation on constants: what torch makes of them, and exactly, where that is an operation of the field."""
    target: Any = node.target
    native = target(*as_torch(args), **as_torch(kwargs))
    if name_of(target) in UNWRITTEN:
        native = torch.zeros_like(native)  # is written into before it is read; NaN in it would stop us
    if not isinstance(native, Tensor):
        return pytree.tree_map_only(Tensor, lambda t: known(field, t, str(node)), native)
    as_it_is = known(field, native, str(node))
    learned = any(isinstance(k, Known) and k.learned for k in pytree.tree_leaves((args, kwargs)))
    if not learned or as_it_is.chooses:
        return as_it_is

    def exactly() -> Residues:
        try:
            return act(field, target, args, kwargs)
        except Undecided:
            return as_it_is.residues

    return Known(native, exactly, learned=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """What torch says of what it does inside, and the graph that it prints where it fails, say nothing to the user."""
    disabled = logging.root.manager.disable
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(disabled)


def _table() -> dict[Any, Callable[..., Any]]:
    """Torch's decompositions but for those of interpolation, whose weights they would round."""
    return dict(_decompositions(len(torch._C._dispatch_get_all_op_names())))


@lru_cache(maxsize=1)
def _decompositions(operators: int) -> dict[Any, Callable[..., Any]]:
    """Collected once, which takes as long as a small trace, and again where there are more operators than before."""
    return {op: made for op, made in torch.export.default_decompositions().items() if "upsample_" not in str(op)}


class _Around(TorchFunctionMode):
    """Circular padding takes values from their places, where torch writes them in place into new memory."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Any other function is called as it is."""
        kwargs = kwargs or {}
        if func is nn.functional.pad:
            x, padding, mode, *_ = (*args, *(kwargs.get(name) for name in ("input", "pad", "mode")[len(args) :]))
            if mode == "circular":
                return _around(x, padding)
        return func(*args, **kwargs)


def _around(x: Tensor, padding: Sequence[int]) -> Tensor:
    """How much is before and after, for the last axis first."""
    for i, (before, after) in enumerate(zip(padding[::2], padding[1::2], strict=True)):
        axis, n = x.dim() - 1 - i, x.shape[-1 - i]
        x = x.index_select(axis, torch.arange(-before, n + after, device=x.device) % n)
    return x


def _moving(graph: fx.Graph, held: dict[str, Tensor]) -> set[fx.Node]:
    """The nodes that depend on x."""
    found: set[fx.Node] = set()
    for node in graph.nodes:
        given = node.op == "placeholder" and node.name not in held
        if node.op != "output" and (given or any(used in found for used in node.all_input_nodes)):
            found.add(node)
    return found


def _last_uses(graph: fx.Graph) -> dict[fx.Node, list[fx.Node]]:
    """Which nodes are needed no more after each."""
    last = {used: node for node in graph.nodes for used in node.all_input_nodes}
    found: dict[fx.Node, list[fx.Node]] = {}
    for used, node in last.items():
        found.setdefault(node, []).append(used)
    return found


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), "no message")[:160]
