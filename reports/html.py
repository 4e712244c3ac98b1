"""One self-contained HTML report that reads without a script, offline, on paper, right to left.

In: the tables of a case, its manifest, the settings, a redactor. Out: the page as text, the same
bytes for the same case. Text reaches the page by escaping alone; nothing is loaded from anywhere,
and a content security policy of hashes lets no other style or script run. Redaction happens here,
while the page is built: hidden text would leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import jinja2
import pyarrow as pa
from markupsafe import Markup

from corpus.settings import Settings
from reports import (
    report_aftermath,
    report_coordination,
    report_counter,
    report_disarm,
    report_lives,
    report_map,
    report_narratives,
    report_outside,
    report_overview,
    report_passages,
    report_persona_more,
    report_personas,
    report_posts_only,
    report_review,
    report_timeline,
    wording,
)
from reports.clean import for_data_block, for_html, sentence_for_html, show_invisibles
from reports.decided import parted, with_decisions
from reports.evidence import Evidence
from reports.evidence_pages import EvidencePage, entries, evidence_pages
from reports.findings import in_reading_order, rank_findings
from reports.links import Links
from reports.narrative_findings import event_window
from reports.page_assets import policy, script, style, template
from reports.page_posts import page_posts
from reports.redaction import Redactor
from reports.released import redaction_words, released, threshold_words, told_numbers, told_rows
from reports.report_timeline import Window
from reports.tlp import marking

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def language_tag(lang: str | None) -> str:
    """Return a language code fit for a `lang` attribute, "und" for anything else."""
    return lang if lang and _LANGUAGE_TAG.fullmatch(lang) else "und"


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "shown": for_html,
        "told": sentence_for_html,
        "plain": show_invisibles,
        "langtag": language_tag,
    }
    return made


def rendered(name: str, **values: Any) -> str:
    """Return another page of the same environment: its filters, escaping, nothing undefined."""
    return _environment().get_template(name).render(**values)


@dataclass(frozen=True)
class ReportPages:
    """The report, and the evidence pages beside it: (file name, text), made one after another."""

    page: str
    beside: Iterator[tuple[str, str]]


def build_report(
    tables: Mapping[str, pa.Table],
    manifest: Mapping[str, Any],
    settings: Settings,
    redactor: Redactor,
    *,
    generated_at: datetime | None = None,
) -> str:
    """Return the report as one HTML page, without evidence pages beside it; see `build_pages`."""
    made = _built(tables, manifest, settings, redactor, generated_at, stem=None)
    return made.page


def build_pages(
    tables: Mapping[str, pa.Table],
    manifest: Mapping[str, Any],
    settings: Settings,
    redactor: Redactor,
    *,
    generated_at: datetime | None = None,
    stem: str = "report",
) -> ReportPages:
    """Return the report and, where `report.page_posts` posts are not enough, evidence pages.

    Parameters
    ----------
    tables
        The tables of a case, as read (redaction happens here); absent ones give empty sections.
    manifest
        What `corpus.manifest.Manifest.to_dict` returns; run times in it are not used.
    generated_at
        A time to print, or None to print none. It is passed in so that bytes can be repeated.
    stem
        The report's file name without ".html"; the names of evidence pages begin with it.

    Raises
    ------
    SchemaError
        When a table does not keep its contract.
    """
    return _built(tables, manifest, settings, redactor, generated_at, stem)


def _built(  # noqa: PLR0917 - what both ways of building take
    tables: Mapping[str, pa.Table],
    manifest: Mapping[str, Any],
    settings: Settings,
    redactor: Redactor,
    generated_at: datetime | None,
    stem: str | None,
) -> ReportPages:
    sections = _sections(released(tables, redactor, counted=True), manifest, settings, redactor)
    evidence: Evidence = sections.pop("cited")
    most = settings.report.page_posts
    pages = evidence_pages(evidence, most, stem) if stem is not None else []
    block = page_posts(evidence, most, sections["anchors"])
    held = report_overview.held(len(block["columns"]["place"]), block["total"], len(pages))
    sections |= {
        "style": Markup(style()),
        "script": Markup(script()),
        "policy": policy(),
        "generated": wording.moment(generated_at) if generated_at else None,
        "pages": pages,
        "coverage": [*sections["coverage"], held],
        "block": for_data_block(block),
    }
    page = _environment().get_template("report.html.j2").render(**sections)
    labels = [label for label, *_ in block["narratives"]]
    return ReportPages(page, _beside(evidence, pages, labels, sections, f"{stem}.html"))


def _beside(
    evidence: Evidence,
    pages: list[EvidencePage],
    labels: list[str],
    sections: Mapping[str, Any],
    home: str,
) -> Iterator[tuple[str, str]]:
    template_of = _environment().get_template("evidence_page.html.j2")
    for place, own in enumerate(pages):
        around = {"before": pages[place - 1] if place else None,
                  "after": pages[place + 1] if place + 1 < len(pages) else None}  # fmt: skip
        posts = entries(evidence, own, labels)
        yield own.name, template_of.render({**sections, **around}, own=own, home=home, posts=posts)


def _sections(
    tables: Mapping[str, pa.Table],
    manifest: Mapping[str, Any],
    settings: Settings,
    redactor: Redactor,
) -> dict[str, Any]:
    """Everything the templates print, in the order in which evidence is numbered."""
    as_run, tables = tables, with_decisions(tables)
    links = Links(tables)
    event = event_window(settings)
    title = settings.report.title or "Narratives, copied texts and persona shifts"
    digests = {f["name"]: f["sha256"] for f in manifest.get("files", [])}
    evidence = Evidence(links, redactor, settings.report.max_posts, title, digests)
    stored = tables.get("findings")
    rows = rank_findings(tables, settings) if stored is None else in_reading_order(stored)
    targets = _targets(links, event)
    rows, put_aside = parted(rows, tables)
    first, further, total = report_overview.findings(rows, evidence, targets)
    aside, aside_too, _ = report_overview.findings(put_aside, evidence, targets)
    times = links.written["created_at"].drop_null()
    span = (times[0].as_py(), times[-1].as_py()) if len(times) else None
    narratives = report_narratives.narrative_cards(links, evidence, span, event)
    in_order = report_narratives.ordered(links, event)
    narrative_map = report_map.section(links, evidence, in_order, report_narratives.MAX_CARDS)
    outside = report_outside.section(links, evidence)
    passages = report_passages.section(links, evidence)
    coordination = report_coordination.section(links, manifest, evidence)
    personas = report_personas.persona_cards(links, evidence)
    by_posts = report_posts_only.posts_cards(links, evidence)
    events, events_total = report_personas.dated_events(links, evidence)
    # When an account was created or last seen is about that one account.
    lives = report_lives.section(links, evidence, event) if redactor.min_accounts <= 1 else None
    disarm = report_disarm.section(links, evidence)
    counter = report_counter.section(links, manifest, evidence)
    named = [(row["narrative_id"], redactor.label(row["label"]), row["lang"]) for row in in_order]
    return {
        "title": title,
        "version": manifest.get("version", ""),
        "manifest": manifest,
        "mode": redactor.mode,
        "redaction": redaction_words(redactor),
        "tlp": marking(redactor.tlp),
        "threshold": threshold_words(redactor.min_accounts),
        "digest": report_overview.corpus_digest(manifest),
        "event": [wording.moment(side) for side in event] if event else None,
        "findings": first,
        "further": further,
        "findings_total": total,
        "findings_aside": [*aside, *aside_too],
        "review": report_review.section(as_run, redactor),
        "sources": report_overview.sources(manifest, evidence),
        "coverage": told_rows(report_overview.coverage(links, manifest), redactor.min_accounts),
        "not_assessed": report_overview.not_assessed(links, manifest, evidence, settings),
        "numbers": told_numbers(
            report_overview.numbers(links, evidence.opens), redactor.min_accounts
        ),
        "charts": report_timeline.timeline(links, named, event, evidence.opens),
        "narratives": narratives,
        "narrative_order": report_narratives.order_words(event),
        "narrative_notes": report_overview.narrative_notes(manifest, evidence),
        "narratives_total": links["narratives"].num_rows,
        "map": narrative_map,
        "outside": outside,
        "passages": passages,
        "coordination": coordination,
        "aftermath": report_aftermath.section(links),
        "lives": lives,
        "disarm": disarm,
        "counter": counter,
        "personas": personas,
        "personas_total": len(report_personas.noted(links)),
        "by_posts": by_posts,
        "by_posts_total": len(report_posts_only.known_by_posts(links)),
        "bio_templates": report_persona_more.templates(links, evidence),
        "handle_reuses": report_persona_more.handle_reuses(links, evidence),
        "renames": report_persona_more.renames(links, evidence),
        "event_counts": report_personas.event_counts(links),
        "events": events,
        "events_total": events_total,
        "embedders": report_overview.embedders(manifest),
        "command": report_overview.command(manifest, evidence),
        "settings_rows": report_overview.settings_rows(manifest, evidence),
        "cited": evidence,
        "anchors": {k: v for k, v in targets.items() if v.startswith("narrative-")},
        "evidence": evidence.listed(),
        "evidence_total": evidence.total(),
    }


def _targets(links: Links, event: Window | None) -> dict[str, str]:
    """Where in the page a finding leads: narrative ids and shift sources to card anchors."""
    cards = report_narratives.ordered(links, event)[: report_narratives.MAX_CARDS]
    targets = {row["narrative_id"]: f"narrative-{rank}" for rank, row in enumerate(cards, 1)}
    shifts = report_personas.noted(links)[: report_personas.MAX_CARDS]
    for place, row in enumerate(shifts, 1):
        targets.setdefault(row["before_source"], f"shift-{place}")
    return targets
