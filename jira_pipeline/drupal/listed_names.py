"""The names that one cell lists.

Belongs here: taking such a list apart. Does not: what a name stands for (`sheets/reading/references`,
`verification/names`).
"""


def split_names(text: str) -> tuple[str, ...]:
    """Split a list at commas and line feeds outside parentheses."""
    names: list[str] = []
    depth = 0
    start = 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif character in ",;\n" and depth == 0:
            names.append(text[start:position].strip())
            start = position + 1
    names.append(text[start:].strip())
    return tuple(name for name in names if name)
