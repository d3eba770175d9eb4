"""Models that choose among nodes that are alike: on which graphs no rule could, and what is said of them there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from erlangen.auditing.examine import Finding
from erlangen.auditing.packed.signals import ENDS, Sample
from erlangen.domains import Graph
from erlangen.domains.colours import colours
from erlangen.domains.packed import Packed


class Part(NamedTuple):
    """Some of the samples, what they are called, and what excuses an answer there that relabelling changes."""

    name: str
    samples: list[Sample]
    excuse: str = ""


def parts_of(model: Any, domain: Packed, samples: Sequence[Sample]) -> list[Part]:
    """All samples in one part; of a model that says it makes an `arbitrary` choice, graphs with nodes alike in another.

    Nodes are alike where the colours of Weisfeiler and Leman, begun from the features, repeat: what a relabelling may
    carry to each other is.
    """
    words = _said_by(model)
    if not words or not isinstance(domain, Graph):
        return [Part("", list(samples))]
    alike = [sample for sample in samples if _has_twins(domain, sample)]
    apart = [sample for sample in samples if not any(sample is other for other in alike)]
    found = [Part(", all nodes told apart", apart), Part(", nodes alike", alike, words)]
    kept = [part for part in found if len(part.samples) > 1]
    return kept or [Part("", list(samples), words)]


def excused(finding: Finding, excuse: str) -> Finding:
    """The finding, undefined where it is not exact and the model could not do better."""
    if not excuse or finding.verdict in ("proved", "exact"):
        return finding
    note = f"it rests on {excuse}, which no rule can make the same for every order of storage"
    return replace(finding, verdict="undefined", note="; ".join(part for part in (finding.note, note) if part))


def _said_by(model: Any) -> str:
    modules = model.modules() if isinstance(model, nn.Module) else ()
    return next((said for module in modules if (said := getattr(module, "arbitrary", ""))), "")


def _has_twins(domain: Graph, sample: Sample) -> bool:
    plain: dict[str, Tensor] = {"x": sample.points["x"], ENDS: sample.edges[ENDS]}
    edges = Graph().read(plain)[1]
    _, start = torch.unique(sample.points["x"].flatten(1), dim=0, return_inverse=True)
    return len(colours(edges, start).unique()) < sample.size
