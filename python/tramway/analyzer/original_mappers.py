"""What the original's mappers had that has no counterpart here, and what there is instead."""

OF_OTHER_SOLVERS = {
    **dict.fromkeys(
        (
            *("ftol", "gtol", "tol", "epsilon", "step_size", "iter_num", "superlocal", "newton"),
            *("options", "compatibility", "fulltime", "prior_delay", "posterior_max_count"),
            *("D0", "V0", "x0"),
        ),
        "the solver stops where the optimum is reached to rounding, from wherever it starts",
    ),
    **dict.fromkeys(
        ("convex_hull", "trust_volume", "min_volume", "volume"),
        "cells have an area, or a volume, that is known",
    ),
    "scale": "densities are per µm², or µm³: times the area of a cell they are numbers",
    **dict.fromkeys(("trust", "return_zeta_spurious"), "all that is known is mapped"),
    **dict.fromkeys(
        ("grad", "rgrad", "eps", "grad_epsilon", "grad_selection_angle", "export_centers"),
        "there is one way to take slopes and to store centers",
    ),
    **dict.fromkeys(
        ("cell_sampling", "include_empty_cells", "stochastic", "allow_negative_potential"),
        "all cells that hold data are mapped, together",
    ),
    **dict.fromkeys(("verbosity", "debug", "debug_all", "return_struct"), "the log says it"),
}
"""Arguments of the original's solvers that have no counterpart, and why."""

OTHER_NAMES = {
    **dict.fromkeys(
        ("diffusion_prior", "diffusion_spatial_prior", "diffusivity_spatial_prior"),
        "diffusivity_prior",
    ),
    "diffusion_time_prior": "diffusivity_time_prior",
    "potential_spatial_prior": "potential_prior",
}
"""Parameters that have a second name there."""

INSTEAD = {
    "volume": "the areas of the cells are `sampling.tessellation.cell_volume`",
    "spherical.volume": "the areas of the cells are `sampling.tessellation.cell_volume`",
    "gradient": "the gradient of the potential is what 'stochastic.dv' maps as force, −∇V",
    "srtesseler.density": "it is 'density' here",
}
"""Plugins of the original that are no model, and what to do."""
