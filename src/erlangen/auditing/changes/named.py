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
MIRRORED = _changing(
    "stride", "strides: one side is sampled", "each stride sampled from both sides, the mean of these", "mirrored"
)
PHASE = _changing(
    "stride",
    "strides: only some sites are sampled",
    "each stride begun where the signal is strongest (adaptive polyphase sampling)",
    "phase",
)
_EMBEDDING = _changing(
    "positional embedding", "values added to each position", "those averaged over positions", "embedding"
)
_FACTORS = _changing(
    "positional factors", "values multiplied at each position", "their root mean square over positions", "factors"
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
INTERPOLATION = _changing(
    "interpolation",
    "interpolation with a border, or by no whole factor",
    "interpolation round the circle, by whole factors, between the middles of the sites",
    "interpolated",
)
_PLACES = _changing(
    "interpolation", "values interpolated at places between the sites", "the values at the sites", "places"
)
_STATISTICS = _changing(
    "batch statistics",
    "a norm by statistics of the batch, or of each position",
    "those of the reference inputs, the same at every position",
    "statistics",
)
SIGNAL = _changing(
    "statistics of the signal",
    "a norm by statistics of the whole signal",
    "those of the reference inputs, whatever the signal",
    "signal",
)

BY_FUNCTION = {
    "embedding": _EMBEDDING,
    "factors": _FACTORS,
    "coordinates": _COORDINATES,
    "norm": _NORM,
    "upsampling": _UPSAMPLING,
    "places": _PLACES,
    "statistics": _STATISTICS,
}
