"""What the sandboxes share: a request in, a response out, in this process or over a socket.

`requests` holds the values, `transport` hands requests of an httpx client to a sandbox without a
socket, `serving` puts one on a port of this machine, `rows` reads and adds what a sandbox keeps in
SQLite. What is answered is up to each sandbox.
"""
