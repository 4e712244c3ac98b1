"""Persona tracking for whoever works in data frames, in the manner of scikit-learn.

In: data frames of profiles and, if there are any, posts. Out: the result tables as data frames, in
attributes that end in an underscore. It refuses frames that lack a needed column. The work itself
is that of `personas.tracker`, which the pipeline runs.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from corpus.progress import Silent
from corpus.settings import Camp, Personas
from corpus.tables import FATES, canonical
from engines.local import LocalEngine
from personas.events import fates
from personas.frames import posts_table, profiles_table
from personas.postlog import read_posts
from personas.tracker import track_personas


class PersonaTracker:
    """Follow claimed identities in data frames; results end in an underscore.

    Parameters
    ----------
    gender : bool
        False switches the attribute off everywhere.
    languages : tuple of str
        Lexicons to use; empty means all.
    prior : float
        Share of accounts per year for which a replaced identity is expected, shown beside three
        fixed ones.
    lexicons : str or None
        Folder with lexicons of this case beside the shipped ones.
    camps : tuple of Camp
        Camps of this case (`corpus.settings.Camp`).

    Attributes (after `fit`)
    ------------------------
    claims_, timeline_, shifts_, fates_, coverage_, events_ : DataFrame
        The tables `claims`, `personas`, `shifts`, `fates`, `persona_coverage`, `account_events`.
    """

    def __init__(
        self,
        gender: bool = True,
        languages: tuple[str, ...] = (),
        prior: float = 0.01,
        *,
        lexicons: str | None = None,
        camps: tuple[Camp, ...] = (),
    ) -> None:
        self.gender, self.languages, self.prior = gender, languages, prior
        self.lexicons, self.camps = lexicons, camps

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; `deep` is accepted as scikit-learn passes it."""
        names = ("gender", "languages", "prior", "lexicons", "camps")
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> PersonaTracker:
        """Set parameters by name; an unknown one is a ValueError."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"no parameter {name!r}; known: {', '.join(known)}")
            setattr(self, name, value)
        return self

    def fit(self, profiles: pd.DataFrame, posts: pd.DataFrame | None = None) -> PersonaTracker:
        """Follow the accounts of `profiles` (account_id, observed_at, fields) and `posts`.

        Raises SchemaError when a needed column is missing.
        """
        post_rows = posts_table(posts)
        tables = track_personas(
            LocalEngine(),
            posts=post_rows,
            profiles=profiles_table(profiles),
            settings=Personas(**self.get_params()),
            progress=Silent(),
        )
        self.claims_ = tables.claims.to_pandas()
        self.timeline_ = tables.personas.to_pandas()
        self.shifts_ = tables.shifts.to_pandas()
        self.coverage_ = tables.persona_coverage.to_pandas()
        self.events_ = tables.account_events.to_pandas()
        ended = fates(tables.account_events.to_pylist(), read_posts(post_rows))
        self.fates_ = canonical(FATES.from_rows(ended), FATES).to_pandas()
        return self
