"""What benchmarks/throughput.py found: training steps as the runs have them, and how they grow with size."""

from collections.abc import Mapping
from typing import Any

from shown.plots import Dot, Panel
from shown.ratios import ratios_of
from shown.values import number, table

NAME = "throughput"  # its results file
SIDES = ("derived", "plain")
SAID = """## Throughput, memory, and how they grow

A training step of every built-in run, forward, backward and AdamW: the derived network beside the plain one of
equal parameters, all in turn in one process, in seconds of the processor on one thread, since others worked on the
machine. Inputs are random, of the kind, the channels and the usual size of the run's data, which need not be there.
A step's batch is the run's, halved where steps were slow. Equal parameters are not equal work: a derived network
shares its weights over a group, so at as many parameters it has more channels, and mostly computes more."""
MODEL = """\
The model of growth: t = a + b·n in the examples n of a batch, t = c·n^p in the points n of an example (pixels,
letters, steps, atoms, nodes, vertices), each fitted to three sizes, with its error: that of the line is the root
mean square of relative residuals, that of p its standard error. Plain networks on graphs pad every graph to the
largest one of the run, so that n hardly matters to them."""


def panels(rows: Mapping[str, Any]) -> list[Panel]:
    """Ratios of times, then exponents of time and memory."""
    times = {one.row: [Dot("derived over plain", one.ratio, one.low, one.high)] for one in ratios_of(rows)}
    return [
        Panel("a training step", "time of derived over time of plain, median and quartiles", times),
        _exponents("time by points", "exponent p of t = c·n^p, with its standard error", rows, "ms by points"),
        _exponents("memory by points", "exponent p of the memory, with its standard error", rows, "MiB by points"),
    ]


def _exponents(title: str, said: str, rows: Mapping[str, Any], name: str) -> Panel:
    dots = {
        run: [
            Dot(side, fit["p"], fit["p"] - fit["error"], fit["p"] + fit["error"])
            for side in SIDES
            for fit in (row["growth"][side][name],)
        ]
        for run, row in rows.items()
    }
    return Panel(title, said, dots, one=False)


def told(rows: Mapping[str, Any]) -> str:
    """Two tables: the steps, and the fits."""
    head = ["run", "examples × points", "examples a second, derived / plain", "time, derived over plain", "quartiles"]
    steps = [_step(run, row) for run, row in rows.items()]
    fits = [[run, *(_fits(row["growth"], name) for name in FITS)] for run, row in rows.items()]
    return "\n\n".join(
        [SAID, table([*head, "MiB, derived / plain"], steps), MODEL, table(["run", *FITS.values()], fits)]
    )


FITS = {
    "ms by examples": "ms of a step, derived; plain",
    "MiB by examples": "MiB, derived; plain",
    "ms by points": "p of time, derived; plain",
    "MiB by points": "p of memory, derived; plain",
}


def _step(run: str, row: Mapping[str, Any]) -> list[str]:
    speeds = " / ".join(_short(row[f"{side} examples a second"]) for side in SIDES)
    memory = " / ".join(_short(row[f"{side} MiB"]) for side in SIDES)
    spread = f"{row['quartile_low']:.3g} … {row['quartile_high']:.3g}"
    return [run, f"{row['examples']} × {row['points']:,}", speeds, f"{row['ratio']:.3g}", spread, memory]


def _fits(growth: Mapping[str, Any], name: str) -> str:
    return "; ".join(_fit(growth[side][name]) for side in SIDES if name in growth[side])


def _fit(fit: Mapping[str, float]) -> str:
    if "p" in fit:
        return f"{fit['p']:.2f} ± {fit['error']:.2f}".replace("-", "−")
    sign = "−" if fit["b"] < 0 else "+"
    return f"{_short(fit['a'])} {sign} {_short(abs(fit['b']))} n (± {100 * fit['error']:.1f} %)".replace("-", "−")


def _short(value: float) -> str:
    return number(float(f"{value:.3g}"))
