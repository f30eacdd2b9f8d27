"""Whether a site is built as its sheets say.

`sessions/site_verifying` has the verb; `counterparts` is the table of what is compared, and how.
"""
