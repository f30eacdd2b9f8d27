"""Sheets as they arrive: `inbox`, `manifest`, kept copies (`kept_uploads`), previews, `reading`.

`sources` chooses the reader (`reading`, or that of packages), `reading_apart` bounds it by a
process of its own; `upload_reading` reads a folder, `site_sheets` makes sheets of a site.
`layouts` reads worksheets as somebody declared them; uploads do not use it yet.
"""
