"""A name is suggested for another only where somebody may have meant it."""

from time import process_time

from jira_pipeline.sheets.reading.labels import NameIndex
from jira_pipeline_tests.tables import each


def nearest_of(text: str, *labels: str) -> tuple[str, ...]:
    index = NameIndex()
    for label in labels:
        index.add(key=label, label=label, machine_name="")
    return index.nearest(text)


@each(
    "text, label",
    [
        ("Evnet (Content type)", "Event (Content type)"),
        ("Nature resreve", "Nature reserve"),
        ("Caves", "Cave (Media type)"),
        ("Event", "Event (Paragraph type)"),
        ("Program", "Academic Program (Content type)"),
        ("Main navigation menu", "Main navigation"),
        ("ImageGallery", "Image gallery"),
        ("Waitin", "Waiting"),
        ("thumbnail croped 1.5x", "Thumbnail cropped 1.5x"),
    ],
)
def test_a_name_is_like_another(text: str, label: str) -> None:
    assert nearest_of(text, label, "Something else (Content type)") == (label,)


@each(
    "text, label",
    [
        ("Event (Content type)", "Department (Content type)"),
        ("Story Categories (Vocabulary)", "News Categories (Vocabulary)"),
        ("Partner Museum (Content type)", "Page (Content type)"),
        ("Event page", "News page"),
        ("Video", "Icon (Media type)"),
        ("Card", "Care home"),
        ("-", "- (Content type)"),
        ("Head of department", "Minutes of meeting"),
    ],
)
def test_a_name_is_not_like_another(text: str, label: str) -> None:
    assert nearest_of(text, label) == ()


def test_the_same_name_of_the_same_type_comes_first() -> None:
    labels = ("Events (Vocabulary)", "Event (Paragraph type)", "Events (Content type)")

    assert nearest_of("Evens (Content type)", *labels)[0] == "Events (Content type)"


def test_names_that_are_nowhere_are_looked_up_quickly_among_many() -> None:
    index = NameIndex()
    for number in range(10_000):
        index.add(key=str(number), label=f"Label {number} (Content type)", machine_name="")
    start = process_time()

    for number in range(300):
        index.nearest(f"Labell {number} odd (Content type)")
    index.nearest("x " * 5_000)

    assert process_time() - start < 6
