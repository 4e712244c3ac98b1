"""GEXF for Gephi: dynamic networks that always open.

In: the networks of a case. Out: `<network>.gexf`, version 1.3, times as xs:dateTime with the right
`timeformat`. Attributes are text, whole numbers, numbers and booleans; a value that is not there is
left out, for none of the readers knows null. What XML 1.0 cannot hold stands as a mark. first_seen
and last_seen stand both as the interval that Gephi plays and as attributes that can be filtered.

The interval stands in the attribute `intervals`, as Gephi itself writes it, and not in `start` and
`end`: NetworkX cannot read those with times of day (KeyError: 'dateTime'), and passes over this.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from reports.clean import for_xml
from reports.exports.cells import iso
from reports.exports.graph import Edge, Graph, Node, Value, graphs
from reports.exports.source import ExportSource
from reports.exports.written import Written

HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gexf xmlns="http://gexf.net/1.3"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd"'
    ' version="1.3">\n'
)
TYPES: dict[type, str] = {str: "string", int: "long", float: "double", bool: "boolean"}


def export_gexf(source: ExportSource, folder: Path) -> list[Written]:
    """Write one file a network."""
    return [_write(graph, source.facts.version, folder) for graph in graphs(source)]


def _write(graph: Graph, version: str, folder: Path) -> Written:
    path = folder / f"{graph.name}.gexf"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(gexf_lines(graph, version))
    return Written(path.name, len(graph.nodes) + len(graph.edges))


def gexf_lines(graph: Graph, version: str) -> Iterator[str]:
    """Yield a network as GEXF, line by line."""
    yield HEADER
    yield f"<meta><creator>narrashift {text_of(version)}</creator>"
    yield f"<description>{text_of(graph.description)}</description></meta>\n"
    yield '<graph defaultedgetype="undirected" mode="dynamic" timeformat="dateTime"'
    yield ' timerepresentation="interval">\n'
    node_keys, edge_keys = columns_of(graph.nodes), columns_of(graph.edges)
    yield from _attributes("node", node_keys)
    yield from _attributes("edge", edge_keys)
    yield "<nodes>\n"
    for node in graph.nodes:
        head = f"<node id={attribute(node.node_id)} label={attribute(node.label)}"
        yield from _item("node", head, all_values(node), node_keys, node)
    yield "</nodes>\n<edges>\n"
    for number, edge in enumerate(graph.edges):
        ends = f"source={attribute(edge.source)} target={attribute(edge.target)}"
        head = f'<edge id="{number}" {ends} weight="{edge.weight!r}"'
        yield from _item("edge", head, all_values(edge), edge_keys, edge)
    yield "</edges>\n</graph>\n</gexf>\n"


def columns_of(items: Iterable[Node] | Iterable[Edge]) -> dict[str, type]:
    """Return every attribute and its type, in order of first use."""
    found: dict[str, type] = {}
    for item in items:
        for name, value in all_values(item).items():
            found.setdefault(name, type(value))
    return found


def all_values(item: Node | Edge) -> dict[str, Value]:
    """Return the attributes with first_seen and last_seen as text.

    A number that is none is left out: readers do not agree on how it is written.
    """
    seen = {"first_seen": item.first, "last_seen": item.last}
    known = {
        name: value
        for name, value in item.values.items()
        if not isinstance(value, float) or math.isfinite(value)
    }
    return {**known, **{name: iso(at) for name, at in seen.items() if at is not None}}


def _attributes(kind: str, columns: Mapping[str, type]) -> Iterator[str]:
    if not columns:
        return
    yield f'<attributes class="{kind}" mode="static">\n'
    for number, (name, of) in enumerate(columns.items()):
        yield f'<attribute id="{number}" title={attribute(name)} type="{TYPES[of]}"/>\n'
    yield "</attributes>\n"


def _item(
    tag: str, head: str, values: Mapping[str, Value], columns: Mapping[str, type], item: Node | Edge
) -> Iterator[str]:
    yield f"{head}{_span(item.first, item.last)}>\n<attvalues>\n"
    for number, name in enumerate(columns):
        if name in values:
            yield f'<attvalue for="{number}" value={attribute(shown(values[name]))}/>\n'
    yield f"</attvalues>\n</{tag}>\n"


def _span(first: datetime | None, last: datetime | None) -> str:
    """The interval between two times, as an attribute; nothing where they are not known."""
    if first is None or last is None:
        return ""
    return f' intervals="&lt;[{_moment(first)}, {_moment(last)}]&gt;"'


def _moment(at: datetime) -> str:
    """xs:dateTime to the millisecond, as Gephi writes it."""
    told = at.astimezone(UTC)
    return f"{told:%Y-%m-%dT%H:%M:%S}.{told.microsecond // 1000:03d}Z"


def shown(value: Value) -> str:
    """Return an attribute's value as text: true and false for booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def attribute(text: str) -> str:
    """Return text as a quoted XML attribute; what XML cannot hold stands as a mark."""
    return quoteattr(for_xml(text))


def text_of(text: str) -> str:
    """Return text as XML content; what XML cannot hold stands as a mark."""
    # A bare CR would be read back as a line feed.
    return escape(for_xml(text), {"\r": "&#13;"})
