"""The library's tests for a user's own things: models that claim a symmetry, and groups, domains and layers that join.

`assert_symmetric` keeps a model's symmetry in a test suite, and so does the pytest fixture `symmetric` (`plugin`);
`check_group`, `check_representation`, `check_domain` and `check_layer` are the contracts that our own ones pass;
`scene` makes inputs that are moved before they are sampled.
"""

import lazy_loader

# Each name loads when it is first asked for: pytest imports `plugin` at every start, where it is not to load torch.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
