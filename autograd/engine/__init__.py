"""The engine: the primitives, the graph that they build, and the walk back over it.

Read `ops` first: each primitive is a class with its formula and its derivatives side by side. Then `graph`: a walk
finds the nodes under a root, parents before children. Then the first 150 lines of `value`: an operation adds a node to
the graph, and `backward()` applies the chain rule along such a walk, from the root to the leaves.

The rest can wait. `modes` is about blocks of code (`no_grad`, `scope`), `conditions` about choices that can be compiled
(`where`), `errors` and `diagnose` about error messages, `copying` about copies and pickles, `native` and `entry` about
compiling these files to native code.
"""

# Where these files were compiled, the extension modules lie in a folder of their own. Python finds them there first;
# editors and type checkers, which look for a module in the folder of its package, find the `.py` that people read.
__path__.insert(0, f"{__path__[0]}/extensions")
