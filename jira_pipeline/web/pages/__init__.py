"""The pages, as HTML made of the same use cases as the API; they work without script.

`showing` makes a page, `showing` is what lists share, `decisions` takes forms that decide.
"""
