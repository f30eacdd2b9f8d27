"""A ShareDo in this process: tokens, export jobs with scripted states, downloads, faults.

Belongs here: answering as ShareDo does. Does not: reading packages (`reading`).
"""
