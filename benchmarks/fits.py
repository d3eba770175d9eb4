"""Models of growth, t = a + b·n and t = c·n^p, fitted to measured times with their errors."""

import numpy as np


def line(n: list[float], t: list[float]) -> dict[str, float]:
    """t ≈ a + b·n by relative least squares, and the root mean square of the relative residuals.

    >>> {k: round(v, 6) for k, v in line([1, 2, 4], [3.0, 5.0, 9.0]).items()}
    {'a': 1.0, 'b': 2.0, 'error': 0.0}
    """
    x, y = np.asarray(n, float), np.asarray(t, float)
    design = np.stack([1 / y, x / y], 1)
    (a, b), *_ = np.linalg.lstsq(design, np.ones(len(x)), rcond=None)
    return {"a": float(a), "b": float(b), "error": float(np.sqrt(np.mean((design @ [a, b] - 1) ** 2)))}


def power(n: list[float], t: list[float]) -> dict[str, float]:
    """t ≈ c·n^p by least squares of logarithms, and the standard error of p.

    >>> {k: round(v, 6) for k, v in power([1, 2, 4], [3.0, 12.0, 48.0]).items()}
    {'c': 3.0, 'p': 2.0, 'error': 0.0}
    """
    x, y = np.log(np.asarray(n, float)), np.log(np.asarray(t, float))
    p, c = np.polyfit(x, y, 1)
    left = y - p * x - c
    free = max(1, len(x) - 2)
    error = np.sqrt((left**2).sum() / free / ((x - x.mean()) ** 2).sum())
    return {"c": float(np.exp(c)), "p": float(p), "error": float(error)}
