"""Every change of functions by its name; the words are those of the rules."""

from erlangen.auditing.changes.change import Change


def _changing(name: str, what: str, instead: str, *words: str) -> Change:
    return Change(name, what, instead, words=frozenset(words))


ZERO_PADDING = _changing("zero padding", "zero padding: the border is seen", "circular padding, same weights", "zeros")
REFLECTED = _changing(
    "reflected border", "padding by mirrored or repeated values: the border is seen", "circular padding", "reflection"
)
CROPPED = _changing(
    "cropped border", "windows that would cross the border are left out", "windows all round the circle", "complete"
)
DENSE = _changing("stride", "strides: only some sites are sampled", "every site sampled (à trous)", "dense")
BLUR = _changing("stride", "strides: what varies faster is aliased", "a binomial blur before each stride", "blur")
_EMBEDDING = _changing(
    "positional embedding", "values added to each position", "those averaged over positions", "embedding"
)
_COORDINATES = _changing(
    "coordinates", "channels of coordinates joined to the signal", "those averaged over positions", "coordinates"
)
_NORM = _changing(
    "layer norm", "a layer norm over space with weights for each position", "those averaged over positions", "norm"
)
_UPSAMPLING = _changing(
    "upsampling",
    "upsampling that prefers one side",
    "linear interpolation, or outputs padded at neither end",
    "upsampling",
)

BY_FUNCTION = {"embedding": _EMBEDDING, "coordinates": _COORDINATES, "norm": _NORM, "upsampling": _UPSAMPLING}
