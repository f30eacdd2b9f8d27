"""What HTML means in ADF: the walk over a parsed page, and one module for each family of elements.

`walk` visits every node once and asks what an element means; `from_html` gathers the meanings:
`elements` (what every page has), `tables`, `lists`, `code`, `images`, `inlines`
(mentions, emoji, dates, lozenges, cards), `panels`, `styles` and `colors` (CSS), `word_lists`
(paragraphs that pose as lists) and `confluence` (its storage format).
"""
