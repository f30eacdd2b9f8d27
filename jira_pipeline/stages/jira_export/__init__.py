"""Sixth stage: reviewed tickets become issues in Jira, once, whatever crashes when.

`steps` tells the order: create, attach, link, each behind the gate (`gate`) and under the lease.
`order` is what an export is given, `book` its page of the ledger, `creation`, `attachments` and
`links` do the work, `reading` reads their issues back, `file_fixes` words what is left of files,
`fields` chooses what is sent and falls back, `waiting` waits. `lookout` looks
for what is in doubt, by number through a `key_window`; `sighting` is what it saw, `settling` what
that means for the ledger, `orphans` what is left to people. `plan` tells before, `results` after;
`ledger_comparison` reads back.
"""
