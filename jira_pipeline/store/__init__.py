"""The facts: sessions, tickets, revisions, validations, ledger, fixes, errors and audit trail.

Belongs here: everything that speaks SQL, and the leases that keep two exports apart. Does not:
values that can be computed again, rules about what is stored (rooms of subjects).

Read `store` (its parts, opening), `transactions` (how it is read and written, what only PostgreSQL
needs), `tables` (what is kept), `changes` (what every verb that writes does), then the module of the
part: `reviews`, `ticket_store` and `generations` change tickets.

Who names what is not there gets a `NotFoundError`; where the store or a lock cannot be used, it is
a `StoreError`.
"""
