"""Answers that every resource shares."""

from ninja import Schema


class Deleting(Schema):
    id: str
    status: str = "Deleting"


class Page(Schema):
    total: int
    page: int
    pages: int
