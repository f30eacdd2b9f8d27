"""What a model adds to a ticket of claims: asked with the whole specification, checked, attributed.

`prompt` asks, `ticket_text` is what is told and what may be returned, `checking` says which hold and makes the
ticket with those. Does not belong here: claims (`tickets/claims`), asking and paying (`models`).
"""
