"""What arrives: folders that become sessions, and what their sheets say."""
