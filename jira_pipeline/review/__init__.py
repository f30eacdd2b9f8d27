"""Fifth stage: people read the tickets, change what is theirs to change, and mark them ready.

In the order of a review: `answers` stores answers to `questions`, `revisions` changes titles and
prose, `decisions` leaves tickets out and sets fields, `ticket_order` orders them, `approvals` marks
them ready.
These functions are verbs (`verbs` is their table): each takes an `OpenSession` (`open_session`) and
returns an `Outcome` (`outcomes`). `ticket_selection` says which tickets are meant, `waiting` what
stands against approving one, `ticket_history` who did what. Tables are never changed here: they
render from the rows (`tickets/documents`), and a refusal names the cell to correct.
"""
