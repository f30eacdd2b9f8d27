"""Every published figure, as a command: `make bench`, or `python -m benchmarks NAME`."""
