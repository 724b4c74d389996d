"""The checker: it compares every derivative with differences of the function itself.

`gradcheck` checks a function at one point, and `primitives` checks each primitive at many. For them, `arguments` moves
the inputs of a function one at a time, `views` estimates a derivative from values around the point, and `judge` decides
whether the estimates confirm the engine. `numerical` holds the difference quotients of the textbooks.
"""
