"""What a model adds to a ticket of claims: asked with the whole specification, checked, attributed.

`prompt` asks, and is what may be returned; `checking` says which changes hold and makes the ticket
with those. Does not belong here: claims (`drupal/rules`), asking and paying (`models`).
"""
