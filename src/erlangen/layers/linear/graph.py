"""The linear layer of graphs, message passing of the convolutional kind: a node, its neighbours, perhaps everyone."""

from erlangen.layers.linear.relational import Relational


class GraphConv(Relational):
    """y_i = A x_i + B mean_{j → i} w_ij x_j + b, and with `relations=` matrices for followers and for everyone, too.

    Self-loops are edges like others. Directed graphs have neighbours, which send to a node, and followers, which it
    sends to. Edges with weights count by these; |w| divides.

    Shapes: `[nodes, c]` and the edges → `[nodes, c′]`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Graph(), er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.GraphConv(space, space)])
    >>> net(torch.ones(3, 1), edge_index=torch.tensor([[0, 1], [1, 2]])).shape
    torch.Size([3, 1])

    Kipf and Welling 2016, arXiv:1609.02907; Hamilton, Ying, Leskovec 2017, arXiv:1706.02216.
    """

    usual = ("itself", "neighbours")
    law = "f(π·x, π·A) = π·f(x, A): who is joined to whom is relabelled, too"
    source_of = "Kipf and Welling 2016, arXiv:1609.02907"
