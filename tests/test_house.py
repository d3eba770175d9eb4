"""The house keeps its own rules: what loads when, who imports whom, what is documented, what the README promises."""

import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from functools import cached_property
from pathlib import Path
from types import FunctionType

import pytest

import erlangen as er
from tests.house import HOUSE, public_names, tracked

README = (HOUSE / "README.md").read_text(encoding="utf-8")
HEAVY = {"scipy", "sympy", "lightning", "pytorch_lightning", "sklearn", "matplotlib", "jinja2", "cuequivariance"}


def loaded_by(code: str, *, after: str = "") -> set[str]:
    """Top-level packages that `code` loads in a fresh interpreter, beyond those that `after` has loaded."""
    script = f"""
import sys, json, contextlib, io
{after or "pass"}
before = set(sys.modules)
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    {code}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


# --- what loads when


def test_import_is_light():
    assert not loaded_by("import erlangen", after="import torch") & HEAVY


def test_every_public_name_is_light():
    """The names themselves, heavy domains included, load nothing heavy either."""
    code = "import erlangen as er; [getattr(er, name) for name in dir(er)]"
    assert not loaded_by(code, after="import torch") & HEAVY


def test_help_loads_no_torch():
    code = "import sys; sys.argv = ['erlangen', '--help']; from erlangen.cli import main; main()"
    loaded = loaded_by(code)
    assert "erlangen" in loaded
    assert not loaded & ({"torch", "numpy"} | HEAVY)


# --- who imports whom


def lint_imports(package_root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
    paths = os.pathsep.join([str(package_root), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [*command, "--no-cache", "--config", str(HOUSE / "pyproject.toml")],
        cwd=HOUSE,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def rooms_of_the_law() -> list[str]:
    settings = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    rooms, _, kinds = settings["tool"]["importlinter"]["contracts"]
    inside_layers = [name.removeprefix("erlangen.").replace(".", "/") for name in kinds["modules"]]
    return re.findall(r"\w+", " ".join(rooms["layers"])) + inside_layers


def test_import_law_is_kept():
    done = lint_imports(HOUSE / "src")
    assert done.returncode == 0, done.stdout + done.stderr


BREACHES = {
    "upwards": ("groups/_breach.py", "import erlangen.layers"),
    "inside a function": ("domains/_breach.py", "def late():\n    from erlangen.solve import thing"),
    "the witness and what it judges": ("auditing/_breach.py", "import erlangen.layers"),
    "symmetrize and what it changes": ("symmetrize/_breach.py", "import erlangen.layers"),
    "symmetrize and the witness": ("symmetrize/_breach.py", "import erlangen.auditing"),
    "between kinds": ("layers/linear/_breach.py", "import erlangen.layers.pooling"),
    "the table of contents": ("task/_breach.py", "import erlangen"),
    "from below": ("errors/_breach.py", "import erlangen.pages"),
    "a room without a place": ("attic/__init__.py", ""),
}


@pytest.mark.parametrize(("file", "code"), BREACHES.values(), ids=BREACHES)
def test_import_law_can_be_broken(tmp_path: Path, file: str, code: str):
    """In a small house of empty rooms that keeps the law, each breach is found."""
    for room in ["", *rooms_of_the_law()]:
        folder = tmp_path / "erlangen" / room
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text("")
    assert lint_imports(tmp_path).returncode == 0
    breach = tmp_path / "erlangen" / file
    breach.parent.mkdir(exist_ok=True)
    breach.write_text(code)
    assert " BROKEN" in lint_imports(tmp_path).stdout


# --- what is documented


def inherited(cls: type, name: str) -> bool:
    """Whether a class before this one says what its member is."""
    member = name.rpartition(".")[2]
    return any(inspect.getdoc(vars(base)[member]) for base in cls.__mro__[1:] if member in vars(base))


def undocumented(name: str, thing: object) -> list[str]:
    """The public name, and the public methods and properties of a class, that say nothing of themselves."""
    silent = [] if inspect.getdoc(thing) else [name]
    if inspect.isclass(thing):
        own = [(f"{name}.{n}", member) for n, member in vars(thing).items() if not n.startswith("_")]
        spoken = (property, cached_property, classmethod, staticmethod, FunctionType)
        silent += [
            n
            for n, member in own
            if isinstance(member, spoken) and not inspect.getdoc(member) and not inherited(thing, n)
        ]
    return silent


def test_every_public_name_is_documented():
    public = public_names()
    assert {"Task", "derive", "layers.LatticeConv", "auditing.Row"} <= set(public)
    assert not [silent for name, thing in public.items() for silent in undocumented(name, thing)]


WITHOUT_EXAMPLE = {  # and why none can run in a docstring
    **dict.fromkeys(("data.colin27_head", "data.dog_poses", "data.dog_vertices", "data.profile"), "data to be fetched"),
    "data.polarizability_tensors": "data to be fetched",
    "domains.view_mesh": "a window",
    **dict.fromkeys(("train.fit", "train.run", "train.finished", "train.sweep", "train.write_report"), "a training"),
}


def test_every_public_name_has_an_example():
    """Its own docstring shows it at work; the list of those that cannot only becomes shorter."""
    silent = {name for name, thing in public_names().items() if ">>>" not in (thing.__doc__ or "")}
    assert silent == set(WITHOUT_EXAMPLE)


def test_all_lists_what_dir_shows():
    assert set(er.__all__) <= set(dir(er))
    assert len(er.__all__) == len(set(er.__all__))


def test_types_ship_with_the_package():
    spec = importlib.util.find_spec("erlangen")
    assert spec is not None
    assert spec.origin is not None
    assert (Path(spec.origin).parent / "py.typed").exists()


# --- what the README promises


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (HOUSE / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_contributing_opens_with_four_commands():
    first = re.search(r"```sh\n(.*?)```", (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert first is not None
    commands = [line.split("#")[0].split() for line in first[1].splitlines()]
    assert commands == [["make", target] for target in ("check", "test", "docs", "bench")]


def test_changelog_speaks_of_this_version():
    newest = (HOUSE / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    assert er.__version__ in newest and "\n### Added\n" in newest


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_make_commands_of_the_pages_exist(page: str):
    text = (HOUSE / page).read_text(encoding="utf-8")
    asked = {name for run in re.findall(r"(?:`|^)make ([a-z ]+)", text, flags=re.MULTILINE) for name in run.split()}
    assert asked
    assert asked <= targets()


def test_readme_opens_with_exactly_two_setup_commands():
    first = re.search(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    assert first is not None
    assert [line.split("#")[0].split() for line in first[1].splitlines()] == [["make", "demo"], ["make", "test"]]


def test_commands_of_the_readme_exist():
    asked = set(re.findall(r"^erlangen ([a-z]+)", README, flags=re.MULTILINE))
    assert asked == {"derive", "train", "sweep", "predict", "audit", "compare", "data", "tour"}
    for name in asked:
        command = [sys.executable, "-c", "from erlangen.cli import main; main()", name, "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_example_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_groups_of_the_readme_are_kept_by_their_lattices():
    table = re.findall(r"^\| \w+ \| `er\.(.+?)` \| (.+?) \|", README, flags=re.MULTILINE)
    assert len(table) == 4
    for domain, groups in table:
        named = re.findall(r"`(\w+\(.*?\))`", groups)
        assert named
        for group in named:
            assert eval(f"er.{domain}.preserves(er.{group})", {"er": er}), f"{group} on {domain}"


def test_links_of_the_pages_lead_somewhere():
    for page in [*sorted(HOUSE.glob("*.md")), *sorted((HOUSE / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert link.startswith("https://") or (page.parent / link).exists(), f"{page.name}: {link}"


# --- what must not be in a file


def test_no_machine_path_in_a_file():
    place = re.compile(rb"(?<![\w.*])/(?:work|farm|root|opt|tmp|home|Users)/[A-Za-z.]")
    found = [path.relative_to(HOUSE) for path in tracked() if place.search(path.read_bytes())]
    assert not found


def test_no_marks_of_unfinished_work():
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    sources = [path for path in tracked() if path.suffix == ".py" and "src" in path.relative_to(HOUSE).parts]
    assert sources
    assert not [path.relative_to(HOUSE) for path in sources if marks.search(path.read_text(encoding="utf-8"))]
