"""A ticket becomes one ADF document, and an attachment where that is too large.

`rendering` is the door and says the order of the body; `tables` and `relations` make its sections
of rows and of other tickets, `body` shortens them until they fit, `attachment` says the whole.
"""
