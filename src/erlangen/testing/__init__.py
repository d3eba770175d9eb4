"""The library's tests for a user's own things: models that claim a symmetry, and groups, domains and layers that join.

`assert_symmetric` keeps a model's symmetry in a test suite; `check_group`, `check_representation`, `check_domain` and
`check_layer` are the contracts that our own ones pass. `scene` makes inputs that are moved before they are sampled.
"""

from erlangen.testing.contracts import check_domain as check_domain
from erlangen.testing.contracts import check_group as check_group
from erlangen.testing.contracts import check_layer as check_layer
from erlangen.testing.contracts import check_representation as check_representation
from erlangen.testing.moved_scenes import scene_error as scene_error
from erlangen.testing.scenes import Scene as Scene
from erlangen.testing.scenes import scene as scene
from erlangen.testing.symmetric import assert_symmetric as assert_symmetric
from erlangen.testing.symmetric import random_inputs as random_inputs
