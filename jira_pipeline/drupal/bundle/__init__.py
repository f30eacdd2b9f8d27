"""Bundles: content types, vocabularies, paragraph, media and block types, webforms."""
