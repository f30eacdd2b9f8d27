"""Settings of an image effect as notes write them: `image_blur radius=3 sigma=1`.

Does not belong here: sizes, qualities and file types, which effects of core are known by
(`image_style/effect_words`), which settings a site has (`site/image_styles`).
"""

import re

SET_VALUE = re.compile(r"[\w.]+=[^\s,;/&|“”\"]+")
"""One setting with its value, which no mark of a list divides."""
EFFECT_WITH_VALUES = re.compile(
    rf"(?P<effect>[a-z]+(?:_[a-z]+)+) (?P<values>{SET_VALUE.pattern}(?: {SET_VALUE.pattern})*)"
)
