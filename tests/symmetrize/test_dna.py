"""Both strands of DNA beside plain torch: answers of the whole, signs, classes that swap, profiles, strand tracks."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.representations import from_permutations
from erlangen.symmetrize.labels import UNKNOWN

average, augment, canonicalize = er.symmetrize.average, er.symmetrize.augment, er.symmetrize.canonicalize
H, DNA = er.Mirror(), er.Dna()
LENGTHS = [12, 13]
Act = Callable[[Tensor], Tensor]


def rc(x: Tensor) -> Tensor:
    """The other strand, read from its own start: letters A, C, G, T the other way round, and so are places."""
    return x.flip(1, 2)


def mixed(y: Tensor) -> Tensor:
    """One track of both strands, a pair of tracks, one of the difference of the strands."""
    return torch.stack([y[:, 0], y[:, 2], y[:, 1], -y[:, 3]], dim=1)


# What is declared, how many channels, and what it means, written by hand.
WHOLE: dict[str, tuple[Any, int, Act]] = {
    "one answer": (er.Invariant(3), 3, lambda y: y),
    "a strand-odd value": (er.Equivariant(H.sign, pooled=True), 1, lambda y: -y),
    "two classes that swap": (er.Equivariant(H.regular, pooled=True), 2, lambda y: y[:, [1, 0]]),
    "a mixture": (er.Equivariant(H.trivial + H.regular + H.sign, pooled=True), 4, mixed),
}
PLACES: dict[str, tuple[Any, int, Act]] = {
    "profiles": (er.Equivariant(2), 2, lambda y: y.flip(2)),
    "tracks a+ a− b+ b−": (er.Equivariant(2 * H.regular), 4, lambda y: y[:, [1, 0, 3, 2]].flip(2)),
    "a mixture of tracks": (er.Equivariant(H.trivial + H.regular + H.sign), 4, lambda y: mixed(y).flip(2)),
}
OUTPUTS = [pytest.param(*row, 1, id=name) for name, row in (WHOLE | PLACES).items()]
OUTPUTS += [pytest.param(*row, 2, id=f"{name}, of two letters") for name, row in PLACES.items()]


class Reader(nn.Module):
    """Free convolutions that know nothing of strands: answers at every place or every second one, or of the whole."""

    def __init__(self, channels: int, whole: bool, pool: int = 1, seed: int = 0):
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.second = nn.Conv1d(4, 6, 5, padding=2), nn.Conv1d(6, channels, 3, padding=1)
        self.pool, self.whole = nn.MaxPool1d(pool), whole
        self.double().eval()

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(self.pool(torch.relu(self.first(x))))
        return (y * torch.linspace(0.2, 1, y.shape[2], dtype=y.dtype)).mean(2) if self.whole else y


def reader(output: Any, channels: int, pool: int = 1) -> Reader:
    return Reader(channels, isinstance(output, er.Invariant) or output.pooled, pool)


def letters(count: int, length: int, seed: int = 0) -> Tensor:
    drawn = torch.randint(4, (count, length), generator=torch.Generator().manual_seed(seed))
    return nn.functional.one_hot(drawn, 4).mT.double()


def apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).detach().abs().max())


def test_the_letters_move_as_biology_says():
    x = letters(3, 9)
    assert torch.equal(er.Space(DNA, er.Task(DNA, output=er.Invariant(1)).input).act(H.generators[0], x), rc(x))
    there = {"A": "T", "C": "G", "G": "C", "T": "A"}
    read = er.data.decode(x[0])
    assert er.data.decode(rc(x)[0]) == "".join(there[letter] for letter in reversed(read))


# ---- averages and canonical forms ----------------------------------------------------------------------------------
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("output", "channels", "act", "pool"), OUTPUTS)
def test_the_average_is_that_of_both_strands(output: Any, channels: int, act: Act, pool: int, length: int):
    f, x = reader(output, channels, pool), letters(6, length)
    F = average(f, DNA, output=output)
    with torch.no_grad():
        y = F(x)
        assert apart(y, (f(x) + act(f(rc(x)))) / 2) <= 1e-14
        assert apart(F(rc(x)), act(y)) <= 1e-14
        assert apart(f(rc(x)), act(f(x))) > 1e-2 and float(y.std(0).max()) > 1e-3
        assert apart(average(F, DNA, output=output)(x), y) <= 1e-14


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("output", "channels", "act", "pool"), OUTPUTS)
def test_the_canonical_form_answers_by_one_strand(output: Any, channels: int, act: Act, pool: int, length: int):
    f, x = reader(output, channels, pool), letters(20, length)
    torch.manual_seed(1)
    F = canonicalize(f, DNA, output=output).eval()
    with torch.no_grad():
        y, here, there = F(x), f(x), act(f(rc(x)))
        assert apart(F(rc(x)), act(y)) <= 1e-14
        one, other = ((y - z).flatten(1).abs().amax(1) <= 1e-14 for z in (here, there))
        assert bool((one | other).all()) and bool((one & ~other).any()) and bool((other & ~one).any())


@pytest.mark.parametrize(("output", "channels", "act"), [pytest.param(*row, id=name) for name, row in WHOLE.items()])
def test_a_sequence_that_is_its_own_other_strand_is_answered_by_both(output: Any, channels: int, act: Act):
    f, x = reader(output, channels), er.data.encode("GAATTC")[None].double()
    assert torch.equal(rc(x), x)
    for F in (average(f, DNA, output=output), canonicalize(f, DNA, output=output).eval()):
        y = F(x)
        assert apart(y, (f(x) + act(f(x))) / 2) <= 1e-14 and apart(y, act(y)) <= 1e-14


def test_flipping_all_tracks_is_another_map_than_swapping_pairs():
    """[a+, a−, b+, b−]: the other way round is [b−, b+, a−, a+], which gives a the values of b."""
    f, x = reader(er.Equivariant(4), 4), letters(6, 12)
    with torch.no_grad():
        y = average(f, DNA, output=er.Equivariant(2 * H.regular))(x)
        pairs, all_of_them = ((f(x) + f(rc(x))[:, order].flip(2)) / 2 for order in ([1, 0, 3, 2], [3, 2, 1, 0]))
    assert apart(y, pairs) <= 1e-14
    assert apart(y, all_of_them) > 1e-2


def test_one_pair_and_a_palindromic_order_may_be_flipped_whole():
    x = letters(6, 12)
    pair, f = reader(er.Equivariant(2), 2), reader(er.Equivariant(4), 4)
    palindromic = from_permutations(H, [(3, 2, 1, 0)])  # a+, b+, b−, a−
    with torch.no_grad():
        ours = average(pair, DNA, output=er.Equivariant(H.regular))(x)
        assert apart(ours, (pair(x) + pair(rc(x)).flip(1, 2)) / 2) <= 1e-14
        assert apart(average(f, DNA, output=er.Equivariant(palindromic))(x), (f(x) + f(rc(x)).flip(1, 2)) / 2) <= 1e-14


def test_several_answers_move_each_in_its_way():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.tracks, self.strand = reader(er.Equivariant(2), 2), Reader(1, True, seed=1)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"tracks": self.tracks(x), "strand": self.strand(x)}

    f, x = Both(), letters(5, 11)
    said = {"tracks": er.Equivariant(H.regular), "strand": er.Equivariant(H.sign, pooled=True)}
    with torch.no_grad():
        y, here, there = average(f, DNA, output=said)(x), f(x), f(rc(x))
    assert apart(y["tracks"], (here["tracks"] + there["tracks"].flip(1, 2)) / 2) <= 1e-14
    assert apart(y["strand"], (here["strand"] - there["strand"]) / 2) <= 1e-14


# ---- augmentation --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("output", "channels", "act", "pool"), OUTPUTS)
def test_targets_go_with_their_strand(output: Any, channels: int, act: Act, pool: int, length: int):
    x = letters(64, length)
    y = reader(output, channels, pool)(x).detach()
    moved, along = augment(DNA, output=output)(x, y, generator=torch.Generator().manual_seed(0))
    same = (moved == x).flatten(1).all(1)
    assert 16 < int(same.sum()) < 48
    assert torch.equal(moved, torch.where(same[:, None, None], x, rc(x)))
    shape = (-1, *[1] * (y.dim() - 1))
    assert torch.equal(along, torch.where(same.reshape(shape), y, act(y)))


@pytest.mark.parametrize("length", LENGTHS)
def test_label_tracks_turn_round_and_their_classes_swap(length: int):
    """Classes: nothing, a gene on this strand, a gene on the other one; what is not known stays so."""
    x = letters(64, length)
    y = torch.randint(3, (64, length), generator=torch.Generator().manual_seed(1))
    y[:, 2] = UNKNOWN
    t = augment(DNA, output=er.Equivariant(H.trivial + H.regular))
    moved, along = t(x, y, generator=torch.Generator().manual_seed(0))
    there = torch.where(y == 1, 2, torch.where(y == 2, 1, y)).flip(1)
    same = (moved == x).flatten(1).all(1)[:, None]
    assert 16 < int(same.sum()) < 48
    assert torch.equal(along, torch.where(same, y, there))
    assert bool((along == UNKNOWN).sum(1).eq(1).all())


def test_labels_of_the_whole_swap_or_stay():
    x, y = letters(64, 9), torch.arange(64) % 2
    for output, there in ((er.Equivariant(H.regular, pooled=True), 1 - y), (er.Invariant(2), y), (None, y)):
        moved, along = augment(DNA, output=output)(x, y, generator=torch.Generator().manual_seed(0))
        same = (moved == x).flatten(1).all(1)
        assert 16 < int(same.sum()) < 48
        assert torch.equal(along, torch.where(same, y, there))


# ---- what is symmetric already -------------------------------------------------------------------------------------
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(
    ("output", "act"), [pytest.param(row[0], row[2], id=name) for name, row in (WHOLE | PLACES).items()]
)
def test_a_derived_network_is_its_own_average(output: Any, act: Act, length: int):
    torch.manual_seed(0)
    net = er.derive(er.Task(DNA, output=output), width=8, depth=1, scales=2).double().eval()
    x = letters(16, length)
    with torch.no_grad():
        y = net(x)
        assert apart(net(rc(x)), act(y)) <= 1e-12 and float(y.std(0).max()) > 1e-3
        assert apart(average(net, DNA)(x), y) <= 1e-12
    assert er.audit(net, DNA, H, x).verdict in ("proved", "exact")


@pytest.mark.parametrize(("output", "channels", "act", "pool"), OUTPUTS)
def test_the_audit_finds_averages_exact_and_free_networks_broken(output: Any, channels: int, act: Act, pool: int):
    f, x = reader(output, channels, pool), letters(24, 12)
    assert er.audit(average(f, DNA, output=output).eval(), DNA, H, x, output, shifts=[]).verdict in ("proved", "exact")
    assert er.audit(f, DNA, H, x, output, shifts=[]).verdict == "broken"


# ---- the usual mistakes --------------------------------------------------------------------------------------------
class Conjoined(nn.Module):
    """(f(x) + back(f(there(x)))) / 2, whatever is taken for the other strand."""

    def __init__(self, f: nn.Module, there: Act, back: Act):
        super().__init__()
        self.f, self.there, self.back = f, there, back

    def forward(self, x: Tensor) -> Tensor:
        return (self.f(x) + self.back(self.f(self.there(x)))) / 2


class Tied(nn.Module):
    """The second half of the filters is the first one for the other strand: channels [c, c + C/2] are pairs."""

    def __init__(self, size: int, padding: Any, pool: int = 1):
        super().__init__()
        torch.manual_seed(0)
        self.filters = nn.Parameter(torch.randn(3, 4, size, dtype=torch.float64))
        self.padding, self.pool = padding, nn.MaxPool1d(pool)

    def forward(self, x: Tensor) -> Tensor:
        both = torch.cat([self.filters, self.filters.flip(1, 2)])
        return self.pool(torch.relu(nn.functional.conv1d(x, both, padding=self.padding)))


PAIRS = er.Equivariant(from_permutations(H, [(3, 4, 5, 0, 1, 2)]))
TRACKS = er.Equivariant(2 * H.regular)
MISTAKES = {
    "reversed alone": (Conjoined(Reader(3, True), lambda x: x.flip(2), lambda y: y), er.Invariant(3), 12),
    "complemented alone": (Conjoined(Reader(3, True), lambda x: x.flip(1), lambda y: y), er.Invariant(3), 12),
    "profiles left in place": (Conjoined(Reader(2, False), rc, lambda y: y), er.Equivariant(2), 12),
    "all tracks flipped": (Conjoined(Reader(4, False), rc, lambda y: y.flip(1, 2)), TRACKS, 12),
    "tracks not swapped": (Conjoined(Reader(4, False), rc, lambda y: y.flip(2)), TRACKS, 12),
    "the same padding, an even kernel": (Tied(4, "same"), PAIRS, 12),
    "halved at an odd length": (Tied(5, 2, pool=2), PAIRS, 13),
}
MENDED = {
    "both": (Conjoined(Reader(3, True), rc, lambda y: y), er.Invariant(3), 12),
    "profiles turned round": (Conjoined(Reader(2, False), rc, lambda y: y.flip(2)), er.Equivariant(2), 12),
    "pairs swapped": (Conjoined(Reader(4, False), rc, lambda y: y[:, [1, 0, 3, 2]].flip(2)), TRACKS, 12),
    "the same padding, an odd kernel": (Tied(5, "same"), PAIRS, 12),
    "an even kernel, padded alike": (Tied(4, 2), PAIRS, 12),
    "halved at an even length": (Tied(5, 2, pool=2), PAIRS, 12),
}


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(("model", "output", "length"), [pytest.param(*row, id=name) for name, row in MISTAKES.items()])
def test_the_audit_finds_the_usual_mistakes(model: nn.Module, output: Any, length: int):
    report = er.audit(model.eval(), DNA, H, letters(32, length), output, shifts=[])
    assert report.verdict == "broken" and not report.passed and report.error > 0.1


@pytest.mark.parametrize(("model", "output", "length"), [pytest.param(*row, id=name) for name, row in MENDED.items()])
def test_and_passes_what_is_done_right(model: nn.Module, output: Any, length: int):
    report = er.audit(model.eval(), DNA, H, letters(32, length), output, shifts=[])
    assert report.verdict in ("proved", "exact") and report.passed
