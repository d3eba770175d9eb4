"""The separable block: where within each field, then what across fields, in the manner of ConvNeXt."""

from erlangen import layers as L
from erlangen.blueprint.plan import Choices
from erlangen.layers import Layer
from erlangen.representations import direct_sum
from erlangen.signal import Space

EXPANSION = 2  # how many times the fields of the target stand between the two 1 × 1 maps


def separable_block(choices: Choices, source: Space, target: Space, dilation: int = 1) -> list[Layer]:
    """A convolution within each field, normalisation, 1 × 1 across fields, a nonlinearity, 1 × 1 back.

    Added to its input where the spaces agree, since its end is linear. Between wide regular fields the 1 × 1 maps are
    computed in isotypic blocks. Liu et al. 2022, arXiv:2201.03545.
    """
    functions = choices.nonlinearity == "fourier" and not target.rho.is_permutation
    several = EXPANSION * target.rho if functions else direct_sum(*((f, EXPANSION * m) for f, m in target.rho.fields))
    wide = Space(target.domain, several)
    active = L.nonlinearity(wide, choices.nonlinearity, choices.function, choices.samples)
    permuted = wide.rho.is_permutation
    block = [
        L.FieldwiseConv(source, choices.kernel_size, dilation=dilation, bias=not choices.normalize),
        *([L.normalize(source, functions)] if choices.normalize else []),
        L.linear(source, active.source, kernel_size=1),
        active,
        L.linear(
            wide,
            target,
            kernel_size=1,
            gain=L.gain_of(choices.function) if permuted else 1.0,
            offset=L.offset_of(choices.function) if permuted else 0.0,
        ),
    ]
    return [L.skip(block, join="add")] if source == target else block
