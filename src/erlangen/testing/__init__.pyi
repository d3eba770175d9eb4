"""Table of contents of the room, as in the house itself."""

from .contracts import check_domain as check_domain
from .contracts import check_group as check_group
from .contracts import check_layer as check_layer
from .contracts import check_representation as check_representation
from .moved_scenes import scene_error as scene_error
from .scenes import Scene as Scene
from .scenes import scene as scene
from .symmetric import assert_symmetric as assert_symmetric
from .symmetric import random_inputs as random_inputs
