// The formulas of the primitives that are not the library's own, in the order in which the data counts them. Python
// puts them here when it writes the page: a page may not evaluate text.
export const OWN = [];
