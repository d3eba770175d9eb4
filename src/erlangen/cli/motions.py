"""What `erlangen audit` asks beside the group: translations by their laws, and changes of light and of view."""

import re
from typing import TYPE_CHECKING, Any, cast

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from erlangen.auditing import Shift
    from erlangen.auditing.translations import Law

NUMBER = r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+"
SHIFT = re.compile(rf"\s*(?:(\w+)\s*:)?\s*(?:({NUMBER})|\(([^()]*)\))\s*")
CHANGES = ("light", "colour", "perspective")


def parse_shifts(text: str) -> "list[Shift]":
    """Numbers of sites, or `zeros:` or `crop:` and one, each along every axis, or one an axis in brackets; or none.

    >>> parse_shifts("1, 0.5, zeros:2, (1, 0)")[1:3]
    [Shift(by=0.5, law='circular'), Shift(by=2, law='zeros')]
    >>> parse_shifts("none")
    []
    """
    from erlangen.auditing import Shift
    from erlangen.errors import InputError

    if text.strip() == "none":
        return []
    found = []
    for part in re.split(r",(?![^(]*\))", text):
        read = SHIFT.fullmatch(part)
        try:
            if read is None:
                raise ValueError(part)
            law, one, each = read.groups()
            by = float(one) if one is not None else tuple(float(s) for s in each.split(","))
            found.append(Shift(by, cast("Law", law or "circular")))
        except (ValueError, InputError) as wrong:
            said = str(wrong) if isinstance(wrong, InputError) else f"{part.strip()!r} is no shift."
            mend = "For example --shifts 1,0.5,zeros:2,crop:2 or --shifts none."
            raise ConfigError(f"--shifts {text!r}: {said}", "numbers of sites, each with its law", mend) from None
    return found


def parse_beside(text: str, domain: Any, output: Any) -> list[Any]:
    """The changes named: `light` by up to a fifth, `colour` by as much a channel, `perspective` by a tenth of a side.

    A dense answer moves along with a perspective, as it does with a motion.

    >>> from erlangen.domains import Grid
    >>> parse_beside("light,perspective", Grid(2), None)
    [illumination(Grid(2), gain=0.2, bias=0.1), perspective(Grid(2), 0.1)]
    """
    from erlangen.symmetrize import illumination, perspective
    from erlangen.task import Equivariant

    dense = output if isinstance(output, Equivariant) and not output.pooled else None
    made = {
        "light": lambda: illumination(domain),
        "colour": lambda: illumination(domain, gain=0, bias=0, colour=0.2),
        "perspective": lambda: perspective(domain, output=dense),
    }
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in made]
    if unknown:
        given = f"--beside {text!r}, and {unknown[0]!r} is none"
        raise ConfigError(given, f"changes by name: {', '.join(CHANGES)}", "For example --beside light,perspective.")
    return [made[name]() for name in dict.fromkeys(names)]
