"""Fifth stage: people read the tickets, change what is theirs to change, and mark them ready.

In the order of a review: `questions` are answered, `editing` changes titles and prose
(`editable_text` is what an editor shows and reads back of a part, and what two revisions differ
in), `fields` sets assignees and the like for many tickets, `ready_marks` marks them ready.
`open_session` opens a session with all its facts, which verbs take. `decisions` has the verbs,
`comments` those of who speaks beside a ticket. `documents` makes what they read and what is sent: a
ticket as one ADF document, validated, kept when it is written. Tables are never changed here: they
render from the rows, and a refusal names the cell to correct.
"""
