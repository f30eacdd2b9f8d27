"""Answers of Jira Cloud and of what sits before it: `public_answers.yaml`, read."""

from pathlib import Path

import httpx
import yaml
from pydantic import BaseModel, TypeAdapter


class PublicAnswer(BaseModel, extra="forbid", frozen=True):
    """One answer and the thread that quotes it."""

    status: int
    content_type: str | None
    body: str
    headers: dict[str, str] = {}
    thread: str
    write: str
    read: str

    @property
    def name(self) -> str:
        kind = (self.content_type or "nothing").partition(";")[0].partition("/")[2] or "nothing"
        return f"{self.status}-{kind}-{self.thread}"

    def response(self) -> httpx.Response:
        kind = {} if self.content_type is None else {"Content-Type": self.content_type}
        headers = {**kind, **self.headers}
        return httpx.Response(self.status, headers=headers, content=self.body.encode())


PUBLIC_ANSWERS = TypeAdapter(tuple[PublicAnswer, ...]).validate_python(
    yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
)
