"""The ceiling: what Django REST framework does on the same server when a view reads or inserts one row and no more."""
