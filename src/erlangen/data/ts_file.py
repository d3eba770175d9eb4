"""Time series in the .ts files of the UEA and UCR archives: a line a series, channels between colons, then a class."""

from pathlib import Path

import torch
from torch import Tensor

from erlangen.errors import DataError


def read_ts(path: str | Path) -> tuple[list[Tensor], list[str]]:
    """Series `[channel, steps]`, each of its own length, float32, and the class that each line ends with.

    Lines before @data and those that begin with # or % say what the file is, and are left aside. DataError with file
    and line for what is no number, for channels of unlike length and for series of unlike channels.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "two.ts"
    ...     _ = file.write_text("@data\\n1,2,3:4,5,6:a\\n1,2:3,4:b\\n")
    ...     series, labels = read_ts(file)
    >>> [tuple(s.shape) for s in series], labels
    ([(2, 3), (2, 2)], ['a', 'b'])
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}, which cannot be read ({error})", "a .ts file", "Check the path.") from None
    series, labels, begun = [], [], False
    for number, line in enumerate(lines, start=1):
        if line.lower().split()[:2] == ["@classlabel", "false"]:
            raise DataError(f"{path}, line {number}: series without classes", "@classLabel true", "Take another file.")
        if begun and line.strip() and not line.startswith(("#", "%")):
            found, label = _read_line(line, f"{path}, line {number}")
            if series and len(found) != len(series[0]):
                given = f"{path}, line {number}: {len(found)} channels after {len(series[0])}"
                raise DataError(given, "as many channels in every line", "Mend the line, or take it out.")
            series.append(found)
            labels.append(label)
        begun = begun or line.strip().lower() == "@data"
    if not series:
        raise DataError(f"{path} without series behind a line @data", "at least one", "Is it of another format?")
    return series, labels


def _read_line(line: str, where: str) -> tuple[Tensor, str]:
    *channels, label = line.strip().split(":")
    try:
        numbers = [[float(value) for value in channel.split(",")] for channel in channels]
    except ValueError as error:
        raise DataError(f"{where}: {error}", "numbers with commas between", "Mend the line, or take it out.") from None
    if len({len(channel) for channel in numbers}) != 1:
        given = f"{where}: channels of {', '.join(str(len(channel)) for channel in numbers) or 'no'} steps"
        raise DataError(given, "channels of one length, then the class", "Mend the line, or take it out.")
    return torch.tensor(numbers), label
