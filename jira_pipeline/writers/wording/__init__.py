"""How the template writer words a ticket: each part, by kind of group, from the rows.

Belongs here: sentences and what they are made of. Does not: putting the parts together
(`writers/template`), the rows of a group (`writers/group_facts`).
"""
