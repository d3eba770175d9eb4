"""How results are shown: ratios with their spread, other values, history, recipes, plots, figures in the README."""
