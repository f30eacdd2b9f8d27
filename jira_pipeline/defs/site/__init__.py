"""The site as people build it, and how far it is built."""
