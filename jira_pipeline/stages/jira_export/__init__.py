"""Sixth stage: reviewed tickets become issues in Jira, once, whatever crashes when.

`steps` tells the order: create, attach, link, each behind the gate (`gate`) and under the lease
(`held_lease`). `order` is what an export is given, `book` its page of the ledger.

- What is sent: `creation` with `sending`, `placing` (parents, `sprints`), `attachments`, `links`;
  `fields` and `choices` say which fields (`people` for assignees, `jira_names` for what Jira calls
  things), `left_to_people` keeps what becomes a manual fix, in words of its own where it is about
  files (`file_fixes`); `reading` reads issues back, `waiting` waits.
- What is in doubt: `lookout` looks for it, by number through a `key_window`; `sighting` is what it
  saw, `settling` what that means for the ledger, `orphans` what is left to people; `settle` does
  this alone.
- What is taken back: `undo`, of what `undo_choice` allows, by the `touches` of people; it and
  `settle` work on what is `standing`.
- What is told: `project_check` and `plan` before, `pace` meanwhile, `results`, `later_changes` and
  `ledger_comparison` after; `retrying` says whether to go on, `known_sites` which site it is.
"""
