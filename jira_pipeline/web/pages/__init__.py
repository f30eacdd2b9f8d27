"""The pages, as HTML made of the same use cases as the API; they work without script.

A new page is a module here and a template of its name in `web/templates`.


`showing` makes a page and has what lists share, `tickets_page` takes forms that decide.
"""
