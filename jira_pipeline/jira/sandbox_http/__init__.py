"""What the sandboxes share: a request in, a response out.

`requests` holds the values and hands requests of an httpx client to a sandbox without a socket, `sqlite_rows` reads and adds what a sandbox keeps in SQLite. What is answered is
up to each sandbox.
"""
