"""Converters of others: how each is installed, started and asked.

Each runs in a process of its own, started once, with a driver that reads one JSON line with the
source and answers one with the document and the CPU seconds of the conversion alone. What takes
longer than its time is ended and started again for the next source.
"""
