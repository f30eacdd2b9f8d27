"""What tickets are written, decided on and validated, and what must hold of them."""
