"""Watch media-processing capacity in Genesys Cloud and scale it up by hand, safely, in seconds."""

__version__ = "0.1.0"
