"""GraphML for NetworkX, igraph, Cytoscape and yEd: the same networks as GEXF.

In: the networks of a case. Out: `<network>.graphml`. GraphML knows no time spans, so first_seen and
last_seen are attributes (ISO 8601, UTC). What XML 1.0 cannot hold stands as a mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from reports.exports.gexf_file import all_values, attribute, columns_of, shown, text_of
from reports.exports.graph import Graph, Value, graphs
from reports.exports.source import ExportSource
from reports.exports.written import Written

HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns'
    ' http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
TYPES: dict[type, str] = {str: "string", int: "long", float: "double", bool: "boolean"}


def export_graphml(source: ExportSource, folder: Path) -> list[Written]:
    """Write one file a network."""
    return [_write(graph, folder) for graph in graphs(source)]


def _write(graph: Graph, folder: Path) -> Written:
    path = folder / f"{graph.name}.graphml"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(graphml_lines(graph))
    return Written(path.name, len(graph.nodes) + len(graph.edges))


def graphml_lines(graph: Graph) -> Iterator[str]:
    """Yield a network as GraphML, line by line."""
    node_keys = {"label": str, **columns_of(graph.nodes)}
    edge_keys = {"weight": float, **columns_of(graph.edges)}
    yield HEADER
    yield from _keys("node", "n", node_keys)
    yield from _keys("edge", "e", edge_keys)
    yield '<graph id="G" edgedefault="undirected">\n'
    yield f"<desc>{text_of(graph.description)}</desc>\n"
    for node in graph.nodes:
        yield f"<node id={attribute(node.node_id)}>\n"
        yield from _data("n", node_keys, {"label": node.label, **all_values(node)})
        yield "</node>\n"
    for edge in graph.edges:
        yield f"<edge source={attribute(edge.source)} target={attribute(edge.target)}>\n"
        yield from _data("e", edge_keys, {"weight": edge.weight, **all_values(edge)})
        yield "</edge>\n"
    yield "</graph>\n</graphml>\n"


def _keys(kind: str, prefix: str, columns: Mapping[str, type]) -> Iterator[str]:
    for number, (name, of) in enumerate(columns.items()):
        about = f'attr.name={attribute(name)} attr.type="{TYPES[of]}"'
        yield f'<key id="{prefix}{number}" for="{kind}" {about}/>\n'


def _data(prefix: str, columns: Mapping[str, type], values: Mapping[str, Value]) -> Iterator[str]:
    for number, name in enumerate(columns):
        if name in values:
            yield f'<data key="{prefix}{number}">{text_of(shown(values[name]))}</data>\n'
