"""The categories as this process knows them (`grids.book`)."""

from typing import Final

from cases.models import Category
from grids.book import Book

CATEGORIES: Final[Book[Category]] = Book(lambda: Category.objects.select_related("parent", "lead_department"))
