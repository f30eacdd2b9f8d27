"""Exports from ShareDo: a job is created once, watched, and its package downloaded.

`jobs` is the way of one job from the wish to the package, sent effectively once, and of many, at
most five at a time; `tools` decides how long to wait, fetches and checks the package.
Clock, timer and ids are passed in; the protocol is in `sharedo/client`.
"""
