"""How Sphinx builds the documentation: ``sphinx-build -W -n docs build``."""

project = "gradcheck"
author = "the gradcheck authors"
copyright = author  # noqa: A001 - the name that Sphinx reads

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "gradcheck"
pygments_style = "friendly"
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["site.css"]

myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}

# Types of other packages, whose pages are not fetched over the network, and type variables.
nitpick_ignore_regex = [
    (
        "py:.*",
        r"(flint|graphviz|hypothesis|numpy|sympy|st|collections|contextlib|pathlib|random)\..*",
    ),
    # Names of types, written out where they are defined.
    ("py:class", "Contributions|AnyVerdict|AnyEngine|Positions|Shape|NDArray|np.float64"),
    ("py:class", r"(.*\.)?(ArrayCode|Elements|StepsCode)"),  # for adapters, inside gradcheck
]
