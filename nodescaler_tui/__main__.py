"""`python -m nodescaler_tui` is the same as the console command."""

import sys

from nodescaler_tui.cli import main

sys.exit(main())
