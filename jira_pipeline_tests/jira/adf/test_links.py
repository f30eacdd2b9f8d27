"""Which addresses survive under which policy."""

from jira_pipeline.jira.adf import LinkPolicy, html_to_adf, nodes as n
from jira_pipeline.jira.adf.link_addresses import safe_href
from jira_pipeline_tests.tables import each

_ON_PAGES = LinkPolicy(is_relative_allowed=True)


@each("href", ["/url", "foo", "#a:b", "https://foo.bar:2233/baz", "mailto:ada@example.org"])
def test_a_policy_for_pages_keeps_an_address_as_it_is(href):
    assert safe_href(href, _ON_PAGES) == href


@each(
    "href",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        " \x01javascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/",
        "https://user@example.org/",
        "https://user:password@example.org/",
        "https:///x",
        "https://[::1",
    ],
)
def test_no_policy_keeps_an_address_that_runs_reads_or_deceives(href):
    assert safe_href(href, _ON_PAGES) is None


@each("href", ["", "/url", "foo", "irc://foo.bar/", "ftp://example.org/"])
def test_the_default_keeps_only_what_is_safe_in_jira(href):
    assert safe_href(href) is None


def test_a_link_to_the_page_itself_stays_one_where_relative_links_do():
    html = '<a href="">a</a>'

    linked = n.doc([n.paragraph([n.text("a", [n.link("")])])])
    assert linked == html_to_adf(html, links=_ON_PAGES)
    assert n.doc([n.paragraph("a")]) == html_to_adf(html)
