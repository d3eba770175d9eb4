"""What the curve of stability is called, by what is done to the inputs: deformed on lattices, rewired on graphs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one kind of change; `moved` is filled with the reach and its unit."""

    heading: str
    meaning: str
    along: str
    moved: str
    floor: str
    axis: str
    columns: tuple[str, ...]


DEFORMED = Words(
    heading="Stability to deformations",
    meaning="x is deformed to x(u − τ(u)) by random smooth τ of size ε = sup |∇τ|, and the change is "
    "√(mean ‖f(x_τ) − f(x)‖² / (Var f(x_τ) + Var f(x))): 0 is none, 1 unrelated.",
    along=" The answer moves along: f(x_τ) is compared with f(x) deformed by the same τ, channels as they are.",
    moved="which moves points by up to {reach} {unit}",
    floor="what interpolation and rounding do by themselves",
    axis="size of the deformation, ε = sup |∇τ|",
    columns=("ε", "moved by up to", "change", "95 % interval", "input: median / worst", "floor", "inputs change"),
)
REWIRED = Words(
    heading="Stability to rewired edges",
    meaning="Of the edges A a random part is taken out, and as many are put elsewhere, A′; ε = ‖A′ − A‖ / ‖A‖ in "
    "Frobenius norm, and the change is √(mean ‖f(x, A′) − f(x, A)‖² / (Var f(x, A′) + Var f(x, A))): 0 is none, 1 "
    "unrelated. Both directions of an edge go together where all edges have both, and features stay with their edge.",
    along=" Answers at points are compared point by point.",
    moved="which rewires {reach} {unit}",
    floor="what rounding does by itself",
    axis="size of the change, ε = ‖A′ − A‖ / ‖A‖",
    columns=("ε", "edges rewired", "change", "95 % interval", "answer: median / worst", "floor"),
)
