"""Numbers as people read them: 3.2e-07 is 3.2·10⁻⁷, 12345 is 12,345, 0.9731 is 97.3 %."""

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, digits: int = 3) -> str:
    """A value to `digits` significant digits, with a power of ten where plain digits would hide its size.

    >>> number(0.81472), number(3.2e-7), number(0), number(12.0), number(None), number(float("inf"))
    ('0.815', '3.2·10⁻⁷', '0', '12.0', '–', '∞')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 10**6:
        return _minus(f"{value:,.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}")
    mantissa, _, exponent = f"{value:.{max(0, digits - 2)}e}".partition("e")
    return f"{_minus(mantissa)}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def count(value: int) -> str:
    """A whole number with thousands set apart.

    >>> count(1234567)
    '1,234,567'
    """
    return _minus(f"{value:,d}")


def several(number: int, noun: str) -> str:
    """A number with its noun.

    >>> several(1, "seed"), several(1200, "class")
    ('1 seed', '1,200 classes')
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{count(number)} {noun}{ending}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share of one as a percentage; never rounded up to the whole.

    >>> percent(0.9731), percent(1.0), percent(0.99999), percent(None)
    ('97.3 %', '100 %', '99.9 %', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if value in (0, 1):
        return f"{value:.0%}".replace("%", " %")
    return _minus(f"{_hundredths(value, digits):.{digits}f} %")


def points(more: float, less: float, digits: int = 1) -> str:
    """The difference of two percentages as `percent` shows them: rounded first, so that a reader finds it again.

    >>> percent(0.97349), percent(0.95751), points(0.97349, 0.95751)
    ('97.3 %', '95.8 %', '1.5')
    """
    apart = round(_hundredths(more, digits) - _hundredths(less, digits), digits) + 0.0  # and not −0.0
    return _minus(f"{apart:.{digits}f}")


def _hundredths(value: float, digits: int) -> float:
    scale = 10**digits
    if 0.99 < value < 1:  # what is not the whole is not shown as the whole
        return math.floor(value * 100 * scale) / scale
    return round(value * 100, digits)


def signed(value: float, digits: int = 3) -> str:
    """A difference with its sign.

    >>> signed(0.012), signed(-0.5)
    ('+0.0120', '−0.500')
    """
    return ("+" if value > 0 else "") + number(value, digits)


def _minus(text: str) -> str:
    return text.replace("-", "−")
