"""To be told by whoever furnishes this room."""
