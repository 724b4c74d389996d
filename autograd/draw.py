"""The graph of a Value as a picture. (placeholder until the drawing lands)"""
