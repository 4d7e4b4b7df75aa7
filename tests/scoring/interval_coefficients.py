"""How are the coefficients of ``scoring/interval_expressions.py`` made? ``python tests/scoring/interval_coefficients.py``

The 5 % and 95 % quantiles of Beta(a, b), as logits less log(a/b), have a half sum that changes its sign where a and b
change places, and a half difference that doesn't. Both are fitted by polynomials in r = √(1/a + 1/b) − 0.8 and p = 1/(ab):
least squares, weights raised where the error is largest (Lawson), over all a = ½ + ny, b = ½ + n(1 − y) with n from 1 to 10⁶.
"""

import numpy as np
import scipy.special

HALF_DIFFERENCE = (16, 12, 8, 4, 0)  # degree in r of the polynomial at each power of p
HALF_SUM = (14, 10, 6, 2)
ROUNDS = 400


def logit(a, b):
    return np.log(scipy.special.betaincinv(a, b, 0.05)) - np.log(scipy.special.betaincinv(b, a, 0.95))


def fitted():
    """Both tables and the largest error of a bound, as a share of the scale."""
    n = np.concatenate([np.geomspace(1, 100, 90), np.geomspace(110, 1e6, 50)])
    step, n = (grid.ravel() for grid in np.meshgrid(np.linspace(0, 1, 120), n))
    y = (
        0.5 * np.sinh(step * np.log(1 + n)) / np.sinh(np.log(1 + n))
    )  # 0 … ½, dense at 1/n; the other half is its mirror
    a, b = 0.5 + n * y, 0.5 + n * (1 - y)
    low, high = logit(a, b), -logit(b, a)
    difference, total = (high - low) / 2, (high + low) / 2 - np.log(a / b)
    steep = [q * (1 - q) for q in (1 / (1 + np.exp(-low)), 1 / (1 + np.exp(-high)))]
    r, p, d = np.sqrt(1 / a + 1 / b) - 0.8, 1 / (a * b), 1 / a - 1 / b
    left, right = (
        np.array([r**i * p**j for j, degree in enumerate(degrees) for i in range(degree + 1)]).T
        for degrees in (HALF_DIFFERENCE, HALF_SUM)
    )
    right = d[:, None] * right
    left, right = left / (sizes_left := abs(left).max(0)), right / (sizes_right := abs(right).max(0))
    weights, best = np.maximum(*steep), np.inf
    for _ in range(ROUNDS):
        one, two = (
            np.linalg.lstsq(terms * weights[:, None], wanted * weights, rcond=1e-15)[0]
            for terms, wanted in ((left, difference), (right, total))
        )
        off_one, off_two = left @ one - difference, right @ two - total
        error = np.maximum(abs(off_two - off_one) * steep[0], abs(off_two + off_one) * steep[1])
        if error.max() < best:
            best, kept = error.max(), (one / sizes_left, two / sizes_right)
        weights = weights * (1 + error / error.max() / 2)
        weights *= np.maximum(*steep).max() / weights.max()
    return _rows(kept[0], HALF_DIFFERENCE), _rows(kept[1], HALF_SUM), best


def _rows(flat, degrees):
    ends = np.cumsum([degree + 1 for degree in degrees])
    return [list(map(float, flat[end - degree - 1 : end])) for degree, end in zip(degrees, ends, strict=True)]


if __name__ == "__main__":
    for rows in (found := fitted())[:2]:
        print("(")
        for row in rows:
            print(f"    ({', '.join(f'{value:.12g}' for value in row)},),")
        print(")")
    print(found[2])
