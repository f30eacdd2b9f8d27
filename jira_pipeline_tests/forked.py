"""What a fork server does last: children share what it imported, and their collector leaves it alone.

A collection in a child wrote to each object that it looked at, so that the system copied all their
memory: half a second of each child's processor time.
"""

import gc

import upath.implementations.local  # noqa: F401 - each instance of Dagster's imports it

gc.set_threshold(100_000, 20, 10)
gc.freeze()
