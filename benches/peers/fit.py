"""Cells to maps of D and V: the same posterior, on the same cells, by different solvers."""

import numpy as np

from data import DIFFUSIVITY_PRIOR, POTENTIAL_PRIOR, PRECISION, partition

LEAST = 1e-9  # µm²/s
RUNTIME = 30  # s that the original is given


def ours(folder):
    """The whole call: statistics, operators, optimum, error bars, warnings."""
    from data import PARAMETERS
    from tramway.inference import infer_diffusivity_potential

    given = partition(folder)
    return lambda: {"value": infer_diffusivity_potential(given, **PARAMETERS).objective}


def fit_alone(folder):
    """The optimum of a posterior that was built: no statistics, error bars, tables nor warnings."""
    from tramway.inference import get_model
    from tramway.inference.posterior import TOLERANCE, posterior_of

    given, model = partition(folder), get_model("dv")
    settings = model.defaults | {"localization_precision": PRECISION, "exposure_time": 0.0}
    weights = {"diffusivity_prior": DIFFUSIVITY_PRIOR, "potential_prior": POTENTIAL_PRIOR}

    def built():
        # Anew for each call: what is found out of its matrices is found once.
        return (posterior_of(given, model, settings, weights),)

    return built, lambda posterior: {"value": posterior.minimum(TOLERANCE, 200)[1]}


def _objective(folder):
    from numpy_objective import NumpyObjective

    return NumpyObjective(partition(folder), PRECISION, DIFFUSIVITY_PRIOR, POTENTIAL_PRIOR)


def lbfgs(folder):
    from scipy.optimize import minimize

    objective = _objective(folder)
    count = len(objective.cells)

    def work():
        found = minimize(
            objective.value_and_gradient, objective.start(), jac=True, method="L-BFGS-B",
            bounds=[(LEAST, None)] * count + [(None, None)] * count,
            options={"maxiter": 100_000, "maxfun": 1_000_000, "ftol": 1e-12, "gtol": 1e-4},
        )  # fmt: skip
        return {"value": float(found.fun)}

    return work


def newton_superlu(folder):
    return _newton(folder, _superlu)


def newton_cholmod(folder):
    return _newton(folder, _cholmod)


def _superlu(matrix, right):
    """The solution, if the matrix is positive definite."""
    from scipy.sparse.linalg import splu

    try:
        factor = splu(
            matrix, "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
    except RuntimeError:  # singular
        return None
    return factor.solve(right) if (factor.U.diagonal() > 0).all() else None


def _cholmod(matrix, right):
    from sksparse import cholmod

    try:
        return cholmod.cholesky(matrix)(right)
    except cholmod.CholmodNotPositiveDefiniteError:
        return None


def _newton(folder, solve):
    objective = _objective(folder)

    def work():
        x = objective.start()
        least = np.repeat([LEAST, -np.inf], len(x) // 2)
        for _ in range(200):
            value, gradient = objective.value_and_gradient(x)
            # A D that would fall below its bound is held there (Bertsekas, SIAM J. Control Optim.
            # 20, 221, 1982).
            free = np.flatnonzero((x > least) | (gradient < 0))
            step = np.zeros_like(x)
            for expected in (False, True):
                hessian = objective.hessian(x, expected=expected)[free][:, free]
                found = solve(hessian.tocsc(), -gradient[free])
                if found is not None:
                    break
            step[free] = found
            if -gradient @ step < 1e-8:
                break
            length = 1.0
            tried = np.maximum(x + step, least)
            while objective.value(tried) > value + 1e-4 * (gradient @ (tried - x)):
                length /= 2
                if length < 1e-12:
                    return {"value": float(value)}
                tried = np.maximum(x + length * step, least)
            x = tried
        return {"value": float(value)}

    return work


def original(folder):
    """Its inference alone; the value is that of our objective, where cells are the same."""
    from data import RESOLUTION
    from tramway.core.xyt import load_xyt, trajectories_to_translocations
    from tramway.helper import tessellate
    from tramway.helper.inference import infer

    table = trajectories_to_translocations(load_xyt(str(folder / "tracks.txt")))
    cells = tessellate(
        table, "hexagon", ref_distance=RESOLUTION / 2, avg_probability=0, min_probability=0
    )

    def work():
        infer(
            cells, "stochastic.dv", sigma=PRECISION, diffusivity_prior=DIFFUSIVITY_PRIOR,
            potential_prior=POTENTIAL_PRIOR, max_runtime=RUNTIME, worker_count=2, verbose=False,
        )  # fmt: skip

    return work
