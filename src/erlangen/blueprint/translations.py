"""What a network promises about translations of a finite grid."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TranslationLaw:
    """f(T_s x) = T_s f(x), and for which shifts s, in sites of the input.

    Periodic: exactly for the multiples of `stride`, where it divides the size. Open: exactly for the multiples of
    `stride` wherever every compared answer's `receptive_field` (centred on it; where causal, ending at it) stays off
    the border (None: it sees the whole grid, and then for signals that are zero near the border). All other shifts are
    approximate: border, stride. Where the
    `zero_is_fixed`, zeros before a sequence leave the state zero: exact for any number of them. Where a state
    `goes_on` after what it heard, and the mean is taken over its time, a shift cuts some of that off: approximate.

    >>> import erlangen as er
    >>> net = er.derive(er.Task(er.Grid(2, "periodic"), er.C(4), input=1, output=er.Invariant(2)), scales=2)
    >>> net.translation_law.stride, str(net.translation_law)
    (2, 'exact for shifts by multiples of 2 where 2 divides the size')
    """

    boundary: str
    stride: int
    receptive_field: int | None
    causal: bool = False
    zero_is_fixed: bool = False
    goes_on: bool = False

    def __str__(self) -> str:
        if self.zero_is_fixed:
            return "exact for any number of zeros before the start, from the first step on"
        if self.goes_on:
            return "approximate: zeros before the start count in the mean, and what a state goes on with is cut off"
        multiples = "any whole shift" if self.stride == 1 else f"shifts by multiples of {self.stride}"
        if self.boundary == "periodic":
            return f"exact for {multiples}" + (f" where {self.stride} divides the size" if self.stride > 1 else "")
        sees = "the whole grid" if self.receptive_field is None else f"{self.receptive_field} sites"
        side = "the start" if self.causal else "the border"
        others = "other shifts: border and stride, approximate" if self.stride > 1 else "nearer to it: approximate"
        return f"exact for {multiples} away from {side} (an answer sees {sees}); {others}"
