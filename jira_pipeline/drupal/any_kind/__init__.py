"""What rows of every kind of thing may say or leave open, such as a status or a note."""
