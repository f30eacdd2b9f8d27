"""What one ticket is: `grouping` makes entity groups, `questions` asks what rows leave open.

A writer (`template` says what one does) gets the rows of a ticket (`drupal/ticket_rows`); what
its rules claim (`drupal/rules`) the template renders in plain English.
`documents` makes what people read and what is sent: one ADF document, validated, and kept.

Belongs here: what follows from the rows of one ticket. Does not: when tickets are written
(`writing`), what people decide about them (`review`).
"""
