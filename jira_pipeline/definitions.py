"""The one name Dagster loads.

Nothing else happens when it is imported, but that a process which ends does not look for reference
cycles in all that was imported: that is a fourth of the processor time of a small run.
"""

import atexit
import gc

from jira_pipeline.defs.build import build_definitions

defs = build_definitions()
atexit.register(gc.freeze)
