"""What a report says of how was asked: its rows, the model, the settings, the versions."""

import platform
from importlib import metadata
from typing import Any

import numpy as np
import torch
from torch import nn

from erlangen.auditing.examine import Finding
from erlangen.auditing.plan import Options, Question
from erlangen.auditing.report import row
from erlangen.groups import Group

Answered = list[tuple[Question, list[Finding]]]


def group_name(symmetry: Any) -> str:
    """A group by its label, a declaration as it is written."""
    return symmetry.label if isinstance(symmetry, Group) else repr(symmetry)


def rows_of(answered: Answered) -> dict[str, Any]:
    """One row a question, and one for each of its motions."""
    return {
        "verdicts": tuple(row(q.law, q.elements, found, q.judged, q.expected) for q, found in answered),
        "elements": tuple(
            row(q.law, f.motion.label, [f], q.judged, q.expected) for q, found in answered for f in found
        ),
    }


def said_of(model: Any, options: Options) -> dict[str, Any]:
    """What was asked of which model, and with what."""
    law = getattr(model, "translation_law", None)
    return {
        "parameters": sum(p.numel() for p in model.parameters()) if isinstance(model, nn.Module) else None,
        "seed": options.seed,
        "bootstrap": options.bootstrap,
        "max_elements": options.max_elements,
        "search": options.search,
        "batch_size": options.batch_size,
        "translation_law": None if law is None else str(law),
        "versions": {
            "erlangen": version(),
            "torch": str(torch.__version__),
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }


def version() -> str:
    """Of this library, as it is installed."""
    try:
        return metadata.version("erlangen")
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "not installed"
