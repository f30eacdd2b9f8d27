"""Views: lists of content that the site builds."""
