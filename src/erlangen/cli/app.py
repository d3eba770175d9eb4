"""The command `erlangen`: its subcommands, its exit codes, and bad input said in one line."""

import inspect
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

from erlangen.cli import audit, compare, data, derive, predict, sweep, tour, train
from erlangen.cli.options import GOOD, INTERRUPTED, WRONG
from erlangen.cli.words import in_words_of
from erlangen.errors import SymmetryError

EXTRAS = {
    "onnxruntime": "export",
    "optuna": "sweep",
    "lightning": "train",
    "sklearn": "train",
    "PIL": "train",
    "matplotlib": "report",
}
UsageError = typer.BadParameter.__mro__[1]  # what typer raises where an option or argument is wrong


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"erlangen {metadata.version('erlangen')}")
        raise typer.Exit()


Version = Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_say_version)]

app = typer.Typer(
    name="erlangen",
    epilog="Exit codes: 0 good; 1 the audit found the declared symmetry broken; 2 bad input.",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def options(version: Version = False) -> None:
    """Declare where data live, what may be done to them and what is asked; derive, train and audit the network."""


app.command("derive")(derive.command)
app.command("train")(train.command)
app.command("sweep")(sweep.command)
app.command("predict")(predict.command)
app.command("audit")(audit.command)
app.command("compare")(compare.command)
app.command("tour")(tour.command)
app.add_typer(data.app, name="data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 good, 1 the declared symmetry is broken, 2 bad input, 130 interrupted.

    >>> main(["data", "fetch", "digits"])
    digits lies in the scikit-learn wheel; there is nothing to fetch.
    0
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return app(given or ["--help"], prog_name="erlangen", standalone_mode=False, obj=given) or GOOD
    except UsageError as error:  # pyright: ignore[reportGeneralTypeIssues]
        said = error.format_message().rstrip(".")
        return _refuse(f"{said}. `{_where(given)} --help` shows what it takes.")
    except SymmetryError as error:
        return _refuse(_spoken(given, str(error)))
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


def _spoken(given: list[str], message: str) -> str:
    """The message with the options of the command that was given beside the arguments of the library."""
    command = next((command for command in app.registered_commands if command.name in given[:1]), None)
    taken = inspect.signature(command.callback).parameters if command and command.callback else ()
    return in_words_of(message, taken, toml=bool({"config", "job", "models"} & set(taken)))


def _where(given: list[str]) -> str:
    names = [command.name or "" for command in app.registered_commands] + ["data"]
    return " ".join(["erlangen", *(word for word in given[:1] if word in names)])


def _refuse(message: str) -> int:
    print(f"erlangen: {' '.join(message.split())}", file=sys.stderr)
    return WRONG
