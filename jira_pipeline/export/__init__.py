"""Sixth stage: reviewed tickets become issues in Jira, once, whatever crashes when.

The verbs are in `exporting` and `session_results`; `context/trackers` opens the Jira that is meant.

An export is three steps, each repeatable: `creation`, `attachments`, `links`; one that updates has
`updating` after the first. Each comes in through `target`, which checks the `gate`, takes the lease
and makes the one `ExportRun` (`export_run`) that everything below gets; `ledger_page` is what the
ledger holds of the session.

- What is sent: `creation` decides which ticket is next, `sending` sends it, `issue_fields` says
  with what, by the `create_screen` and the `default_fields` of session.yaml, `jira_names` what a name
  means in Jira; `epics` are created as tickets are, after their `epic_checks`, `placing` adds
  parents and sprints, `detaching` deletes links and files that no ticket asks for. Everything
  but a creation goes through `repeated_writes`: look, intend, send, receipt, the loop of writes
  that come to the same sent twice as once, what is left to people.
- What follows its ticket: `updating` replaces texts, or tells people there what changed;
  `text_writes` says whether somebody changed one.
- What is unconfirmed: `lookups` probes Jira, `unconfirmed` says what a found or a missing issue means
  for the ledger; `settle` does this without exporting; `issue_decisions` is what people decide.
- What people made by hand: `adoption_proposals` says which issues seem to be tickets', `adoption`
  makes them so.
- What is taken back: `undo`.
- What is reported: `project_check` and `plan` before, `durations` meanwhile; after it `results`,
  `later_changes` and `ledger_comparison` are rules, and `session_results`, `outdated_issues`,
  `issue_progress`, `todo` and `work_history` gather for a session what they need.
- What stops it: the `gate`; the `target_questions`, which people answer; how often a broken export may
  be one of the `resumed_exports`.

What coming in raises is said in `target`. Whatever asks Jira raises `UpstreamError` where it gets
no answer, whatever waits or sends `CancelledError`; functions name only what they decide themselves.
"""
