"""How the pages of this folder become a site: ``sphinx-build -W -n docs docs/_build/html``."""

import os
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

import tramway

project = "tramway-rs"
copyright = "the tramway-rs developers"
author = "the tramway-rs developers"
version = release = tramway.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "**/.ipynb_checkpoints", "examples/data"]
templates_path = ["_templates"]

# Pages
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3  # that headings can be linked to as on the pages themselves
highlight_language = "none"  # formulas and listings that are no code

# Notebooks: executed while the site is made, and what fails ends that.
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 120  # s
nb_execution_in_temp = True
nb_merge_streams = True
os.environ["TQDM_DISABLE"] = "1"  # a bar is drawn over itself, which a page cannot show

# Reference
autosummary_generate = True
autosummary_imported_members = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"  # signatures say the types
autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "with_traceback, add_note"}
numpydoc_show_class_members = False  # they are there in full
nitpick_ignore_regex = [
    (r"py:.*", r"(abc|enum|logging|matplotlib|numpy|pandas)\..*"),  # described elsewhere
]

# Looks
html_theme = "pydata_sphinx_theme"
html_title = "tramway-rs"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 5,
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def _found_by_last_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """Resolve names that docstrings write short, as ``Region.crop``, if they mean one thing."""
    if node.get("refdomain") != "py":
        return None
    domain: Any = env.get_domain("py")
    found = domain.find_obj(env, None, None, node["reftarget"], node["reftype"], 1)
    found = [(name, entry) for name, entry in found if not entry.aliased]
    if len(found) != 1:
        return None
    ((name, entry),) = found
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)


def setup(app: Sphinx) -> None:
    """Register what this file defines."""
    app.connect("missing-reference", _found_by_last_name)
