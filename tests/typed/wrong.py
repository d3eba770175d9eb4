"""What a user should not write: each line that names rules of the type checker is found by these, and no other line."""

import torch

import erlangen as er


def mistakes(net: er.Blueprint) -> None:
    er.Task("Grid(2)", input=1, output=er.Invariant(2))  # reportArgumentType
    er.Task(er.Grid(2), input=1, output=2)  # reportArgumentType
    er.Task(er.Grid(2), symetry=er.C(4))  # reportCallIssue
    er.derive(er.Grid(2))  # reportArgumentType
    er.derive()  # reportCallIssue
    er.audit(net, er.Grid(2), torch.zeros(1))  # reportCallIssue
    er.audit(net, er.C(4), er.Grid(2), torch.zeros(1))  # reportArgumentType reportArgumentType
    er.layers.linear(er.Grid(2), er.Grid(2))  # reportArgumentType reportArgumentType
    er.layers.linaer(net)  # reportAttributeAccessIssue
    er.Tsak(er.Grid(2))  # reportAttributeAccessIssue
    er.C("4")  # reportArgumentType
    net.explain().to_htlm()  # reportAttributeAccessIssue
    er.Signal(torch.zeros(1), er.Grid(2))  # reportArgumentType
    answer: int = er.audit(net, er.Grid(2), er.C(4), torch.zeros(1)).verdict  # reportAssignmentType
    print(answer)
