"""The way through the chapters, in the order of the text."""

from collections.abc import Callable, Sequence

from erlangen.errors import ConfigError
from erlangen.tour.augmentation import augmentation
from erlangen.tour.blueprint import blueprint
from erlangen.tour.chapter import Chapter, Tell
from erlangen.tour.dna import dna
from erlangen.tour.graphs import graphs
from erlangen.tour.group_convolution import group_convolution
from erlangen.tour.images import images
from erlangen.tour.learning import Effort
from erlangen.tour.manifolds import manifolds
from erlangen.tour.scales import scales
from erlangen.tour.sequences import sequences
from erlangen.tour.symmetry import symmetry
from erlangen.tour.volumes import volumes
from erlangen.train.progress import Tell as TellAll

CHAPTERS: dict[str, Callable[[Effort, Tell], Chapter]] = {
    "symmetry": symmetry,
    "scales": scales,
    "blueprint": blueprint,
    "images": images,
    "group-convolution": group_convolution,
    "volumes": volumes,
    "dna": dna,
    "manifolds": manifolds,
    "graphs": graphs,
    "sequences": sequences,
    "augmentation": augmentation,
}
WEIGHTS = {"images": 6, "volumes": 10, "dna": 4, "manifolds": 5, "graphs": 4, "sequences": 3, "augmentation": 4}


def chosen(names: str | None) -> list[str]:
    """The chapters that a text names, in the order of the tour; all where there is none. ConfigError for no chapter.

    >>> chosen("dna, images"), len(chosen(None))
    (['images', 'dna'], 11)
    """
    if names is None:
        return list(CHAPTERS)
    asked = names.replace(",", " ").split()
    unknown = [name for name in asked if name not in CHAPTERS]
    if unknown or not asked:
        given = f"the chapter {unknown[0]!r}" if unknown else "no chapter"
        raise ConfigError(given, f"some of {', '.join(CHAPTERS)}", "For example --chapters images,dna.")
    return [name for name in CHAPTERS if name in asked]


def walk(names: Sequence[str], effort: float = 1.0, tell: TellAll | None = None) -> list[Chapter]:
    """Every chapter in turn; `tell(fraction, text, done)` hears how far it is. `effort` below 1 learns less."""
    shared, found = Effort(effort), []
    parts = [WEIGHTS.get(name, 1) for name in names]
    for place, name in enumerate(names):
        before, part = sum(parts[:place]) / sum(parts), parts[place] / sum(parts)

        def told(fraction: float, text: str, done: bool = False, start: float = before, share: float = part) -> None:
            if tell is not None:
                tell(start + share * fraction, text, done)

        told(0.0, name)
        found.append(CHAPTERS[name](shared, lambda fraction, text, n=name, t=told: t(fraction, f"{n}: {text}")))
        told(1.0, f"{found[-1].title}: {': '.join(found[-1].headline)}", True)
    return found
