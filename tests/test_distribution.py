"""What a user installs: wheel and sdist hold what they should, and the wheel runs outside this folder."""

import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import erlangen as er
from tests.house import HOUSE, tracked
from tests.installed import SDIST, WHEEL, build, packages, run

NAME = f"erlangen-{er.__version__}"
INFO = f"{NAME}.dist-info/"


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


def metadata(dist: Path) -> Message:
    return Parser().parsestr(contents(dist / WHEEL)[f"{INFO}METADATA"].decode())


def test_wheel_holds_the_package_and_nothing_else(dist: Path) -> None:
    inside = {name for name in contents(dist / WHEEL) if not name.startswith(INFO)}
    ours = {path.relative_to(HOUSE / "src").as_posix() for path in tracked() if path.is_relative_to(HOUSE / "src")}
    assert inside == ours
    assert {"erlangen/py.typed", "erlangen/__init__.pyi", "erlangen/pages/templates/style.css"} <= inside
    assert any(name.endswith(".toml") for name in inside)


def test_sdist_holds_what_is_tracked_and_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    with tarfile.open(dist / SDIST) as file:
        file.extractall(tmp_path, filter="data")
    unpacked = tmp_path / NAME
    inside = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    ours = {path.relative_to(HOUSE).as_posix() for path in tracked()}
    assert inside - ours == {"PKG-INFO"}
    assert {name for name in ours - inside if not name.startswith(".")} == set()
    assert contents(build(tmp_path / "again", unpacked) / WHEEL) == contents(dist / WHEEL)


def test_metadata_says_what_pyproject_says(dist: Path) -> None:
    said = metadata(dist)
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (said["Name"], said["Version"], said["Requires-Python"]) == ("erlangen", er.__version__, ">=3.11")
    assert (said["License-Expression"], said["License-File"]) == ("MIT", "LICENSE")
    assert contents(dist / WHEEL)[f"{INFO}licenses/LICENSE"] == (HOUSE / "LICENSE").read_bytes()
    assert said.get_payload() == (HOUSE / "README.md").read_text(encoding="utf-8")
    assert set(said.get_all("Provides-Extra", [])) == set(project["optional-dependencies"])
    needed = {line for line in said.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert needed == set(project["dependencies"])


USED = """
import torch, erlangen as er
net = er.derive(er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(2)), width=8, depth=2).eval()
report = er.audit(net, er.Grid(2), er.C(4), torch.randn(16, 1, 8, 8), proof=False)
report.to_html("audit.html")
print(er.__file__, report.passed, er.train.read_config("rotated-digits").data.source, sep="|")
"""


def test_wheel_runs_in_an_environment_of_its_own(user_python: Path, tmp_path: Path) -> None:
    assert run([str(user_python.with_name("erlangen")), "--version"], tmp_path).split() == ["erlangen", er.__version__]
    file, passed, source = run([str(user_python), "-c", USED], tmp_path).strip().split("|")
    assert Path(file) == packages(user_python) / "erlangen" / "__init__.py"
    assert (passed, source) == ("True", "digits")
    assert "C(4)" in (tmp_path / "audit.html").read_text(encoding="utf-8")
