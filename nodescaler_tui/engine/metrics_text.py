"""Metrics text: families as OpenMetrics 1.0 text, the same as prometheus_client writes, in a fraction of its time.

Its own writer asks of each sample for exemplars, timestamps and native histograms, and escapes each label anew. Ours
have none of the former, and a thousand groups have each of their labels in some forty samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import Metric
from prometheus_client.utils import floatToGoString


def metrics_text(families: Iterable[Metric]) -> bytes:
    """The whole answer. All samples of a family have labels of the same names."""
    quoted = _Quoted()
    return "".join([*(part for family in families for part in _lines(family, quoted)), "# EOF\n"]).encode()


class _Quoted(dict[str, str]):
    """Label values as they are written; each is escaped once."""

    def __missing__(self, value: str) -> str:
        self[value] = written = f'"{_escaped(value)}"'
        return written


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _lines(family: Metric, quoted: _Quoted) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.documentation)}\n# TYPE {family.name} {family.type}\n"
    if not family.samples:
        return
    names = sorted(family.samples[0].labels)
    template = f"{{{','.join(f'{name}=%s' for name in names)}}}" if names else ""
    for sample in family.samples:
        labels = template % tuple([quoted[sample.labels[name]] for name in names])
        value = floatToGoString(sample.value)  # type: ignore[no-untyped-call]
        yield f"{sample.name}{labels} {value}\n"
