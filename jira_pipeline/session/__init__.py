"""What state a session is in, and what is next."""
