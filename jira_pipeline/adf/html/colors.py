"""CSS colours as the six hexadecimal digits ADF takes.

Belongs here: every way of writing a colour that programs paste: names, `#rgb`, `rgb()`, `hsl()`,
their forms with an alpha, `var()` with a fallback. Does not: which text has which colour
(`styles`).
"""

import colorsys
import re
from typing import Final

_NAMED_COLORS: Final = """
aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff
beige f5f5dc bisque ffe4c4 black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2
brown a52a2a burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e
coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff
darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400
darkgrey a9a9a9 darkkhaki bdb76b darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00
darkorchid 9932cc darkred 8b0000 darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b
darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3
deeppink ff1493 deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff
firebrick b22222 floralwhite fffaf0 forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc
ghostwhite f8f8ff gold ffd700 goldenrod daa520 gray 808080 green 008000 greenyellow adff2f
grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082 ivory fffff0
khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd
lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2
lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a
lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899 lightslategrey 778899
lightsteelblue b0c4de lightyellow ffffe0 lime 00ff00 limegreen 32cd32 linen faf0e6
magenta ff00ff maroon 800000 mediumaquamarine 66cdaa mediumblue 0000cd mediumorchid ba55d3
mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a
mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa
mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000
olivedrab 6b8e23 orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa
palegreen 98fb98 paleturquoise afeeee palevioletred db7093 papayawhip ffefd5
peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 purple 800080
rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513
salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0
skyblue 87ceeb slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa
springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 thistle d8bfd8 tomato ff6347
turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 yellow ffff00
yellowgreen 9acd32
"""
# Source: CSS Color Module Level 4, 148 named colours.

_HEX: Final = re.compile(r"#?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})")
_FUNCTION: Final = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_VARIABLE: Final = re.compile(r"var\(\s*--[^,()]+,(.*)\)", re.DOTALL)
_NUMBER: Final = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(%|deg|turn|rad|grad)?")
_SEPARATOR: Final = re.compile(r"[\s,/]+")
_NOT_A_COLOR: Final = frozenset(
    {
        "inherit", "initial", "unset", "revert", "revert-layer", "currentcolor", "transparent",
        "none", "auto", "windowtext", "window", "canvastext", "canvas", "text", "linktext", "",
    }
)  # fmt: skip
_MAX_LENGTH = 200
_TURN_DEGREES = 360
_FULL = 255
_CHANNELS = 3


class ColorReader:
    """Reads colours, each way of writing one only once."""

    def __init__(self) -> None:
        """Know the names."""
        words = _NAMED_COLORS.split()
        self._known: dict[str, str | None] = {
            name: f"#{value}" for name, value in zip(words[::2], words[1::2], strict=True)
        }

    def read(self, written: str) -> str | None:
        """Write a colour as `#rrggbb`; `None` = no colour of its own, or none that can be read."""
        name = written.strip().lower()
        if name in self._known:
            return self._known[name]
        color = _read(name) if len(name) <= _MAX_LENGTH else None
        if color is None and (variable := _VARIABLE.fullmatch(name)) and len(name) <= _MAX_LENGTH:
            color = self.read(variable.group(1))
        if len(self._known) < _MAX_KNOWN:
            self._known[name] = color
        return color


_MAX_KNOWN = 2_000


def is_color_left_open(written: str) -> bool:
    """Tell whether a style names no colour at all, but asks for the usual or surrounding one."""
    name = written.strip().lower()
    return name in _NOT_A_COLOR or name.startswith("var(")


def _read(name: str) -> str | None:
    match = _HEX.fullmatch(name)
    if match:
        digits = match.group(1)
        if len(digits) <= _CHANNELS + 1:
            if not name.startswith("#"):
                return None  # `fff` alone is rather a word
            digits = "".join(digit * 2 for digit in digits)
        alpha = int(digits[6:8], 16) / _FULL if len(digits) > 2 * _CHANNELS else 1.0
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
        return _written(red, green, blue, alpha)
    match = _FUNCTION.fullmatch(name)
    return _from_function(match.group(1), match.group(2)) if match else None


def _from_function(function: str, arguments: str) -> str | None:
    """Read `rgb(1 2 3 / 50%)` and `hsl(120, 100%, 50%)`, with commas or without."""
    numbers = [_NUMBER.fullmatch(part) for part in _SEPARATOR.split(arguments.strip())]
    if not _CHANNELS <= len(numbers) <= _CHANNELS + 1:
        return None
    values = [(float(m.group(1)), m.group(2) or "") for m in numbers if m is not None]
    if len(values) != len(numbers):
        return None
    opacity, unit = values[3] if len(values) > _CHANNELS else (1.0, "")
    alpha = min(max(opacity / 100 if unit == "%" else opacity, 0.0), 1.0)
    if function == "rgb":
        red, green, blue = (v * _FULL / 100 if unit == "%" else v for v, unit in values[:3])
        return _written(red, green, blue, alpha)
    angle, unit = values[0]
    turns = {"turn": 1.0, "rad": 6.283185307179586, "grad": 400.0}
    hue = angle / turns.get(unit, _TURN_DEGREES) % 1.0
    saturation, lightness = (min(max(v / 100, 0.0), 1.0) for v, _ in values[1:3])
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return _written(red * _FULL, green * _FULL, blue * _FULL, alpha)


def _written(red: float, green: float, blue: float, alpha: float) -> str | None:
    """Write a colour as it looks on white; fully transparent ones are none."""
    if alpha <= 0:
        return None
    channels = (
        round(min(max(channel, 0), _FULL) * alpha + _FULL * (1 - alpha))
        for channel in (red, green, blue)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)
