"""The command line: derive · train · audit · compare · data. Torch is loaded only by a command that needs it."""

from erlangen.cli.app import main as main
