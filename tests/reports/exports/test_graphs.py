"""GEXF and GraphML: two readers that are not ours open them, whatever the names hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.parsers import expat

import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.clean import for_xml
from reports.exports.from_tables import export_tables
from reports.exports.gexf_file import gexf_lines
from reports.exports.graph import Edge, Graph, Node
from reports.exports.graphml_file import graphml_lines
from reports.redaction import Redactor

from .conftest import hostile

AT = datetime(2031, 5, 1, 8, 0, 0, 250_000, tzinfo=UTC)
READERS = {"gexf": nx.read_gexf, "graphml": nx.read_graphml}


def graph_of(texts: list[str]) -> Graph:
    nodes = [
        Node(f"n{place}", text, {"name": text, "posts": place, "seen": bool(place)}, AT, AT)
        for place, text in enumerate(texts)
    ]
    edges = [
        Edge(node.node_id, "n0", 1.5, {"kind": node.label, "q": 1e-300}, AT, None)
        for node in nodes[1:]
    ]
    return Graph("g", texts[0], nodes, edges)


def read(kind: str, text: str) -> nx.Graph:
    parser = expat.ParserCreate()
    parser.Parse(text.encode("utf-8"), True)
    with TemporaryDirectory() as place:
        path = Path(place) / f"g.{kind}"
        path.write_text(text, encoding="utf-8", newline="")
        return READERS[kind](path)


@pytest.mark.parametrize("kind", ["gexf", "graphml"])
@settings(max_examples=40)
@given(texts=st.lists(hostile, min_size=2, max_size=6))
def test_any_text_stands_in_a_network_that_opens(kind: str, texts: list[str]) -> None:
    graph = graph_of(texts)
    lines = gexf_lines(graph, "1 <&") if kind == "gexf" else graphml_lines(graph)
    found = read(kind, "".join(lines))
    assert found.number_of_nodes() == len(texts)
    for place, text in enumerate(texts):
        values = found.nodes[f"n{place}"]
        assert values["label"] == for_xml(text)
        # networkx reads an empty element of GraphML as no text at all.
        assert (values.get("name") or "") == for_xml(text)
        assert (values["posts"], values["seen"]) == (place, bool(place))
    assert all(data["weight"] == 1.5 for _, _, data in found.edges(data=True))


@pytest.mark.parametrize("kind", ["gexf", "graphml"])
def test_networks_of_a_case_open_and_name_their_evidence(
    kind: str, told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    paths = export_tables(kind, told_tables, tmp_path, redactor)
    assert [path.stem for path in paths] == ["account_ties", "accounts_narratives"]
    ties, both = (READERS[kind](path) for path in paths)
    ((_, _, tie),) = ties.edges(data=True)
    assert (tie["kind"], tie["weight"], tie["q"], tie["window_s"]) == (
        "near_duplicate",
        7,
        1e-7,
        60,
    )
    assert len(tie["evidence_ids"].split()) == 2 and tie["first_seen"] <= tie["last_seen"]
    assert nx.is_bipartite(both)
    types = nx.get_node_attributes(both, "node_type")
    assert sorted(set(types.values())) == ["account", "narrative"]
    for left, right, data in both.edges(data=True):
        assert types[left] != types[right]
        assert data["posts"] == data["weight"] and data["evidence_ids"]


@pytest.mark.parametrize("kind", ["gexf", "graphml"])
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_left_out(kind: str, number: float) -> None:
    nodes = [Node("a", "a", {}), Node("b", "b", {"score": number})]
    graph = Graph("g", "", nodes, [Edge("a", "b", 1.0, {"q": number})])
    lines = gexf_lines(graph, "1") if kind == "gexf" else graphml_lines(graph)
    found = read(kind, "".join(lines))
    assert "score" not in found.nodes["b"] and "q" not in found.edges["a", "b"]


def test_every_post_with_a_narrative_counts_on_exactly_one_edge(
    told_tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    path = export_tables("graphml", told_tables, tmp_path, Redactor("none"))[1]
    graph = nx.read_graphml(path)
    narratives = told_tables["narratives"].to_pylist()
    posts = sum(data["posts"] for _, _, data in graph.edges(data=True))
    assert posts == sum(row["posts"] + row["reposts"] for row in narratives)
    for row in narratives:
        assert graph.degree(f"narrative:{row['narrative_id']}") == row["accounts"]


def test_a_gexf_plays_over_time_with_times_of_day(
    told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    for path in export_tables("gexf", told_tables, tmp_path, redactor):
        text = path.read_text("utf-8")
        assert 'mode="dynamic" timeformat="dateTime" timerepresentation="interval"' in text
        spans = re.findall(r'intervals="&lt;\[(\S+), (\S+)\]&gt;"', text)
        assert len(spans) >= text.count("<edge ")
        for first, last in spans:
            assert datetime.fromisoformat(first) <= datetime.fromisoformat(last)


@pytest.mark.parametrize("kind", ["gexf", "graphml"])
def test_a_network_has_the_same_bytes_twice_and_for_any_order_of_rows(
    kind: str, told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in
              told_tables.items()}  # fmt: skip
    first = export_tables(kind, told_tables, tmp_path / "a", redactor)
    second = export_tables(kind, turned, tmp_path / "b", redactor)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_igraph_opens_the_graphml(
    told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    igraph = pytest.importorskip("igraph", reason="python-igraph is not installed")
    for path in export_tables("graphml", told_tables, tmp_path, redactor):
        found = igraph.Graph.Read_GraphML(str(path))
        known = nx.read_graphml(path)
        assert (found.vcount(), found.ecount()) == (len(known), known.number_of_edges())
        assert min(found.es["weight"]) > 0
