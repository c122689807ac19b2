"""Settings: frozen, typed, from a TOML file and the environment, each value with where it came from."""

from nodescaler_tui.settings.loading import Sources as Sources
from nodescaler_tui.settings.loading import load_settings as load_settings
from nodescaler_tui.settings.model import Paths as Paths
from nodescaler_tui.settings.model import Settings as Settings
from nodescaler_tui.settings.model import SettingsError as SettingsError
