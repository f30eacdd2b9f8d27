"""Second stage: entities become entity groups, one ticket each, in build order.

`grouping` is the door and gives a display without a view its view. `ticket_plan` decides
which rows belong together, which of that becomes a ticket and what it is called, `rules` what tickets
wait for and mention, by names in notes too.
"""
