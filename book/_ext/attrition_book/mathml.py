"""Formulas as MathML, which browsers draw by themselves: no script, no font, no request.

The conversion is docutils' own. A formula that it cannot convert is a warning of the build, and its source is shown.
"""

from __future__ import annotations

import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util.math import get_node_equation_number

from .messages import warn

ACCENTS = r"\\(?:hat|widehat|tilde|widetilde|bar|overline|vec|dot|ddot|check|breve|acute|grave)"
GROUP = r"\{(?:[^{}]|\{[^{}]*\})*\}"
INDEXED_ACCENT = re.compile(rf"({ACCENTS}\s*(?:{GROUP}|\\[A-Za-z]+|(?<=\s)\w|\d))(?=\s*[_^])")
OUTER_ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|equation)\*?\}")
TIGHT_OPERATOR = re.compile(r'<mo( stretchy="false")?>([|/])</mo>')


def visit_math(self, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(_mathml(self, node, block=False))
    raise nodes.SkipNode


def visit_displaymath(self, node: nodes.math_block) -> None:
    """Write a formula on lines of its own, with its number where it has a label."""
    self.body.append(
        self.starttag(node, "div", CLASS="math-block", role="group", tabindex="0", **{"aria-label": "Formula"})
    )
    self.body.append(_mathml(self, node, block=True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this formula")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the renderer as ``mathml``."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))


def convert(source: str, *, block: bool) -> str:
    r"""Convert LaTeX to MathML, with three repairs to what docutils makes of it.

    An index after an accent stays an index (docutils sets it under the letter), the outer ``align`` environments are
    known, and bars and slashes get no space around them, as in LaTeX.

    Raises
    ------
    docutils.utils.math.MathError
        If a command or an environment is not known.

    Examples
    --------
    >>> "munder" in convert(r"\hat{y}_{t}", block=True)
    False
    """
    source = OUTER_ENVIRONMENT.sub(lambda m: "" if m[2] == "equation" else rf"\{m[1]}{{aligned}}", source)
    text = tex2mathml(INDEXED_ACCENT.sub(r"\1{}", source), as_block=block)
    return TIGHT_OPERATOR.sub(r'<mo\1 lspace="0" rspace="0">\2</mo>', text)


def _mathml(writer, node: nodes.Element, *, block: bool) -> str:
    """MathML of a formula, or its source and a warning."""
    source = node.astext().strip()
    try:
        return convert(source, block=block)
    except MathError as error:
        shown = " ".join(source.split())
        warn("math", node, f"expected a formula that converts to MathML, found '{shown}' ({error}): write it otherwise")
        return f"<code>{writer.encode(source)}</code>"
