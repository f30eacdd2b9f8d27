"""A ShareDo in this process: tokens, export jobs with scripted states, downloads.

Belongs here: answering as ShareDo does. Does not: reading packages (`reading`).
"""
