"""The pytest plugin: its fixture in suites of its users, in processes of their own."""

import importlib
import json
import re
import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PLUGIN = "erlangen.testing.plugin"
SUITE = """
import pytest, torch, erlangen as er

def test_keeps(symmetric):
    report = symmetric(lambda x: x.amax((2, 3)), er.Grid(2), er.D(4))
    assert report.passed

@pytest.mark.parametrize("n", [2, 4])
def test_breaks(symmetric, n):
    x = torch.randn(16, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    symmetric(lambda x: x.flatten(1), er.Grid(2), er.C(n), x, seed=3)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite that has the plugin and no other, whether or not erlangen is installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(test_net=SUITE)
    return pytester


def run(suite: pytest.Pytester, *options: str) -> pytest.RunResult:
    return suite.runpytest_subprocess("-p", PLUGIN, "-Werror", *options)


def test_the_fixture_passes_and_fails_with_the_report(suite: pytest.Pytester) -> None:
    done = run(suite)
    done.assert_outcomes(passed=1, failed=2)
    done.stdout.fnmatch_lines(["*AssertionError:*", "*BROKEN: A function under C(2) on Grid(2)", "*Replay: er.audit(*"])
    assert list(suite.path.glob("*.html")) == []


def test_reports_of_every_audit_are_written(suite: pytest.Pytester) -> None:
    run(suite, "--symmetry-report", "out/here").assert_outcomes(passed=1, failed=2)
    pages, numbers = (sorted((suite.path / "out/here").glob(f"*.{kind}")) for kind in ("html", "json"))
    assert [path.stem for path in pages] == [path.stem for path in numbers]
    assert [re.sub("-[0-9a-f]{8}-", " ", path.stem) for path in numbers] == [
        "test_net-test_breaks-2 1",
        "test_net-test_breaks-4 1",
        "test_net-test_keeps 1",
        "test_net-test_keeps 2",
    ]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in numbers]
    assert [report["passed"] for report in found] == [False, False, True, True]
    assert [report["settings"]["shape"] for report in found[2:]] == [[1, 17, 17], [1, 16, 16]]
    assert found[0]["settings"]["seed"] == 3


def test_the_page_of_a_failure_is_named(suite: pytest.Pytester) -> None:
    run(suite, "--symmetry-report", "out", "-k", "breaks").stdout.fnmatch_lines(
        ["*Page: *out?test_net-test_breaks-2-*.html"]
    )


def test_workers_write_to_one_folder_wherever_their_tests_go(suite: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    suite.makeconftest(
        "import pytest\n@pytest.fixture(autouse=True)\ndef away(tmp_path, monkeypatch): monkeypatch.chdir(tmp_path)"
    )
    run(suite, "-p", "xdist", "-n2", "--symmetry-report", "out").assert_outcomes(passed=1, failed=2)
    assert len(list((suite.path / "out").glob("*.html"))) == 4


def test_a_suite_that_does_not_ask_loads_no_torch(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        test_net="""
        import sys

        def test_nothing_heavy_is_loaded(pytestconfig):
            assert pytestconfig.pluginmanager.hasplugin("erlangen.testing.plugin")
            assert not {"torch", "numpy", "scipy"} & set(sys.modules)
        """
    )
    run(suite).assert_outcomes(passed=1)


def test_a_fixture_of_the_user_s_own_goes_first(suite: pytest.Pytester) -> None:
    suite.makeconftest("import pytest\n@pytest.fixture\ndef symmetric(): return 1")
    suite.makepyfile(test_net="def test_mine(symmetric): assert symmetric == 1")
    run(suite).assert_outcomes(passed=1)


def test_help_and_fixtures_name_it(suite: pytest.Pytester) -> None:
    run(suite, "--help").stdout.fnmatch_lines(["symmetries (erlangen):", "*--symmetry-report=DIR*"])
    run(suite, "--fixtures").stdout.fnmatch_lines(["symmetric*plugin.py*"])


def test_the_entry_point_leads_here() -> None:
    house = Path(__file__).parents[2]
    entries = tomllib.loads((house / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert entries["pytest11"] == {"erlangen": PLUGIN}
    assert importlib.import_module(PLUGIN).symmetric
