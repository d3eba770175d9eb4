"""From a configuration to trained, tested and compared networks. Lightning is loaded only when something is trained."""

from erlangen.train.baselines import plain_twin as plain_twin
from erlangen.train.config import Config as Config
from erlangen.train.config import DataSection as DataSection
from erlangen.train.config import NetworkSection as NetworkSection
from erlangen.train.config import ReportSection as ReportSection
from erlangen.train.config import TaskSection as TaskSection
from erlangen.train.config import TrainSection as TrainSection
from erlangen.train.config import defaults as defaults
from erlangen.train.evaluate import evaluate as evaluate
from erlangen.train.experiment import finished as finished
from erlangen.train.experiment import run as run
from erlangen.train.fit import fit as fit
from erlangen.train.networks import load_network as load_network
from erlangen.train.report import write_report as write_report
from erlangen.train.results import Results as Results
from erlangen.train.results import read_results as read_results
from erlangen.train.said import findings as findings
from erlangen.train.toml import builtin as builtin
from erlangen.train.toml import read_config as read_config
from erlangen.train.value_results import ValueResults as ValueResults
from erlangen.train.values_at import evaluate_values as evaluate_values
