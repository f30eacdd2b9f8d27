"""What the benchmark of an export counts."""

from benchmarks.export_load import creation_requests


def test_the_last_sweep_is_no_part_of_what_creations_cost() -> None:
    """It reads number after number, right after the last bulk was read back."""
    fetch = "POST /rest/api/3/issue/bulkfetch"
    sent = [
        *("GET /rest/api/3/myself", fetch),
        *("POST /rest/api/3/issue", fetch),
        *("POST /rest/api/3/issue/bulk", fetch, fetch, fetch),
        "POST /rest/api/3/search/jql",
    ]

    assert creation_requests(sent) == (2, 2)
