"""Pictures and tables of a graph, for pages, papers and notebooks."""
