"""The library's messages speak Python; here they also name the option or the key that the user wrote instead."""

import re
from collections.abc import Collection

TASK = ("domain", "symmetry", "input", "output")
NETWORK = ("width", "depth", "scales")
CHOICES = (
    *("kernel_size", "fields", "max_frequency", "function", "nonlinearity", "samples"),
    *("pool", "fibre", "global_pool", "normalize", "residual", "window", "block", "homogeneous", "dilated", "words"),
    "relaxed",
    *("layer", "relations", "aggregate", "heads", "induced", "structure", "positions", "coarsen", "ratio", "clusters"),
    *("slowest", "gate", "states", "selective"),
)
ASKED = ("select", "shifts", "beside", "search")  # of an audit alone, and of no file
ARGUMENT = re.compile(rf"(?<![\w.-])({'|'.join((*TASK, *NETWORK, *CHOICES, *ASKED))}) ?=")


def in_words_of(message: str, options: Collection[str], toml: bool) -> str:
    """The message with er.Grid(2) as Grid(2), followed by where the arguments it names are said on this command.

    `options` are the command's, without their hyphens; `toml` says that it reads a file.

    >>> in_words_of("Given no input. For grey pictures: input=1.", ["input"], toml=True)
    'Given no input. For grey pictures: input=1. Here that is --input, or task.input in a TOML file.'
    >>> in_words_of("expected a domain. For pictures: er.Grid(2).", [], toml=False)
    'expected a domain. For pictures: Grid(2).'
    """
    plain = re.sub(r"\ber\.(?=[A-Z]\w*\()", "", message)
    named = dict.fromkeys(ARGUMENT.findall(plain))
    said = [place for name in named if (place := _place(name, options, toml)) and f"--{name}" not in plain]
    return f"{plain} Here that is {'; '.join(said)}." if said else plain


def _place(name: str, options: Collection[str], toml: bool) -> str:
    option = f"--{name}" if name in options else ""
    if name in CHOICES and "choice" in options:
        option = f"--choice {name}=…"
    section = "task" if name in TASK else "network"
    key = f"{section}.{name} in a TOML file" if toml and name not in ASKED else ""
    return ", or ".join(place for place in (option, key) if place)
