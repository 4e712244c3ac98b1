"""What an analysis hands back: the tables as DataFrames, the manifest, and ways to keep them.

In: tables that keep their contracts, and the manifest. Out: DataFrames, a case folder, a report.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.files import file_digest
from corpus.manifest import Manifest
from corpus.rejects import Reject, read_rejects, write_rejects
from corpus.settings import Settings
from corpus.tables import ALL
from corpus.workspace import Workspace, usable_as_case
from narrashift.clock import now
from narrashift.report_files import write_report_files

if TYPE_CHECKING:
    import pandas as pd

    from narrashift.plots import Plots
    from reports.closer import Page
    from reports.redaction import Redactor


class Frames(Mapping[str, "pd.DataFrame"]):
    """Tables by name, turned into DataFrames when they are asked for."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = self._tables[name].to_pandas()
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


class Analysis:
    """The result of `analyze`: `tables[name]` is a DataFrame, `arrow[name]` the Arrow table."""

    def __init__(
        self, arrow: Mapping[str, pa.Table], manifest: Manifest, rejects: Sequence[Reject] = ()
    ) -> None:
        self.arrow = {name: arrow[name] for name in ALL if name in arrow}
        self.tables = Frames(self.arrow)
        self.rejects = tuple(rejects)
        self.manifest = manifest
        self._home: Path | None = None

    def __repr__(self) -> str:
        from narrashift.described import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from narrashift.described import as_html

        return as_html(self)

    @property
    def plot(self) -> Plots:
        """Pictures: `.timeline()`, `.narrative_map()`, `.personas(account)`; extra `plots`."""
        from narrashift.plots import Plots

        return Plots(self)

    @property
    def settings(self) -> Settings:
        """The settings that this analysis ran with."""
        return Settings.load(overrides=flat(self.manifest.settings))

    def report(
        self,
        *,
        redact: str | None = None,
        quote: str | None = None,
        tlp: str | None = None,
        min_accounts: int | None = None,
    ) -> str:
        """Return the HTML report, on the case's own terms where an argument is None.

        Parameters
        ----------
        redact
            pseudonym, full (nobody at all) or none.
        quote
            exact, or none: verbatim words can be searched.
        tlp
            A label of the Traffic Light Protocol: clear, green, amber, amber+strict or red.
        min_accounts
            What is told of fewer accounts is withheld.
        """
        from reports.html import build_report

        return build_report(
            self.arrow,
            self.manifest.to_dict(),
            self.settings,
            self.redactor(redact, quote=quote, tlp=tlp, min_accounts=min_accounts, output="report"),
            generated_at=now(),
        )

    def find(
        self,
        texts: str | Sequence[str] | None = None,
        *,
        post: str | None = None,
        top: int = 5,
    ) -> pd.DataFrame:
        """Tell who else said this: talking points that copy `texts`, or say it in other words.

        Parameters
        ----------
        texts
            One raw text or several.
        post
            Instead: the id of a post of this case.
        top
            Talking points for each text.

        Returns
        -------
        DataFrame
            Best first: query (which text), rank, tier (copy, paraphrase, or similar: below the
            threshold), point_id, jaccard (exact, where there is a copy), contained, lexical,
            semantic, score (fused), post_id and quote (the copy, or the exemplar), first_post_id,
            first_account_id, first_at, last_at, posts, reposts, accounts, narrative_id. Scores are
            in 0..1. Ids are real; see `redactor` before anything leaves.

        Raises
        ------
        SettingsError, InputError
            When no text and no post is named, or the case holds no talking points.
        """
        from corpus.errors import SettingsError
        from narrashift.finding import find_in, post_named

        if (texts is None) == (post is None):
            raise SettingsError("find needs texts or the id of a post, not both")
        if post is not None:
            asked = [post_named(self, post, self.redactor("none"))[1]]
        else:
            asked = [texts] if isinstance(texts, str) else list(texts or [])
        frame: pd.DataFrame = find_in(self, asked, top=top).rows.to_pandas()
        return frame

    def compare(self, by: str) -> pd.DataFrame:
        """Tell what parts of this case differ in: talking points, narratives, hashtags, terms.

        Parameters
        ----------
        by
            event (before, during, after), platform, group, added (by the last `add`), language, or
            any column of the posts, those of `--keep` included.

        Returns
        -------
        DataFrame
            One row a part and thing that at least three accounts carry: part, unit, unit_id, name,
            accounts and accounts_of (of the part), rest and rest_of (all other parts), posts,
            rest_posts, log_odds with low and high (95 %, shrunken; Monroe et al. 2008), p_value,
            q_value (Benjamini-Hochberg over all rows), evidence (earliest post of the part). The
            surest excess stands first. Ids are real; see `redactor` before anything leaves.

        Raises
        ------
        SettingsError, InputError
            When the case cannot be parted that way, with the ways that it can.
        """
        from narrashift.comparing import compare_in

        frame: pd.DataFrame = compare_in(self, by).to_pandas()
        return frame

    def accounts_on(self, target: str, stance: str, *, least_score: float = 0.0) -> pd.DataFrame:
        """Tell who posted talking points that the analyst's labels put for or against a target.

        Parameters
        ----------
        target, stance
            As in the labels: `narrashift label CASE --narrative ID --target NAME --stance against`.
        least_score
            Leaves out what labels spread to with a lower score (0..1).

        Returns
        -------
        DataFrame
            One row an account, most posts first: account_id, points, posts, reposts, said_posts (on
            talking points that were themselves labelled), first_at, last_at, evidence (post ids).

        Raises
        ------
        InputError
            When the case holds no labels on that target.
        """
        from clustering.stances import accounts_on
        from corpus.errors import InputError

        stances = self.arrow.get("stances")
        known = [] if stances is None else sorted(set(stances.column("target").to_pylist()))
        if stances is None or target not in known:
            there = f"labels are on {', '.join(known)}" if known else "it has no labels yet"
            raise InputError(f"this case holds no label on {target!r}; {there}")
        frame: pd.DataFrame = accounts_on(
            target,
            stance,
            posts=self.arrow["posts"],
            point_posts=self.arrow["point_posts"],
            stances=stances,
            least_score=least_score,
        ).to_pandas()
        return frame

    def about(self, narrative_id: str) -> pd.DataFrame:
        """Tell whom and what a narrative names, the analyst's targets first, then most accounts.

        Parameters
        ----------
        narrative_id
            As in the table `narratives`.

        Returns
        -------
        DataFrame
            The narrative's rows of the table `named`: kind, name, posts, reposts, accounts,
            accounts_share, source, post_id, quote, start, end. Ids and handles are real; see
            `redactor` before anything leaves.

        Raises
        ------
        InputError
            When the case has no narrative of that id.
        """
        from clustering.named_rank import ranked
        from corpus.errors import InputError

        known = self.arrow.get("narratives")
        if known is None or narrative_id not in known.column("narrative_id").to_pylist():
            raise InputError(
                f"this case has no narrative {narrative_id!r}; ids stand in the table narratives"
            )
        if "named" not in self.arrow:
            raise InputError("this case was made before names were read; run analyze again")
        frame: pd.DataFrame = ranked(self.arrow["named"], narrative_id).to_pandas()
        return frame

    def account(self, account: str, *, redact: str | None = None) -> Page:
        """Return one account on one page: posts, ties, persona, role, fate, bursts, groups.

        Parameters
        ----------
        account
            Its id, its pseudonym in a report (resolved with the local key), or its handle.
        redact
            pseudonym, full or none; None: the case's own.

        Returns
        -------
        Page
            Shows itself in a notebook; `.html()`, `.to_dict()`.

        Raises
        ------
        SettingsError
            When no account, or more than one, is called so.
        """
        from narrashift.closer import page_of

        return page_of(self, account, ["account"], redact)

    def post(self, post: str, *, redact: str | None = None) -> Page:
        """Return one post on one page, by id or pseudonym; see `account`."""
        from narrashift.closer import page_of

        return page_of(self, post, ["post"], redact)

    def talking_point(self, point: str, *, redact: str | None = None) -> Page:
        """Return one talking point on one page, by id or its beginning; see `account`."""
        from narrashift.closer import page_of

        return page_of(self, point, ["point"], redact)

    def narrative(self, narrative: str, *, redact: str | None = None) -> Page:
        """Return one narrative on one page, by id or its beginning; see `account`."""
        from narrashift.closer import page_of

        return page_of(self, narrative, ["narrative"], redact)

    def posts_of(self, wanted: str) -> pd.DataFrame:
        """Return the posts of an account, talking point or narrative, oldest first.

        Parameters
        ----------
        wanted
            An id, a beginning of a hash, a pseudonym, or a handle.

        Returns
        -------
        DataFrame
            The columns of the table `posts`, with point_id and narrative_id. Ids are real; see
            `redactor` before anything leaves.

        Raises
        ------
        SettingsError
            When nothing, or more than one thing, is called so.
        """
        from narrashift.closer import posts_of

        frame: pd.DataFrame = posts_of(self, wanted).to_pandas()
        return frame

    def redaction(self, redact: str | None = None) -> str:
        """Return the mode of an output: the one asked for, else the case's own."""
        return redact or ("none" if self.manifest.reveal else self.settings.report.redact)

    def redactor(
        self,
        redact: str | None = None,
        *,
        quote: str | None = None,
        tlp: str | None = None,
        min_accounts: int | None = None,
        output: str = "",
    ) -> Redactor:
        """Return the redactor that an output of this analysis goes through.

        What is None is as the case's settings have it; `output` names it (report, csv, ...), for in
        mode `full` no two outputs share a label. Raises SettingsError for values that make no
        sense.
        """
        from reports.keys import load_key
        from reports.redaction import Redactor
        from reports.tlp import marking

        mode, own = self.redaction(redact), self.settings.report
        marked = marking(tlp or own.tlp)
        return Redactor.of(
            self.arrow,
            mode,
            b"" if mode == "none" else load_key(os.environ),
            quotes=quote or own.quote,
            public=own.public,
            output=output,
            min_accounts=own.min_accounts if min_accounts is None else min_accounts,
            tlp=marked.label if marked else None,
        )

    def save(self, folder: str | Path) -> Path:
        """Write tables, rejects, report and manifest as a case folder; return its path."""
        from narrashift.revealed import with_record
        from narrashift.reviewing import carry_over, judged

        target = Path(folder)
        usable_as_case(target)
        workspace = Workspace(target).create()
        carry_over(self._home, target)
        self.arrow.update(judged(target, self.arrow))
        workspace.publish(self.arrow)
        write_rejects(target / "rejects.jsonl", self.rejects)
        if "findings" in self.arrow:
            write_report_files(self, target / "report.html")
        digests = {
            name: file_digest(workspace.tables / f"{name}.parquet") for name in sorted(self.arrow)
        }
        self.manifest = with_record(replace(self.manifest, tables=digests), target)
        self.manifest.write(target)
        return target

    @classmethod
    def load(cls, folder: str | Path, *, without: Collection[str] = ()) -> Analysis:
        """Read a case folder back; raise WorkspaceError when it is not a finished case.

        Tables named in `without` are not read; such an analysis is for looking, not for saving.
        """
        source = Path(folder)
        manifest = Manifest.read(source)
        return cls.of_case(source, Workspace(source).published(without), manifest)

    @classmethod
    def of_case(cls, home: Path, tables: Mapping[str, pa.Table], manifest: Manifest) -> Analysis:
        """Return an analysis whose tables were read from the case folder `home`."""
        read = cls(tables, manifest, read_rejects(home / "rejects.jsonl"))
        read._home = home
        return read


def flat(sections: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Turn nested settings into `section.key` pairs."""
    pairs: dict[str, object] = {}
    for name, value in sections.items():
        if isinstance(value, Mapping):
            pairs.update(flat(value, f"{prefix}{name}."))
        else:
            pairs[f"{prefix}{name}"] = value
    return pairs
