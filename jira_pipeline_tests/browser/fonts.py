"""Browsers whose system font is one of several: what fits in one of them must fit in the others.

Belongs here: the fonts that are tried, and how Chromium is told to use one. Does not: what is
measured (the tests).

A page asks for `system-ui`, which is another font on each machine: links that were large enough to
be hit in one of them were 0.6 pixels too low in Noto Sans, and too narrow in Liberation Sans.
"""

import os
import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

FONTS = ("DejaVu Sans", "Liberation Sans", "Noto Sans")
"""The widest, the narrowest and the highest of what servers and desktops have as their sans."""
_GENERIC_NAMES = ("system-ui", "sans-serif")
_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
{matches}
</fontconfig>
"""
_MATCH = """  <match target="pattern">
    <test name="family" qual="any"><string>{generic}</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>{font}</string></edit>
  </match>"""


def is_installed(font: str) -> bool:
    """Tell whether this machine has a font; without fontconfig it has none to choose from."""
    program = shutil.which("fc-match")
    if program is None:
        return False
    asked = [program, "--format", "%{family}", font]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True)
    return answer.stdout.partition(",")[0] == font


def environment_with(font: str, folder: Path) -> dict[str, str | float | bool]:
    """Return the environment of a program whose system font is this one; its settings are in `folder`."""
    matches = "\n".join(
        _MATCH.format(generic=generic, font=escape(font)) for generic in _GENERIC_NAMES
    )
    path = folder / "fonts.conf"
    path.write_text(_CONFIGURATION.format(matches=matches), encoding="utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(path)}  # noqa: TID251 - for the child
