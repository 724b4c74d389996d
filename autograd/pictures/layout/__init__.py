"""A layered layout of a graph: ranks, order, coordinates, and the ways of the edges; the standard library alone."""

from autograd.pictures.layout.graph import Cluster, Edge, Layout, Node, Point, Rectangle
from autograd.pictures.layout.layered import Arrangement, layered

__all__ = ["layered", "Arrangement", "Node", "Edge", "Cluster", "Layout", "Point", "Rectangle"]
