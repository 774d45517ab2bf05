"""The parts of `make bench-kernel`: one file measures one thing and writes its section of the page."""
