"""Exported programs and ONNX files are functions of a tensor like any other, whatever batch they were written for."""

import pytest
import torch
from torch import nn

from erlangen.auditing import audit, read_onnx, read_program
from erlangen.auditing.batches import in_batches
from erlangen.domains import Grid
from erlangen.errors import InputError
from erlangen.groups import C, D
from tests.auditing.foreign import BREAKS, KEEPS, write_onnx, write_program
from tests.auditing.models import isotropic_classifier, noise, plain_classifier

X = noise(18, 1, 12, 12)


@pytest.mark.parametrize("n", [1, 3, 4, 5, 11])
def test_batches_are_filled_up_and_what_answers_the_filling_is_dropped(n):
    asked = []

    def model(x):
        asked.append(len(x))
        return {"both": (x.flatten(1), x.sum((1, 2))), "shared": torch.zeros(())}

    x = noise(n, 2, 3)
    found = in_batches(model, x, 4)
    assert set(asked) == {4}
    assert torch.equal(found["both"][0], x.flatten(1))
    assert torch.allclose(found["both"][1], x.sum((1, 2)))
    assert found["shared"].shape == ()
    assert in_batches(model, x, None)["both"][0].shape == (n, 6)


@pytest.mark.parametrize(("dynamic", "batch"), [(True, 3), (False, 4), (False, 1)])
def test_a_program_answers_as_the_model_it_was_made_from(dynamic, batch, tmp_path):
    model = isotropic_classifier()
    write_program(tmp_path / "net.pt2", model, X[:batch], dynamic)
    program = read_program(tmp_path / "net.pt2")
    with torch.no_grad():
        assert torch.allclose(program(X), model(X), atol=1e-6)
    report = audit(program, Grid(2), D(4), X)
    assert report.verdict == "proved"
    assert not report.warnings
    assert report.settings["parameters"] == sum(p.numel() for p in model.parameters())


def test_a_broken_program_is_broken(tmp_path):
    write_program(tmp_path / "net.pt2", plain_classifier(), X[:4])
    report = audit(read_program(tmp_path / "net.pt2"), Grid(2), C(4), X)
    assert report.verdict == "broken"
    assert report.error == pytest.approx(audit(plain_classifier(), Grid(2), C(4), X).error, rel=1e-4)


class Two(nn.Module):
    def forward(self, x, y):
        return x + y


def test_what_is_no_program_of_one_input_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_program(tmp_path / "none.pt2")
    (tmp_path / "bad.pt2").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"bad\.pt2, which torch\.export\.load does not read"):
        read_program(tmp_path / "bad.pt2")
    write_program(tmp_path / "two.pt2", Two(), None, args=(X, X))
    with pytest.raises(InputError, match=r"2 inputs \(x, y\); expected one"):
        read_program(tmp_path / "two.pt2")


@pytest.fixture
def onnx():
    pytest.importorskip("onnxruntime")
    return pytest.importorskip("onnx")


@pytest.mark.parametrize("first", ["n", 4, 1])
def test_an_onnx_file_is_audited_as_a_function(onnx, first, tmp_path):
    for operations, verdict in ((KEEPS, "exact"), (BREAKS, "broken")):
        write_onnx(tmp_path / "net.onnx", operations, (first, 1, 12, 12))
        model = read_onnx(tmp_path / "net.onnx")
        assert torch.equal(model(X), X.amax((2, 3)) if verdict == "exact" else X.flatten(1))
        report = audit(model, Grid(2), D(4), X)
        assert report.verdict == verdict
        assert report.settings["parameters"] is None
        assert "runs outside torch" in str(report)


def test_several_answers_come_by_name_and_every_dtype_is_its_own(onnx, tmp_path):
    both = [*KEEPS, ("Flatten", ["x"], ["z"], {})]
    write_onnx(tmp_path / "net.onnx", both, ("n", 1, 12, 12), ("y", "z"), onnx.TensorProto.DOUBLE)
    model = read_onnx(tmp_path / "net.onnx")
    assert {name: (len(y), y.dtype) for name, y in model(X).items()} == dict.fromkeys("yz", (18, torch.float64))
    with pytest.raises(InputError, match="the keys are 'y', 'z'"):
        audit(model, Grid(2), C(4), X)
    assert audit(model, Grid(2), C(4), X, select="y").passed
    assert audit(model, Grid(2), C(4), X, select="z").verdict == "broken"


def test_what_is_no_onnx_network_of_one_input_is_refused(onnx, tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_onnx(tmp_path / "none.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"bad\.onnx, which onnxruntime does not read"):
        read_onnx(tmp_path / "bad.onnx")
    write_onnx(tmp_path / "two.onnx", [("Add", ["x", "w"], ["y"], {})], extra=("w",))
    with pytest.raises(InputError, match=r"with 2 inputs \(x, w\)"):
        read_onnx(tmp_path / "two.onnx")
    write_onnx(tmp_path / "whole.onnx", [("Abs", ["x"], ["y"], {})], dtype=onnx.TensorProto.INT64)
    with pytest.raises(InputError, match=r"tensor\(int64\); expected floating"):
        read_onnx(tmp_path / "whole.onnx")
    write_onnx(tmp_path / "net.onnx", KEEPS)
    with pytest.raises(InputError, match="the model raised"):
        audit(read_onnx(tmp_path / "net.onnx"), Grid(2), C(4), noise(16, 3, 8, 8))
