"""Sixth stage: reviewed tickets become issues in Jira, once, whatever crashes when.

`steps` tells the order: create, attach, link, each behind the gate (`gate`) and under the lease.
`order` is what an export is given, `book` its page of the ledger, `creation`, `settling`,
`attachments` and `links` do the work, `fields` chooses what is sent and falls back, `waiting`
waits. `plan` tells before, `results` after; `ledger_comparison` reads back.
"""
