"""Small networks in files of other kinds: ONNX, written operation by operation, and exported programs."""

import warnings

import torch


def write_onnx(path, operations, size=("n", 1, 8, 8), outputs=("y",), dtype=None, extra=()):
    """A file whose graph is these (name, inputs, outputs, attributes) on the input x of this size."""
    import onnx
    from onnx import TensorProto, helper

    dtype = TensorProto.FLOAT if dtype is None else dtype
    nodes = [helper.make_node(name, given, found, **named) for name, given, found, named in operations]
    given = [helper.make_tensor_value_info(name, dtype, size) for name in ("x", *extra)]
    answers = [helper.make_tensor_value_info(name, dtype, None) for name in outputs]
    graph = helper.make_graph(nodes, "small", given, answers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


KEEPS = [("ReduceMax", ["x"], ["y"], {"axes": (2, 3), "keepdims": 0})]
BREAKS = [("Flatten", ["x"], ["y"], {})]


def write_program(path, model, example, dynamic=False, args=None):
    """The exported program of a model, for any number of inputs where `dynamic`."""
    shapes = ({0: torch.export.Dim.AUTO},) if dynamic else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of what it does inside
        torch.export.save(torch.export.export(model, args or (example,), dynamic_shapes=shapes), path)
