"""Views, the lists of content that the site builds, and the displays that show them."""
