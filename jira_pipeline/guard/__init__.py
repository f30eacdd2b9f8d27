"""Keeps web pages of others from driving a server of ours through somebody's browser.

The Dagster webserver has no login: `GET /graphql?query=mutation…` starts runs, and any `Host` is
taken. Being reachable from this machine only does not help, since the browser is on this machine.
`rules` judges a request by what browsers say of it, `asgi` is in front of a server.

Here is no login: whoever reaches the port with a program of their own is not kept out.
"""
