"""Fifth stage: people read the tickets, change what is theirs to change, and mark them ready.

In the order of a review: `answers` answers `questions`, `revisions` changes titles and prose
(what an editor shows, and what two revisions differ in, too), `decisions` leaves tickets out,
orders them and sets fields, `approvals` marks them ready. `open_session` opens a session with all its facts, which verbs take; `verbs` is their table.
`comments` has the verbs of who speaks beside a ticket; `ticket_selection` says which tickets are
meant, `waiting` what stands against signing one, `history` who did what. Tables are never changed
here: they render from the rows (`tickets/documents`), and a refusal names the cell to correct.
"""
