"""task → recipe (pure data, saves as text) → network; and why it is as it is."""

from erlangen.blueprint._blueprint import Blueprint as Blueprint
from erlangen.blueprint.calculator import calculator as calculator
from erlangen.blueprint.citation import citation as citation
from erlangen.blueprint.derive import derive as derive
from erlangen.blueprint.potential import Energies as Energies
from erlangen.blueprint.potential import Potential as Potential
from erlangen.blueprint.recipe import build as build
from erlangen.blueprint.store import load as load
from erlangen.blueprint.store import save as save
from erlangen.blueprint.translations import TranslationLaw as TranslationLaw
