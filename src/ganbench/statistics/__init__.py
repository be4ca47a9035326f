"""What seeds tell: means, intervals, comparisons and ranks, as pure functions. A seed that failed is the worst."""
