"""The pages, as HTML made of the same use cases as the API; they work without script."""
