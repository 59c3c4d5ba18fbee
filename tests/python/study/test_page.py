"""The page that compares conditions."""

import numpy as np
import pandas as pd

from tramway.study.comparison import compare
from tramway.study.page import comparison_page


def test_what_cannot_be_computed_is_a_dash() -> None:
    """One region in each cell has no deviation within; equal values have no p."""
    table = pd.DataFrame(
        {
            "condition": ["a", "a", "b", "b"],
            "movie": ["1", "2", "3", "4"],
            "cell": ["1", "2", "3", "4"],
            "region": ["r"] * 4,
            "wells": [0.0, 0.0, 1.0, 1.0],
        }
    )
    means, differences = compare(table, "wells")
    assert np.isnan(differences["p"]).all()
    page = comparison_page(
        table,
        means.assign(quantity="wells"),
        differences.assign(quantity="wells"),
        pd.DataFrame({"movie": ["5"], "reason": ["infer: <too few>"]}),
        [],
        {"wells": ("wells (per region)", False)},
        "cell",
    )
    assert "nan" not in page.rpartition("</svg>")[2]
    assert "0, –" in page
    assert "so that nothing tells how far cells differ" in page
    assert "Failed" in page
    assert "infer: &lt;too few&gt;" in page
