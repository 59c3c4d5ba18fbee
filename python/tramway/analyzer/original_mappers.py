"""What the original's mappers had that has no counterpart here, and what there is instead."""

OF_OTHER_SOLVERS = {
    **dict.fromkeys(
        ("ftol", "gtol", "tol", "epsilon", "step_size", "iter_num", "superlocal", "newton"),
        "the solver stops where the optimum is reached to rounding",
    ),
    **dict.fromkeys(
        ("grad", "rgrad", "export_centers"), "there is one way to take slopes and to store centers"
    ),
    **dict.fromkeys(
        ("cell_sampling", "include_empty_cells", "stochastic", "allow_negative_potential"),
        "all cells that hold data are mapped, together",
    ),
    **dict.fromkeys(("verbosity", "debug", "debug_all", "return_struct"), "the log says it"),
}
"""Arguments of the original's solvers that have no counterpart, and why."""

INSTEAD = {
    "volume": "the areas of the cells are `sampling.tessellation.cell_volume`",
    "spherical.volume": "the areas of the cells are `sampling.tessellation.cell_volume`",
    "gradient": "the gradient of the potential is what 'stochastic.dv' maps as force, −∇V",
    "srtesseler.density": "it is 'density' here",
}
"""Plugins of the original that are no model, and what to do."""
