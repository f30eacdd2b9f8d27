"""A model proposes the layout of worksheets: it points at cells, and nothing of it is content.

`worksheets_prompt` asks, `pointing` takes what points from an answer and refuses the rest,
`layout_rounds` asks again with what is left to settle. Does not belong here: what a layout says and
leaves to settle (`sheets/layouts`), drafts and confirming (`sessions/layouts`), the wire (`models`).
"""
