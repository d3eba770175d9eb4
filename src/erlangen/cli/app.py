"""The command `erlangen`: its five subcommands, its exit codes, and bad input said in one line."""

import sys
from collections.abc import Sequence

import typer

from erlangen.cli import audit, compare, data, derive, train
from erlangen.cli.options import GOOD, INTERRUPTED, WRONG
from erlangen.errors import SymmetryError

EXTRAS = {"lightning": "train", "sklearn": "train", "PIL": "train", "matplotlib": "report"}
UsageError = typer.BadParameter.__mro__[1]  # what typer raises where an option or argument is wrong

app = typer.Typer(
    name="erlangen",
    help="Declare where data live, what may be done to them and what is asked; derive, train and audit the network.",
    epilog="Exit codes: 0 good; 1 the audit found the declared symmetry broken; 2 bad input.",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("derive")(derive.command)
app.command("train")(train.command)
app.command("audit")(audit.command)
app.command("compare")(compare.command)
app.add_typer(data.app, name="data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 good, 1 the declared symmetry is broken, 2 bad input, 130 interrupted.

    >>> main(["data", "fetch", "digits"])
    digits lies in the scikit-learn wheel; there is nothing to fetch.
    0
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return app(given or ["--help"], prog_name="erlangen", standalone_mode=False) or GOOD
    except UsageError as error:  # pyright: ignore[reportGeneralTypeIssues]
        said = error.format_message().rstrip(".")
        return _refuse(f"{said}. `{_where(given)} --help` shows what it takes.")
    except SymmetryError as error:
        return _refuse(str(error))
    except ModuleNotFoundError as error:
        root = (error.name or "").split(".")[0]
        if root not in EXTRAS:
            raise
        return _refuse(
            f'Given an installation without {root}; expected it here. pip install "erlangen[{EXTRAS[root]}]".'
        )
    except OSError as error:
        return _refuse(f"Given {error.filename or 'a file'}; expected to read or write it. {error.strerror or error}.")
    except (KeyboardInterrupt, typer.Abort):
        print("erlangen: interrupted.", file=sys.stderr)
        return INTERRUPTED


def _where(given: list[str]) -> str:
    names = [command.name or "" for command in app.registered_commands] + ["data"]
    return " ".join(["erlangen", *(word for word in given[:1] if word in names)])


def _refuse(message: str) -> int:
    print(f"erlangen: {' '.join(message.split())}", file=sys.stderr)
    return WRONG
