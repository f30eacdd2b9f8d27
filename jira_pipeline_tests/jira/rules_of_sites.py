"""What an administrator of the sandbox decides: no export asks for it, tests do."""

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SiteRules, read_rules
from jira_pipeline.jira.sandbox_http import Rows


def rules_of(sandbox: JiraSandbox) -> SiteRules:
    with sandbox.state.reading() as rows:
        return read_rules(rows, SiteRules)


def give_rules(sandbox: JiraSandbox, rules: SiteRules) -> None:
    """Give the site other rules; they stay with the file."""
    with sandbox.state.writing() as rows:
        write_rules(rows, rules)


def write_rules(rows: Rows, rules: SiteRules) -> None:
    """Keep the rules in the file, in place of those before."""
    rows.execute("DELETE FROM site_rules")
    rows.execute("INSERT INTO site_rules (document) VALUES (?)", (rules.model_dump_json(),))
