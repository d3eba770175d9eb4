"""The one family of exceptions that a user of the library meets.

Every message has three parts: what was given, what was expected, and how to mend it.
"""


class SymmetryError(ValueError):
    """Something does not fit the declared symmetry: says what was given, what was expected, and the mend.

    >>> print(SymmetryError("an image of 3 channels", "1 channel", "Pass input=3 to er.Task."))
    Given an image of 3 channels; expected 1 channel. Pass input=3 to er.Task.
    """

    def __init__(self, given: str, expected: str, mend: str):
        super().__init__(given, expected, mend)
        self.given, self.expected, self.mend = given, expected, mend

    def __str__(self) -> str:
        return f"Given {self.given}; expected {self.expected}. {self.mend}"


class GroupError(SymmetryError):
    """A group, or an element of one, that does not exist or does not fit."""


class RepresentationError(SymmetryError):
    """A representation that does not exist, does not fit, or is no homomorphism."""


class DomainError(SymmetryError):
    """A group that does not act on this domain, or a domain that cannot be."""


class SpaceError(SymmetryError):
    """A layer was given a signal of another space than its source."""


class InputError(SymmetryError):
    """Values of the wrong shape, dtype or content: too few channels, too small, not finite."""


class TaskError(SymmetryError):
    """A task that contradicts itself or that this domain cannot pose."""


class RecipeError(SymmetryError):
    """A recipe or a saved file that is damaged or from elsewhere."""


class ConfigError(SymmetryError):
    """A configuration file with an unknown key or a value of the wrong kind."""


class DataError(SymmetryError):
    """Data that cannot be read, or that are not what they claim to be."""


class MissingError(SymmetryError, AttributeError):
    """A member that exists for other objects of this kind, but not for this one."""
