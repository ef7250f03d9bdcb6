"""Widgets that take plain data: counts, numbers and arrays, never the engine or the link."""

from kneeimu.dashboard.widgets.big_count import BigCount
from kneeimu.dashboard.widgets.link_bar import LinkBar, LinkFacts
from kneeimu.dashboard.widgets.medial_gauge import MedialGauge
from kneeimu.dashboard.widgets.rep_table import RepRow, RepTable
from kneeimu.dashboard.widgets.tempo_bar import TempoBar
from kneeimu.dashboard.widgets.trace import AngleTrace

__all__ = ["AngleTrace", "BigCount", "LinkBar", "LinkFacts", "MedialGauge", "RepRow", "RepTable", "TempoBar"]
