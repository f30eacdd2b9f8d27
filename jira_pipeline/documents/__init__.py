"""A ticket becomes one ADF document, and an attachment where that is too large.

`rendering` is the door: it orders the sections of the body and writes the attachment that holds the
whole. `tables` makes the sections of rows, `body` shortens sections until they fit.
"""
