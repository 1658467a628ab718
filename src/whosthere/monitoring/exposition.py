"""Measures in the words of Prometheus, by its own library. Needs the extra `web`."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from whosthere.monitoring.measures import Kind, Measure, Spread

Measuring = Callable[[], Iterable[Measure]]


class Exposition(Collector):
    """Writes down what is measured at the moment of asking. Between two askings it costs nothing.

    It has a registry of its own, so that other libraries' measures do not come along.
    """

    def __init__(self, measuring: Measuring) -> None:
        self._measuring = measuring
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def describe(self) -> list[Metric]:
        """Say nothing before it is asked for: a program that begins has little to tell."""
        return []

    def collect(self) -> Iterator[Metric]:
        return map(family, self._measuring())

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """Return the page and its content type, in the format that the asker prefers."""
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind


def family(measure: Measure) -> Metric:
    name, meaning, labels = _with_unit(measure), measure.meaning, measure.labels
    if measure.kind is Kind.HISTOGRAM:
        spreads = HistogramMetricFamily(name, meaning, labels=labels)
        for of, value in measure.values.items():
            if isinstance(value, Spread):
                spreads.add_metric(of, value.classes(), value.total)
        return spreads
    plain = CounterMetricFamily if measure.kind is Kind.COUNTER else GaugeMetricFamily
    made = plain(name, meaning, labels=labels)
    for of, value in measure.values.items():
        if not isinstance(value, Spread):
            made.add_metric(of, value)
    return made


def _with_unit(measure: Measure) -> str:
    return f"{measure.name}_{measure.unit}" if measure.unit else measure.name
