"""Every published figure, as a command: `make bench` for all, or `python -m benchmarks NAME`."""
