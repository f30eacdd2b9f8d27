"""What a webform asks for, and what handles what is sent.

Does not belong here: its name and description (`bundles`).

Source: configuration schema of Webform 6; its elements are YAML in a text.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.site.site_cells import Settings, SiteCell, plain
from jira_pipeline.drupal.site.yaml_texts import YamlRefusedError, parse_yaml


def webform_cells(webform: Settings) -> dict[str, SiteCell]:
    """Return the elements and handlers as a note; nothing where the elements cannot be read."""
    elements = webform.at("elements")
    try:
        content = elements.text.encode()  # within a file that was read within the limits
        parsed = parse_yaml(content, max_bytes=len(content)).data
    except YamlRefusedError:
        return {}
    notes = []
    inputs = [_input_noted(name, part) for name, part in _inputs(Settings(parsed, elements.place))]
    if inputs:
        notes.append(f"Elements: {'; '.join(inputs)}.")
    handlers = []
    for _, handler in webform.at("handlers").children:
        handlers.append(f"{handler.at('label').text} ({handler.at('id').text})")
    if handlers:
        notes.append(f"Handlers: {'; '.join(handlers)}.")
    return {"Notes": SiteCell(text=" ".join(notes), yaml=elements.place)}


def _inputs(parts: Settings) -> Iterator[tuple[str, Settings]]:
    """Yield the elements of a form with those within them; what begins with `#` is a property."""
    for name, part in parts.children:
        if not name.startswith("#") and part.at("#type").text != "webform_actions":
            yield name, part
            yield from _inputs(part)


def _input_noted(name: str, part: Settings) -> str:
    """Write an element as notes do: `Your boat (boat: textfield, required)`."""
    properties = []
    if part.at("#type").text:
        properties.append(part.at("#type").text)
    if part.at("#required").is_on:
        properties.append("required")
    title = plain(part.at("#title").text)
    listed = ", ".join(properties)
    return f"{title} ({name}: {listed})" if title else f"{name} ({listed})"
