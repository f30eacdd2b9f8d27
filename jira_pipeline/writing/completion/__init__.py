"""What a model adds to a ticket of claims: asked with the whole specification, checked, attributed.

Belongs here: what a model is given, the changes it may return, which of them hold, and the ticket
with those. Does not: claims (`claims`), asking and paying (`models`).
"""
