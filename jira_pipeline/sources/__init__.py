"""Where specifications come from; one package for each source."""
