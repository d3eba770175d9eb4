"""DNA: having read one strand we know the other."""

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.blueprint import derive
from erlangen.data import DataSet, TensorPair
from erlangen.data.motifs import plant
from erlangen.domains import Dna
from erlangen.groups import Mirror
from erlangen.layers import LatticeConv
from erlangen.pages import Html, letters, lines
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table, written
from erlangen.tour.learning import Effort, compared, drawn, error_of, looked_at, right, size

STRANDS, LENGTH, COLUMNS = Dna(), 40, 8
CLASSES = ("no site", "site A", "site B")
_TRACKS = "Two tracks of an untrained network: read the other strand, and they change places and run backwards."
SURE = 12  # how often the usual letter stands in a column of a site, beside once each of the others


def dna(effort: Effort, tell: Tell) -> Chapter:
    """Which site is planted, on either strand? And tracks along both strands."""
    data, mirror = sites_in_letters(effort), Mirror()
    x, y = data.test.inputs, data.test.targets
    network = {"width": 64, "scales": 1, "kernel_size": 9, "global_pool": "max"}
    nets = compared(Task(STRANDS, output=Invariant(3)), data, network, tell, epochs=effort.of(40), rate=0.03)
    hidden = Space(STRANDS, 8 * mirror.regular)
    layer = looked_at(lambda: LatticeConv(hidden, hidden, kernel_size=9, bias=False))
    tracks = looked_at(lambda: derive(_track_task(), width=16, scales=1))
    laws = {
        "free weights of a convolution, 16 channels": layer.free_weights(),
        "the same without the symmetry": layer.weight().numel(),
        "tracks along both strands, f(g·x) = g·f(x)": error_of(tracks, STRANDS, mirror, x[:32]),
        **{f"other strand, {name}": error_of(n, STRANDS, mirror, x[:64], Invariant(3)) for name, n in nets.items()},
    }
    shares = {name: (right(net, x, y), disagreeing(net, x)) for name, net in nets.items()}
    rows = [
        (name, f"{size(nets[name]):,}", written("right", share), f"{100 * apart:.1f} %")
        for name, (share, apart) in shares.items()
    ]
    numbers = laws | {f"right, {name}": share for name, (share, _) in shares.items()}
    numbers |= {f"strands answered differently, {name}": apart for name, (_, apart) in shares.items()}
    head = ("trained on 720 sequences", "weights", "right", "sequences whose two strands get two answers")
    return Chapter(
        "dna",
        "DNA",
        (
            "DNA is a line of letters, and it comes twice: the other strand says the same backwards, with A for T and "
            "C for G. A sequencer reads one of the two, whichever it meets. So the group has two elements, and the "
            "reverse complement is the second.",
            "Here two short sites are planted in random letters, on either strand, and three networks learn to tell "
            "which one is there. The derived one holds each filter once, for both strands.",
        ),
        ("(g·x)(c, i) = x(3 − c, n − 1 − i)",),
        "letters A, C, G, T are channels 0 to 3: complement and reverse are two flips",
        numbers,
        (Table(head, rows), table(laws, "count, or error of the audit")),
        (
            Plate(
                _drawn(x[:1], tracks),
                "wide",
                [("the track of the strand that is read", 1), ("the track of the other one", 2)],
                _TRACKS,
            ),
        ),
        "The derived network cannot contradict itself: one answer for both strands, from half the weights of an "
        f"ordinary layer. The plain one gives two answers to {100 * shares['plain'][1]:.0f} % of the sequences, "
        "depending on which strand was read.",
        "strands answered differently, derived",
    )


def sites_in_letters(effort: Effort) -> DataSet:
    """Random letters `[n, 4, 40]`, a third each with no site, one of A, one of B; by a coin on either strand."""
    rng = np.random.default_rng(0)
    profiles = [np.eye(4)[rng.integers(0, 4, COLUMNS)].T * SURE + 1 for _ in CLASSES[1:]]
    parts = [_some(effort.of(n, 30), profiles, rng) for n in (720, 180, 600)]
    return drawn((parts[0], parts[1], parts[2]), CLASSES, "sites")


def _some(n: int, profiles: list[np.ndarray], rng: np.random.Generator) -> TensorPair:
    found, labels = rng.integers(0, 4, (n, LENGTH)), np.arange(n) % len(CLASSES)
    for label, counts in enumerate(profiles, 1):
        found[labels == label] = plant(found[labels == label], counts, rng)
    x = np.eye(4, dtype=np.float32)[found].transpose(0, 2, 1)
    return TensorPair(torch.from_numpy(x.copy()), torch.from_numpy(labels))


def disagreeing(net: nn.Module, x: Tensor) -> float:
    """The share of sequences whose two strands get different answers."""
    return float((net(x).argmax(1) != net(other_strand(x)).argmax(1)).double().mean())


def other_strand(x: Tensor) -> Tensor:
    """The reverse complement."""
    return x.flip(1, 2)


def _track_task() -> Task:
    """A number at each place of each strand."""
    return Task(STRANDS, output=Equivariant(Mirror().regular))


def _drawn(x: Tensor, tracks: nn.Module) -> list[tuple[str, str, str]]:
    """Both strands in letters, each with its two tracks below it."""
    found: list[tuple[str, str, str]] = []
    for name, strand in (("one strand", x), ("the other", other_strand(x))):
        both = Html(letters(strand[0].argmax(0).tolist()) + lines(list(tracks(strand)[0].numpy()), axes=False))
        found.append((both, name, ""))
    return found
