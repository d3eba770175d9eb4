"""From texts to the things they name: "Grid(2)" a domain, "Invariant(10)" an answer. Parsed, never executed."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from erlangen.domains import Domain
from erlangen.domains.text import parse_domain as declared
from erlangen.errors import ConfigError, DomainError, SymmetryError
from erlangen.given import meant
from erlangen.groups import Group, Trivial, parse_symmetry
from erlangen.representations import Representation
from erlangen.representations.notation import irreps, is_notation
from erlangen.representations.tangent import tangent
from erlangen.task import Equivariant, Forces, Invariant, Output, Positions, Task
from erlangen.train.toml import MOST

OUTPUTS = {"Invariant": Invariant, "Equivariant": Equivariant, "Positions": Positions, "Forces": Forces}
NAMED = ("trivial", "regular", "standard", "sign")
USE = f"Use {', '.join(NAMED)}, irrep(…) or quotient(…); on the sphere tangent."


def parse_task(domain: str, symmetry: str | None, input: int | str | None, output: str) -> Task:
    """Four texts ↦ the task they name. What cannot be read is a SymmetryError that names the text.

    >>> parse_task("Grid(2)", "C(4)", 1, "Invariant(10)")
    Task(Grid(2), C(4), input=trivial of C4, output=Invariant(n=10))
    """
    place = parse_domain(domain)
    named = place.natural_symmetry() if symmetry is None else parse_symmetry(symmetry)
    group = named if isinstance(named, Group) else Trivial()
    channels = input if input is None or isinstance(input, int) else parse_channels(input, group)
    return Task(place, named, channels, parse_output(output, group))  # pyright: ignore[reportArgumentType]


def parse_domain(text: str) -> Domain:
    """The domain that a text of a run or of a command calls for, as `erlangen.domains.text` reads it, or a ConfigError.

    >>> parse_domain('Grid(2, boundary="periodic")'), parse_domain("Grid(2) * Sequence()")
    (Grid(2, boundary='periodic'), Grid(2) * Sequence())
    """
    try:
        return declared(text)
    except DomainError as error:
        raise ConfigError(error.given, error.expected, error.mend) from None


def parse_output(text: str, group: Group) -> Output:
    """The answer that a text calls for; channels may be a representation of `group`.

    >>> from erlangen.groups import C
    >>> parse_output("Equivariant(3)", C(4)), parse_output("Equivariant(3, pooled=Grid(2))", C(4))
    (Equivariant(3), Equivariant(3, pooled=Grid(2)))
    """
    call = _call(text, set(OUTPUTS), "an answer", "Invariant(10)")
    if _name(call) in ("Positions", "Forces"):
        return _build(
            text, OUTPUTS[_name(call)], [_literal(text, argument) for argument in call.args], _keywords(text, call)
        )
    if not call.args:
        _refuse(text, "an answer with its number of channels", "Write e.g. Invariant(10).")
    channels = parse_channels(ast.unparse(call.args[0]), group)
    further = [_literal(text, argument) for argument in call.args[1:]]
    pooled = {k.arg: k.value for k in call.keywords if k.arg == "pooled" and isinstance(k.value, ast.Call | ast.BinOp)}
    call.keywords = [keyword for keyword in call.keywords if keyword.arg not in pooled]
    over = {str(name): parse_domain(ast.unparse(node)) for name, node in pooled.items()}
    return _build(text, OUTPUTS[_name(call)], [channels, *further], {**_keywords(text, call), **over})


def parse_channels(text: str, group: Group) -> int | Representation:
    """A number of scalar channels, or a sum of multiples of representations of `group`; of O(3) and SO(3) also as
    `erlangen.irreps` reads them, in quotes where they stand inside a call.

    >>> from erlangen.groups import C, O
    >>> parse_channels("2 * regular + irrep(1)", C(4)).dim
    10
    >>> parse_channels("16x0e + 8x1o", O(3)), parse_output("Equivariant('1x1o')", O(3))
    (16 × trivial + 8 × irrep(1, -1) of O(3), Equivariant(irrep(1, -1) of O(3)))
    """
    if is_notation(text, group):
        return irreps(text, group)
    try:
        value = _evaluate(_expression(text), group, text)
    except TypeError:
        value = None
    if not isinstance(value, int | Representation):
        _refuse(text, "a number or a representation", USE)
    return value


@contextmanager
def located(where: str) -> Iterator[None]:
    """Say of any SymmetryError inside where the text that caused it stands.

    >>> with located("mine.toml, [task]"):
    ...     parse_domain("Gird(2)")
    Traceback (most recent call last):
    erlangen.errors.ConfigError: Given 'Gird(2)' (mine.toml, [task]); expected a domain: ... Did you mean 'Grid'?
    """
    try:
        yield
    except SymmetryError as error:
        raise ConfigError(f"{error.given} ({where})", error.expected, error.mend) from error


def _expression(text: str, example: str = "2 * trivial") -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _refuse(text, "what Python could read", f'Write it as in "{example}".')


def _call(text: str, names: set[str], what: str, example: str) -> ast.Call:
    call = _expression(text, example)
    if not isinstance(call, ast.Call) or _name(call) not in names:
        _refuse(
            text,
            f"{what}: {', '.join(sorted(names))}",
            meant(text.split("(")[0].strip(), sorted(names), f'Write it as in "{example}".'),
        )
    return call


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _keywords(text: str, call: ast.Call) -> dict[str, Any]:
    return {str(keyword.arg): _literal(text, keyword.value) for keyword in call.keywords}


def _literal(text: str, node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        _refuse(text, "arguments that are plain numbers and texts", "Nothing else is read from a text.")


def _build(text: str, kind: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    try:
        return kind(*arguments, **keywords)
    except TypeError as error:
        _refuse(text, f"arguments that {kind.__name__} takes", f"It says: {error}.")


def _evaluate(node: ast.expr, group: Group, text: str) -> Any:
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool) and abs(number) < MOST:
            return number
        case ast.Constant(value=str() as written) if is_notation(written, group):
            return irreps(written, group)
        case ast.Name(id="tangent"):
            return tangent(group)
        case ast.Name(id=name) if name in NAMED:
            return getattr(group, name)
        case ast.Call(func=ast.Name(id="irrep"), args=labels, keywords=[]):
            return group.irrep(*(_evaluate(label, group, text) for label in labels))
        case ast.Call(func=ast.Name(id="quotient"), args=[subgroup], keywords=[]):
            return group.quotient(_subgroup(subgroup, text))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _evaluate(left, group, text) * _evaluate(right, group, text)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _evaluate(left, group, text) + _evaluate(right, group, text)
    _refuse(text, "a number, or a sum of multiples of representations", USE)


def _subgroup(node: ast.expr, text: str) -> Group:
    named = parse_symmetry(ast.unparse(node))
    if not isinstance(named, Group):
        _refuse(text, "a subgroup to take the quotient by", "Write e.g. quotient(Octahedral()).")
    return named


def _refuse(text: str, expected: str, mend: str) -> NoReturn:
    raise ConfigError(repr(text), expected, mend)
