"""Writes problems.json.gz: random problems of every type with LIBSVM's solutions.

    pip install libsvm-official==3.37.0 numpy==2.4.6 scikit-learn==1.9.0 numba==0.68.1
    python make_problems.py

Each problem is solved by LIBSVM, or, where samples have weights, by scikit-learn,
whose copy of LIBSVM has them: with tolerance 1e-3 ("loose") and with 1e-8
("tight"). LIBSVM rounds kernel values to float32, so that even the latter is not
the optimum of the problem as it is posed. That ("optimum") is found by sequential
minimal optimization in float64 throughout, and made better, where that helps, by
one solution of the optimality conditions for the free coefficients. The script
says by how much these conditions are violated there; it leaves out, and lists, the
problems where it is by more than 1e-10 of the size of the linear terms, those that
take very many steps, and those whose rho hangs on rounding.

A solution is given by the dual objective of each pair of classes, or of the only
problem, computed in float64 from the coefficients, and by the decision values of
the tests. "condition" is by how much a decision value of the optimum can change,
to first order, for each unit by which the gradients of the free coefficients may
be off. "convex" is false if a kernel has negative curvature on the samples:
there are several local optima then.
"""

import ctypes
import gzip
import json
import os
import warnings

import numba
import numpy as np
import sklearn.svm
from libsvm import svm as libsvm

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20261128)
TYPES = ["c-svc", "nu-svc", "one-class", "epsilon-svr", "nu-svr"]
MOST_STEPS = 1_000_000  # LIBSVM takes ten million at most
KERNELS = ["linear", "polynomial", "rbf", "sigmoid", "precomputed"]


# Kernels


def gram(p, a, b):
    if p["kernel"] == "precomputed":
        return a[:, : b.shape[0]]  # rows of values with the training samples
    gamma, coef0, degree = p["gamma"], p["coef0"], p["degree"]
    if p["kernel"] == "rbf":
        return np.exp(-gamma * ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2))
    products = (a[:, None, :] * b[None, :, :]).sum(axis=2)
    if p["kernel"] == "linear":
        return products
    if p["kernel"] == "polynomial":
        return (gamma * products + coef0) ** degree
    return np.tanh(gamma * products + coef0)


def resolve_gamma(rule, x):
    if rule == "scale":
        return 1 / (x.shape[1] * x.var()) if x.var() > 0 else 1.0
    return 1 / x.shape[1] if rule == "auto" else float(rule)


# The dual as LIBSVM poses it
#
# minimize ½ β·Kβ + p·a with β the sum of s a over the variables of each sample,
# 0 <= a <= upper, and the sum of s a fixed; for the nu problems the sums over
# s = +1 and over s = -1 are fixed each.


def dual(p, y, weight, sign):
    """Sample, sign, linear term, bound, start and whether sums are fixed by sign."""
    n = len(y)
    kind, C, nu, epsilon = p["type"], p["C"], p["nu"], p["epsilon"]
    samples, linear, upper = np.arange(n), -np.ones(n), C * weight
    if kind == "c-svc":
        return samples, sign, linear, upper, np.zeros(n), False
    if kind == "nu-svc":
        upper, start = weight, np.zeros(n)
        for s in (1.0, -1.0):
            rest = nu * weight.sum() / 2
            for i in np.flatnonzero(sign == s):
                start[i] = min(upper[i], rest)
                rest -= start[i]
        return samples, sign, np.zeros(n), upper, start, True
    if kind == "one-class":
        rest, start = nu * weight.sum(), np.zeros(n)
        for i in range(n):
            start[i] = min(weight[i], rest)
            rest -= start[i]
        return samples, np.ones(n), np.zeros(n), weight, start, False
    both, signs = np.r_[samples, samples], np.r_[np.ones(n), -np.ones(n)]
    if kind == "epsilon-svr":
        return both, signs, np.r_[epsilon - y, epsilon + y], np.r_[upper, upper], np.zeros(2 * n), False
    rest, half = nu * upper.sum() / 2, np.zeros(n)
    for i in range(n):
        half[i] = min(upper[i], rest)
        rest -= half[i]
    return both, signs, np.r_[-y, y], np.r_[upper, upper], np.r_[half, half], True


@numba.njit
def minimize(K, sample, s, p, upper, a, by_sign, tolerance, limit):
    """Sequential minimal optimization; a is changed. Returns the number of steps."""
    m = len(a)
    least = max(1e-14 * np.abs(K).max(), 1e-300)  # stands in for a curvature that is rounding
    g = np.empty(m)
    for i in range(m):
        g[i] = 0.0
        for j in range(m):
            if a[j] != 0:
                g[i] += s[j] * a[j] * K[sample[i], sample[j]]
        g[i] = -s[i] * p[i] - g[i]  # -s times the gradient
    for step in range(limit):
        violation, first = -1.0, -1
        for group in ((1.0, -1.0) if by_sign else (0.0, 0.0)):
            top, bottom, best = -np.inf, np.inf, -1
            for i in range(m):
                if group != 0 and s[i] != group:
                    continue
                if (a[i] < upper[i] if s[i] > 0 else a[i] > 0) and g[i] > top:
                    top, best = g[i], i
                if (a[i] > 0 if s[i] > 0 else a[i] < upper[i]) and g[i] < bottom:
                    bottom = g[i]
            if top - bottom > violation:
                violation, first = top - bottom, best
        if violation < tolerance:
            return step
        i, j, gain = first, -1, 0.0
        for k in range(m):
            if (by_sign and s[k] != s[i]) or not (a[k] > 0 if s[k] > 0 else a[k] < upper[k]):
                continue
            gap = g[i] - g[k]
            if gap > 0:
                curvature = K[sample[i], sample[i]] + K[sample[k], sample[k]] - 2 * K[sample[i], sample[k]]
                value = gap * gap / max(curvature, least)
                if value > gain:
                    j, gain = k, value
        if j < 0:
            return step
        curvature = K[sample[i], sample[i]] + K[sample[j], sample[j]] - 2 * K[sample[i], sample[j]]
        t = (g[i] - g[j]) / max(curvature, least)
        up = upper[i] - a[i] if s[i] > 0 else a[i]
        down = a[j] if s[j] > 0 else upper[j] - a[j]
        t = min(t, up, down)
        a[i] = (upper[i] if s[i] > 0 else 0.0) if t == up else a[i] + s[i] * t
        a[j] = (0.0 if s[j] > 0 else upper[j]) if t == down else a[j] - s[j] * t
        for k in range(m):
            g[k] -= t * (K[sample[k], sample[i]] - K[sample[k], sample[j]])
    return limit


def gradient(K, sample, s, p, a):
    beta = np.bincount(sample, s * a, len(K))
    return -s * p - (K @ beta)[sample], beta


def violation(g, s, a, upper, by_sign):
    worst = 0.0
    for group in (s > 0, s < 0) if by_sign else (np.full(len(s), True),):
        rise = group & np.where(s > 0, a < upper, a > 0)
        fall = group & np.where(s > 0, a > 0, a < upper)
        if rise.any() and fall.any():
            worst = max(worst, g[rise].max() - g[fall].min())
    return worst


def polish(K, sample, s, p, upper, a, by_sign):
    """Solves the conditions for the free variables, keeping the fixed sums."""
    free = (a > 1e-10 * upper) & (a < upper * (1 - 1e-10))
    snapped = np.where(free, a, np.where(a > upper / 2, upper, 0.0))
    n = free.sum()
    if n == 0:
        return a
    groups = [s > 0, s < 0] if by_sign else [np.full(len(s), True)]
    groups = [u for u in groups if (u & free).any()]
    borders = np.array([u[free] * 1.0 for u in groups])
    H = K[np.ix_(sample[free], sample[free])]
    unit = max(np.abs(H).max(), 1e-300)
    system = np.block([[H, unit * borders.T], [unit * borders, np.zeros((len(groups), len(groups)))]])
    z = s[free] * snapped[free]
    for _ in range(4):
        current = snapped.copy()
        current[free] = s[free] * z
        g, _ = gradient(K, sample, s, p, current)
        sums = [(s * a)[u].sum() - (s * current)[u].sum() for u in groups]
        rest = np.r_[g[free], unit * np.array(sums)]
        z = z + np.linalg.lstsq(system, rest, rcond=1e-13)[0][:n]
    current[free] = s[free] * z
    if (current < 0).any() or (current > upper * (1 + 1e-14)).any():
        return a
    return current


def optimum(K, problem):
    sample, s, p, upper, a, by_sign = problem
    a = a.copy()
    size = 1 + np.abs(p).max()
    steps = minimize(K, sample, s, p, upper, a.copy(), by_sign, 1e-9, MOST_STEPS)
    minimize(K, sample, s, p, upper, a, by_sign, 1e-13 * size, 20_000_000)
    best = violation(gradient(K, sample, s, p, a)[0], s, a, upper, by_sign)
    other = polish(K, sample, s, p, upper, a, by_sign)
    worst = violation(gradient(K, sample, s, p, other)[0], s, other, upper, by_sign)
    if worst < best:
        a, best = other, worst
    return a, best, steps


def offset(g, s, a, upper, by_sign):
    """-(rho, and for nu problems r)."""
    middles = []
    a = np.where(a > upper * (1 - 1e-12), upper, np.where(a < 1e-12 * np.abs(a).max(), 0, a))  # rounding is not free
    for u in (s > 0, s < 0) if by_sign else (np.full(len(s), True),):
        free = u & (a > 0) & (a < upper)
        if free.any():
            middles.append(g[free].mean())
            continue
        rise, fall = u & np.where(s > 0, a < upper, a > 0), u & np.where(s > 0, a > 0, a < upper)
        top = g[rise].max() if rise.any() else np.nan
        bottom = g[fall].min() if fall.any() else np.nan
        middles.append((top + bottom) / 2)
    if not by_sign:
        return middles[0], 1.0
    return (middles[0] + middles[1]) / 2, (middles[1] - middles[0]) / 2


def condition(K, T, problem, a, by_sign):
    """The greatest change of a decision value for a unit change of free gradients."""
    sample, s, _, upper, _, _ = problem
    free = (a > 1e-9 * upper) & (a < upper * (1 - 1e-9))
    n = free.sum()
    if n == 0:
        return 1.0
    groups = [u for u in ([s > 0, s < 0] if by_sign else [np.full(len(s), True)]) if (u & free).any()]
    borders = np.array([u[free] * 1.0 for u in groups])
    H = K[np.ix_(sample[free], sample[free])]
    unit = max(np.abs(H).max(), 1e-300)
    system = np.block([[H, unit * borders.T], [unit * borders, np.zeros((len(groups), len(groups)))]])
    inverse = np.linalg.pinv(system, rcond=1e-12)[:, :n]
    ends = np.c_[T[:, sample[free]], np.tile(unit * borders.mean(axis=1) * 0 + unit / len(groups), (len(T), 1))]
    return float(np.abs(ends @ inverse).sum(axis=1).max())


# LIBSVM and scikit-learn


def libsvm_fit(p, x, y, tolerance):
    options = [
        "-q", "-s", str(TYPES.index(p["type"])), "-t", str(KERNELS.index(p["kernel"])), "-c", repr(p["C"]), "-n", repr(p["nu"]),
        "-p", repr(p["epsilon"]), "-g", repr(p["gamma"]), "-r", repr(p["coef0"]), "-d", str(p["degree"]), "-e", repr(tolerance),
    ]
    for label, weight in p["class_weight"].items():
        options += [f"-w{label}", repr(weight)]
    if p["kernel"] == "precomputed":
        rows = [{0: i + 1, **{j + 1: float(v) for j, v in enumerate(row)}} for i, row in enumerate(x)]
    else:
        rows = [{j + 1: float(v) for j, v in enumerate(row)} for row in x]
    parameter = libsvm.svm_parameter(options)
    problem = libsvm.svm_problem([float(v) for v in y], rows, isKernel=p["kernel"] == "precomputed")
    model = libsvm.toPyModel(libsvm.libsvm.svm_train(problem, parameter))
    count = model.get_nr_sv()
    coefficients = np.array([[model.sv_coef[q][i] for i in range(count)] for q in range(max(1, model.nr_class - 1))])
    indices = np.array(model.get_sv_indices(), int) - 1
    rhos = [model.rho[i] for i in range(max(1, model.nr_class * (model.nr_class - 1) // 2))]
    return indices, coefficients, np.array(rhos), [model.nSV[i] for i in range(model.nr_class)] if p["type"] in TYPES[:2] else None


def sklearn_fit(p, x, y, tolerance):
    shared = dict(kernel={"polynomial": "poly"}.get(p["kernel"], p["kernel"]), gamma=p["gamma"], coef0=p["coef0"], degree=p["degree"], tol=tolerance)
    model = {
        "c-svc": lambda: sklearn.svm.SVC(C=p["C"], class_weight=p["class_weight"] or None, decision_function_shape="ovo", **shared),
        "nu-svc": lambda: sklearn.svm.NuSVC(nu=p["nu"], decision_function_shape="ovo", **shared),
        "one-class": lambda: sklearn.svm.OneClassSVM(nu=p["nu"], **shared),
        "epsilon-svr": lambda: sklearn.svm.SVR(C=p["C"], epsilon=p["epsilon"], **shared),
        "nu-svr": lambda: sklearn.svm.NuSVR(C=p["C"], nu=p["nu"], **shared),
    }[p["type"]]()
    model.fit(x, y, sample_weight=p["sample_weight"])
    coefficients, rho = model.dual_coef_, -model.intercept_
    counts = None
    if p["type"] in TYPES[:2]:
        counts = list(model.n_support_)
        if len(model.classes_) == 2:
            coefficients, rho = -coefficients, -rho
    return model.support_, coefficients, rho, counts


def pairs(p, y):
    """For each pair of classes, or the only problem: its samples and signs."""
    if p["type"] not in TYPES[:2]:
        return [(np.arange(len(y)), np.ones(len(y)))]
    classes = np.unique(y)
    found = []
    for i, a in enumerate(classes):
        for b in classes[i + 1 :]:
            samples = np.r_[np.flatnonzero(y == a), np.flatnonzero(y == b)]
            found.append((samples, np.where(y[samples] == a, 1.0, -1.0)))
    return found


def betas(p, y, indices, coefficients, counts):
    if counts is None:
        beta = np.zeros(len(y))
        beta[indices] = coefficients[0]
        return [beta]
    starts, k, found = np.r_[0, np.cumsum(counts)], len(counts), []
    for a in range(k):
        for b in range(a + 1, k):
            beta = np.zeros(len(y))
            first, second = slice(starts[a], starts[a + 1]), slice(starts[b], starts[b + 1])
            beta[indices[first]], beta[indices[second]] = coefficients[b - 1, first], coefficients[a, second]
            found.append(beta)
    return found


def objective(p, K, y, beta, weight):
    """In terms of β alone."""
    half = beta @ K @ beta / 2
    return {
        "c-svc": lambda: half - np.abs(beta).sum(),
        # LIBSVM divides the coefficients by r; their sum before that is known.
        "nu-svc": lambda: half * (p["nu"] * weight.sum() / np.abs(beta).sum()) ** 2,
        "one-class": lambda: half,
        "epsilon-svr": lambda: half - y @ beta + p["epsilon"] * np.abs(beta).sum(),
        "nu-svr": lambda: half - y @ beta,
    }[p["type"]]()


def weights(p, y):
    w = np.ones(len(y)) if p["sample_weight"] is None else np.array(p["sample_weight"])
    if p["type"] == "c-svc":
        w = w * np.array([p["class_weight"].get(int(v), 1.0) for v in y])
    return w


problems, refused = [], []


def problem(name, x, y, test, kind, kernel, C=1.0, nu=0.5, epsilon=0.1, gamma="scale", coef0=0.0, degree=3, class_weight=None, sample_weight=None):
    x, test, y = np.asarray(x, float), np.asarray(test, float), np.asarray(y)
    p = {
        "name": name, "type": kind, "kernel": kernel, "C": float(C), "nu": float(nu), "epsilon": float(epsilon), "degree": degree,
        "coef0": float(coef0), "gamma": float(resolve_gamma(gamma, x)) if kernel in KERNELS[1:4] else 0.0,
        "class_weight": class_weight or {}, "sample_weight": sample_weight,
    }
    w = weights(p, y)
    K, T = gram(p, x, x), gram(p, test, x)
    if not (np.isfinite(K).all() and np.isfinite(T).all()):
        refused.append((name, "overflow"))
        return
    result = {"objective": [], "decision": []}
    gap, cond, convex, ok = 0.0, [], True, True
    for samples, sign in pairs(p, y):
        Kp = K[np.ix_(samples, samples)]
        centered = Kp - Kp.mean(0) - Kp.mean(1)[:, None] + Kp.mean()
        convex &= bool(np.linalg.eigvalsh(centered).min() >= -1e-12 * np.abs(Kp).max() * len(Kp))
        posed = dual(p, y[samples].astype(float), w[samples], sign)
        if kind == "nu-svc" and any(w[samples][sign == s].sum() < p["nu"] * w[samples].sum() / 2 for s in (1, -1)):
            refused.append((name, "nu is not feasible"))
            return
        a, worst, steps = optimum(Kp, posed)
        if steps == MOST_STEPS:
            refused.append((f"{kind}, {kernel}, {name}", "a solution takes more than a million steps"))
            return
        sample, s, linear, upper, _, by_sign = posed
        g, beta = gradient(Kp, sample, s, linear, a)
        gap = max(gap, worst / (1 + np.abs(linear).max()))
        rho, r = offset(g, s, a, upper, by_sign)
        rho = -rho
        cond.append(condition(Kp, T[:, samples], posed, a, by_sign))
        if by_sign and ((0 < np.minimum(a, upper - a)) & (np.minimum(a, upper - a) < 1e-9 * upper)).any():
            refused.append((name, "what rounding leaves beside a bound would decide on rho"))
            return
        if kind == "nu-svc":
            if not r > 1e-6:
                refused.append((name, f"r is {r:.1e}"))
                return
            beta, rho = beta / r, rho / r
            cond[-1] /= r
        result["objective"].append(objective(p, Kp, y[samples], beta, w[samples]))
        result["decision"].append(T[:, samples] @ beta - rho)
    if convex and gap > 1e-10:
        refused.append((f"{kind}, {kernel}, {name}", f"the optimality conditions of what was found are violated by {gap:.1e}"))
        return
    solutions = {}
    for title, tolerance in (("loose", 1e-3), ("tight", 1e-8)):
        fit = sklearn_fit if sample_weight is not None else libsvm_fit
        indices, coefficients, rhos, counts = fit(p, x, y, tolerance)
        each = betas(p, y, indices, coefficients, counts)
        solutions[title] = {
            "objective": [objective(p, K[np.ix_(q, q)], y[q], b[q], w[q]) for (q, _), b in zip(pairs(p, y), each)],
            "decision": [T @ b - rho for b, rho in zip(each, rhos)],
        }
    solutions["optimum"] = result
    scale = np.maximum(1, np.abs(np.array(result["decision"])))
    off = {k: (np.abs(np.array(solutions[k]["decision"]) - np.array(result["decision"])) / scale).max() for k in ("loose", "tight")}
    drift = {k: max((l - o) / max(abs(o), 1e-300) for l, o in zip(solutions[k]["objective"], result["objective"])) for k in ("loose", "tight")}
    print(f"{len(problems):3} {kind:11} {kernel:11} {name:30.30} n {len(x):3} C {C:7.1g} objective {drift['loose']:+.1e} {drift['tight']:+.1e} "
          f"decision {off['loose']:.1e} {off['tight']:.1e} condition {max(cond):.1e} gap {gap:.0e}{'' if convex else ' not convex'}", flush=True)
    rounded = lambda a: [float(f"{v:.13g}") for v in np.ravel(a)]
    problems.append({
        **p, "n": len(x), "d": x.shape[1], "x": x.ravel().tolist(), "y": y.tolist(), "test": test.ravel().tolist(), "tests": len(test),
        "convex": convex, "condition": [float(f"{c:.3g}") for c in cond],
        **{k: {"objective": rounded(v["objective"]), "decision": rounded(np.array(v["decision"]).T)} for k, v in solutions.items()},
    })


# The problems


def layout(kind, n, d, rng):
    """Samples of size about 1, with few digits."""
    x = np.round(rng.normal(size=(n, d)), 2)
    if kind == "grid":  # duplicates
        x = rng.integers(-2, 3, size=(n, d)) / 2
    elif kind == "duplicates":
        x[n // 2 :] = x[: n - n // 2]
    elif kind == "constant features":
        x[:, :: 2] = np.round(rng.normal(), 2)
    elif kind == "one line":
        x = np.round(np.outer(rng.integers(-20, 21, n) / 8, np.ones(d) + rng.integers(0, 3, d)), 3)
    elif kind == "all equal":
        x[:] = x[0]
    elif kind == "one far away":
        x[-1] = np.round(x[-1] * 100, 2)
    elif kind == "moved":
        x = np.round(x + 20, 2)
    return x


LAYOUTS = ["clouds", "clouds", "grid", "duplicates", "constant features", "one line", "one far away", "moved"]
SCALES = [1, 1, 1, 1, 1e-8, 1e-3, 1e3, 1e8]


def labels(n, k, sizes, x, rng):
    """Classes in the order in which LIBSVM numbers them, as they first occur."""
    if sizes == "single":
        y = np.where(np.arange(n) < k - 1, np.arange(n), k - 1)
    else:
        shares = np.full(k, 1 / k) if sizes == "balanced" else np.r_[0.85, np.full(k - 1, 0.15 / (k - 1))]
        y = rng.choice(k, n, p=shares)
        y[:k] = np.arange(k)
    return y


def draw(kind, kernel, count):
    done = len(problems) + count
    while len(problems) < done:
        n = int(rng.choice([2, 3, 5, 8, 13, 20, 30, 45, 60]))
        d = int(rng.choice([1, 2, 3, 5, 8, 40]))
        if d == 40:
            n = min(n, 13)
        if kernel == "precomputed":
            n = min(n, 13)
        shape, scale = str(rng.choice(LAYOUTS)), float(rng.choice(SCALES))
        if rng.random() < 0.03:
            shape = "all equal"
        x = layout(shape, n, d, rng)
        C = float(10.0 ** rng.integers(-3, 5))
        k, sizes = 1, ""
        if kind in TYPES[:2]:
            k = int(rng.choice([2, 2, 2, 3, 4, 6]))
            k = min(k, n)
            sizes = str(rng.choice(["balanced", "balanced", "unbalanced", "single"]))
            y = labels(n, k, sizes, x, rng)
            if shape != "all equal":
                x = np.round(x + np.round(rng.normal(size=(k, d)) * 1.5, 2)[y], 3)
        else:
            y = np.round(np.sin(2 * x[:, 0] / (1 if shape != "moved" else 3)) + x.mean(axis=1) + 0.2 * rng.normal(size=n), 3)
        if rng.random() < 0.1 and d > 1 and kernel == "rbf":
            shape += ", mixed scales"
            x = x * 10.0 ** rng.integers(-3, 4, d)
        near = rng.integers(0, n, 6)
        test = np.round(x[near] + (0.3 * rng.normal(size=(6, d))) * (x.std(axis=0) + 1e-3), 4)
        x, test = x * scale, test * scale
        p = dict(kind=kind, kernel=kernel, C=C)
        if kernel in ("polynomial", "sigmoid"):
            p["gamma"] = str(rng.choice(["scale", "auto"])) if scale == 1 else "scale"
            p["coef0"] = float(rng.choice([0, 0.5, 1])) if kernel == "polynomial" else float(rng.choice([0, -1]))
            p["degree"] = int(rng.choice([2, 3, 3, 4]))
        elif kernel == "rbf":
            p["gamma"] = str(rng.choice(["scale", "scale", "auto" if scale == 1 else "scale", repr(float(rng.choice([0.05, 0.7, 5.0])) / scale**2)]))
        elif kernel == "linear":
            p["C"] = C / scale**2  # the same problem at any scale then
        elif kernel == "precomputed":
            a = np.r_[x, test] / scale
            values = np.round(a, 1) @ np.round(x / scale, 1).T
            x, test = np.round(values[:n], 4), np.round(values[n:], 4)
        if kind in ("nu-svc", "one-class", "nu-svr"):
            p["nu"] = float(rng.choice([0.1, 0.3, 0.5, 0.8]))
        if kind in ("epsilon-svr",):
            p["epsilon"] = float(rng.choice([0.0, 0.01, 0.1, 0.5]))
        weighting = rng.random()
        if kind == "c-svc" and weighting < 0.2:
            p["class_weight"] = {int(c): float(rng.choice([0.2, 1, 3, 10])) for c in range(k)}
            shape += ", class weights"
        elif weighting > 0.8:
            p["sample_weight"] = np.round(rng.uniform(0.1, 3, n), 2).tolist()
            shape += ", sample weights"
        name = f"{shape}, scale {scale:g}" + (f", {k} classes, {sizes}" if sizes else "")
        problem(name, x, y, test, **p)


for kind, counts in {
    "c-svc": (30, 12, 50, 8, 8),
    "nu-svc": (10, 5, 15, 5, 5),
    "one-class": (6, 5, 15, 4, 5),
    "epsilon-svr": (12, 6, 20, 5, 6),
    "nu-svr": (10, 5, 15, 5, 5),
}.items():
    for kernel, count in zip(KERNELS, counts):
        draw(kind, kernel, count)

document = {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "libsvm": "3.37", "problems": problems}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "problems.json.gz")
with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
    z.write(json.dumps(document, separators=(",", ":")).encode())
for name, reason in refused:
    print("left out:", name, "because", reason)
print(len(problems), "problems,", os.path.getsize(path), "bytes")
