"""A TOML file is read whole or refused with the file and the key."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from erlangen.blueprint.mesh_plan import MeshChoices
from erlangen.blueprint.packed_plan import LAYERS, PackedChoices
from erlangen.blueprint.plan import Choices
from erlangen.blueprint.point_plan import PointChoices
from erlangen.blueprint.product_plan import ProductChoices
from erlangen.blueprint.recurrent import RECURRENT, RecurrentChoices
from erlangen.blueprint.sphere_plan import SphereChoices
from erlangen.errors import ConfigError
from erlangen.layers.invariant.fibre import METHODS
from erlangen.layers.pooling.lattice import KINDS
from erlangen.train import builtin, defaults, read_config
from erlangen.train.config import (
    CHOICES,
    IN_TIME,
    ON_MESHES,
    ON_PACKED,
    ON_POINTS,
    ON_PRODUCTS,
    ON_SPHERES,
    SECTIONS,
    Config,
    TaskSection,
)
from erlangen.train.networks import task_of
from erlangen.train.toml import LISTS, OPTIONAL, config_from, from_dict, overlay

TASK = {"domain": "Grid(2)", "output": "Invariant(3)"}


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_builtin_run_and_example_can_be_read() -> None:
    assert "rotated-digits" in builtin()
    for name in builtin():
        assert read_config(name).name == name
    examples = Path(__file__).parents[2] / "examples"
    assert all(read_config(file).name == file.stem for file in examples.glob("*.toml"))


def test_every_file_of_the_readme_can_be_read(tmp_path: Path) -> None:
    texts = re.findall(r"```toml\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text("utf-8"), re.DOTALL)
    assert texts
    for text in texts:
        assert task_of(read_config(write(tmp_path, text)).task)


def test_keys_left_out_have_the_documented_defaults(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, '[task]\ndomain = "Grid(2)"\noutput = "Invariant(3)"'))
    assert config == Config("mine", TaskSection("Grid(2)", "Invariant(3)"))


def test_the_defaults_show_every_key_in_its_section_within_80_columns() -> None:
    shown = defaults()
    assert max(map(len, shown.splitlines())) <= 80
    assert "\n# name = " in shown
    for section, kind in SECTIONS.items():
        keys = {entry.name for entry in fields(kind)} - {"choices"}
        every = (Choices, PackedChoices, PointChoices, RecurrentChoices, SphereChoices, MeshChoices, ProductChoices)
        of_derive = every if section == "network" else ()
        keys |= {entry.name for choices in of_derive for entry in fields(choices)}
        written = shown.partition(f"\n[{section}]\n")[2].partition("\n\n")[0]
        assert keys == set(re.findall(r"^(?:# )?(\w+) =", written, flags=re.MULTILINE))


def test_the_defaults_are_toml_and_give_the_configuration_of_the_defaults() -> None:
    table = tomllib.loads(defaults())
    assert {entry.name for entry in fields(Choices) if entry.default is not None} <= set(table["network"])
    table["task"].update(TASK)
    assert config_from(table, "defaults", "mine") == Config("mine", TaskSection("Grid(2)", "Invariant(3)"))


def test_every_choice_of_derive_is_explained_with_its_values() -> None:
    assert set(CHOICES) == {entry.name for entry in fields(Choices)}
    assert set(ON_PACKED) == {entry.name for entry in fields(PackedChoices)}
    assert set(ON_POINTS) == {entry.name for entry in fields(PointChoices)}
    assert set(ON_SPHERES) == {entry.name for entry in fields(SphereChoices)}
    assert set(ON_MESHES) == {entry.name for entry in fields(MeshChoices)}
    assert set(ON_PRODUCTS) == {entry.name for entry in fields(ProductChoices)}
    assert set(IN_TIME) == {entry.name for entry in fields(RecurrentChoices)}
    assert all(f'"{value}"' in IN_TIME["layer"] for value in RECURRENT)
    assert all(f'"{value}"' in ON_PACKED["layer"] for values in LAYERS.values() for value in values)
    for key, values in (("pool", KINDS), ("fibre", METHODS), ("global_pool", METHODS), ("function", ("relu",))):
        assert all(f'"{value}"' in CHOICES[key] for value in values)


def test_choices_without_a_default_are_read_as_what_they_are() -> None:
    for kind in (Choices, PackedChoices, PointChoices, RecurrentChoices, SphereChoices, MeshChoices, ProductChoices):
        for entry in fields(kind):
            wanted = re.findall(r"\b(int|float|bool)\b", str(entry.type))
            if entry.default is None and entry.name not in LISTS:
                assert [OPTIONAL.get(entry.name, str).__name__] == (wanted or ["str"]), entry.name


def test_a_choice_at_its_default_is_the_same_run_as_one_left_out() -> None:
    table = {"task": TASK, "network": {"kernel_size": 3, "pool": "max", "residual": False}}
    assert config_from(table, "mine.toml", "mine").network.choices == {"pool": "max"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"task": {**TASK, "symetry": "C(4)"}}, "task.symetry in mine.*Did you mean 'symmetry'"),
        ({"task": TASK, "trian": {}}, "unknown key trian.*Did you mean 'train'"),
        ({"task": TASK, "network": {"kernel": 3}}, "network.kernel in.*Did you mean 'kernel_size'"),
        ({"task": {"domain": "Grid(2)"}}, "without task.output"),
        ({"train": {}}, r"without a section \[task\]"),
        ({"task": "Grid(2)"}, r"a section \[task\]"),
        ({"task": TASK, "train": {"epochs": "ten"}}, "train.epochs = 'ten'.*a whole number"),
        ({"task": TASK, "train": {"epochs": True}}, "train.epochs = True"),
        ({"task": TASK, "train": {"epochs": 0}}, "at least 1"),
        ({"task": TASK, "train": {"seeds": [0, 0]}}, "each once"),
        ({"task": TASK, "train": {"seeds": []}}, "at least one"),
        ({"task": TASK, "train": {"seeds": 3}}, "a list"),
        ({"task": TASK, "train": {"models": ["derived", "best"]}}, "among derived, plain, augmented"),
        ({"task": TASK, "train": {"learning_rate": float("nan")}}, "learning_rate = nan"),
        ({"task": TASK, "train": {"rates": {"best": 0.1}}}, "among derived, plain, augmented"),
        ({"task": TASK, "train": {"rates": {"plain": 0}}}, "a table of which each value is a number, at least"),
        ({"task": TASK, "train": {"rates": {"plain": "low"}}}, "a table of which each value is a number"),
        ({"task": TASK, "train": {"rates": [0.1]}}, "a table of which each value is a number"),
        ({"task": TASK, "train": {"device": "tpu"}}, "among cpu, gpu, auto"),
        ({"task": TASK, "report": {"pairs": [["6"]]}}, "a list of 2"),
        ({"task": TASK, "network": {"kernel_size": "large"}}, "network.kernel_size = 'large'"),
        ({"task": TASK, "name": "../up"}, "fit for a folder"),
        ({"task": {**TASK, "input": 0}}, "task.input = 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_key(table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config_from(table, "mine.toml", "mine")


def test_files_that_are_missing_or_no_toml_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'rotated-digits'"):
        read_config("rotated-digit")
    with pytest.raises(ConfigError, match="which is not TOML.*line 1"):
        read_config(write(tmp_path, "x = = 1"))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path)


def test_a_model_may_have_a_rate_of_its_own(tmp_path: Path) -> None:
    text = '[task]\ndomain = "Grid(2)"\noutput = "Invariant(3)"\n[train]\nlearning_rate = 0.02\nrates = { plain = 1 }'
    config = read_config(write(tmp_path, text))
    assert [config.train.of(model).learning_rate for model in config.train.models] == [0.02, 1.0, 0.02]
    assert config.train.of("derived") == config.train and from_dict(config.to_dict(), "here") == config


def test_data_beside_the_file_are_meant_from_there(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    text = '[task]\ndomain = "Grid(2)"\noutput = "Invariant(3)"\n[data]\nsource = "pictures"'
    assert read_config(write(tmp_path, text)).data.source == str((tmp_path / "pictures").resolve())


def test_a_configuration_survives_plain_data_and_options_are_laid_over_it() -> None:
    config = overlay(read_config("rotated-digits"), {"network": {"kernel_size": 5, "width": None}}, "here")
    assert config.network.choices == {"kernel_size": 5}
    assert config.network.width == read_config("rotated-digits").network.width
    assert from_dict(config.to_dict(), "here") == config


@pytest.mark.parametrize(
    ("task", "key", "value"),
    [
        ({"domain": "Grid(2)", "symmetry": "SO(2)", "input": 1, "output": "Invariant(3)"}, "max_frequency", 2),
        ({"domain": "Grid(2)", "symmetry": "SO(2)", "input": 1, "output": "Invariant(3)"}, "samples", 8),
        ({"domain": "Graph()", "input": 1, "output": "Invariant(3)"}, "structure", 4),
        ({"domain": "Sequence()", "symmetry": "TimeWarp()", "input": 1, "output": "Invariant(3)"}, "slowest", 8.0),
    ],
)
def test_numbers_without_a_default_are_read_as_numbers(task: dict, key: str, value: float) -> None:
    read = config_from({"task": task, "network": {key: value}}, "here", "mine")
    assert read.network.choices == {key: value}
    with pytest.raises(ConfigError, match=f"network.{key} = 'many'"):
        config_from({"task": task, "network": {key: "many"}}, "here", "mine")
