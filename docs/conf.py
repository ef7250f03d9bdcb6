"""How Sphinx builds the pages: Markdown as it is, and the library's reference from its docstrings."""

from __future__ import annotations

from importlib.metadata import version as installed

project = "kneeimu"
version = release = installed("kneeimu")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
root_doc = "contents"
exclude_patterns = ["_build", "firmware/**"]
html_theme = "furo"
html_title = f"kneeimu {release}"

myst_heading_anchors = 3
# Links to the README and to folders lead out of these pages; the tests check that every link leads somewhere.
suppress_warnings = ["myst.xref_missing"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
autodoc_type_aliases = {"FloatArray": "FloatArray"}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
