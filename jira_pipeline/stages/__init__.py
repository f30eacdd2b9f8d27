"""The flow as plain functions, without Dagster, in this order.

1. `upload_reading` reads a folder of sheets, refuses it with every finding or registers it as an
   upload session with an immutable copy (`manifest`, `inbox`, `sheet_linting`).
2. `entity_grouping` makes entity groups of entities: one ticket each, in build order.
3. `ticket_generation` has a writer add the prose and stores the tickets.
4. `adf_validation` renders every ticket as Jira would get it (`ticket_rendering`), checks it, and
   compares its tables with the rows.
5. `review` binds ready marks to what was validated; `pages` shows it all to people.
6. `jira_export` passes the gate, then creates, attaches and links, sums up and reads back.

`session_contents` gives every step what the sheets say now, `session_status` reports where a session
is. What a stage needs from outside comes in as a port (`ports`).
"""
