"""The officers' web pages of the loop, on unfold: list, case, desk, and the records behind them."""

from cases.admin import case_list, channels, deliveries, export_notes, held_clocks, records

__all__ = ["case_list", "channels", "deliveries", "export_notes", "held_clocks", "records"]
