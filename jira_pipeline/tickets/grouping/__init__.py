"""Second stage: entities become entity groups, one ticket each, in build order.

`grouping` is the door and gives a display without a view its view. `group_drafts` decides which
rows belong together, `ticket_plan` which drafts become tickets and what they are called, `rules`
what they wait for and mention, by names in notes too.
"""
