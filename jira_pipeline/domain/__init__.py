"""Frozen values and pure rules, and the ports (Protocols) that stages call."""
