"""Exports from ShareDo: a job is created once, watched, and its package downloaded.

`jobs` is the way of one job from the wish to the package, `creation` sends it effectively once,
`polling` decides how long to wait and what an answer means, `watching` asks until the package is
there, `downloading` fetches and checks it, `batches` does many, at most five at a time.
Clock, timer and ids are passed in; the protocol is in `sources/sharedo/client`.
"""
