"""The engine: primitives, the graph they build, and the walk back over it. Read `ops`, `graph` and `value`."""
