"""A network in an ONNX file, run by onnxruntime: the audit asks it as any other function of a tensor."""

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.batches import in_batches
from erlangen.errors import InputError

DTYPES = {"tensor(float)": torch.float32, "tensor(double)": torch.float64, "tensor(float16)": torch.float16}


class OnnxModel:
    """y = f(x) by onnxruntime on the CPU, x of the file's own dtype; several answers come as a dictionary by name.

    A file of a fixed number of inputs is asked so many at a time, the last batch filled up.

    >>> import io, onnx, onnxruntime, torch
    >>> from onnx import TensorProto, helper
    >>> ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2]) for name in "xy"]
    >>> graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", ends[:1], ends[1:])
    >>> program = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    >>> OnnxModel(onnxruntime.InferenceSession(program.SerializeToString()))(torch.tensor([[-1.0, 2.0]]))
    tensor([[0., 2.]])
    """

    def __init__(self, session: Any, name: str = "an ONNX file"):
        inputs = session.get_inputs()
        if len(inputs) != 1:
            listed = ", ".join(i.name for i in inputs) or "none"
            raise InputError(f"{name} with {len(inputs)} inputs ({listed})", "one input", "Bind the others first.")
        if inputs[0].type not in DTYPES:
            raise InputError(
                f"{name}, whose input is a {inputs[0].type}", "floating numbers", "Let it begin with them."
            )
        shape = inputs[0].shape
        self.session, self.input, self.dtype = session, inputs[0].name, DTYPES[inputs[0].type]
        self.names = [output.name for output in session.get_outputs()]
        self.size = shape[0] if shape and isinstance(shape[0], int) and shape[0] > 0 else None

    def __call__(self, x: Tensor) -> Any:
        """f(x), as a tensor, or as a dictionary of them."""
        if type(x) is not Tensor:
            raise TypeError("an ONNX file runs outside torch, which cannot look into it")
        return in_batches(self._run, x, self.size)

    def _run(self, x: Tensor) -> Any:
        given = x.detach().to("cpu", self.dtype).contiguous().numpy()
        found = dict(zip(self.names, map(_tensor, self.session.run(None, {self.input: given})), strict=True))
        return found if len(found) > 1 else next(iter(found.values()))


def read_onnx(path: str | os.PathLike[str]) -> OnnxModel:
    """The model in an ONNX file, as a function of a tensor. InputError where there is none; needs onnxruntime.

    >>> import onnx, tempfile, torch
    >>> from onnx import TensorProto, helper
    >>> ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2]) for name in "xy"]
    >>> graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", ends[:1], ends[1:])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/relu.onnx"
    ...     onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    ...     read_onnx(path)(torch.tensor([[-1.0, 2.0]]))
    tensor([[0., 2.]])
    """
    import onnxruntime

    if not Path(path).is_file():
        raise InputError(f"{path}, which does not exist", "an ONNX file", "Check the path.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # what is wrong is raised, too
    try:
        session = onnxruntime.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have nothing in common but this
        said = (str(error).splitlines() or ["no message"])[0]
        raise InputError(
            f"{path}, which onnxruntime does not read ({said})", "an ONNX file", "Export it again."
        ) from error
    return OnnxModel(session, os.fspath(path))


def _tensor(found: Any) -> Any:
    """An array as a tensor; what ONNX has besides (sequences, maps) as it is, and the audit says that it is none."""
    return torch.from_numpy(found) if hasattr(found, "dtype") and found.dtype.kind in "fiub" else found
