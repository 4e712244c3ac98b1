"""Contracts of what analysts decided about a case, and of how well coders agreed."""

from __future__ import annotations

from corpus.tables.contract import table

DECISIONS = table(
    "decisions",
    "What analysts decided about findings and narratives, in order; nothing is ever deleted.",
    """
    decision_id str        content hash of the decision
    number i64             place in the file, from 1
    decided_at ts
    who str?               the coder's or analyst's name, when given
    action str             confirm, dismiss, note, rename, merge, pin or undo
    takes_back str?        undo: which kind of decision; null: all on that thing
    scope str              finding, narrative, point or shift
    kind str?              the finding's or shift's kind
    target_id str          its id when this was decided
    now_id str?            the same thing in the tables of now; null: not found again
    found_by str?          id or posts; null: not found again
    into_id str?           merge: the narrative that it was merged into, as of now
    words str?             the title, the note or the reason
    holds bool             no later decision replaced it or took it back
    evidence list<str>     post or snapshot ids by which it is found again
    """,
)
AGREEMENT = table(
    "agreement",
    "How coders who did not see our level judged a sample of findings, and how well they agreed.",
    """
    sheet_id str
    scope str              shifts, narratives, ties or talking_points
    kind str               kind of the findings; all: of the whole sheet
    read_at ts             when the sheets came back
    coders i64
    items i64              findings that were judged by at least one coder
    alpha f64?             Krippendorff's, nominal, control items included; null: not defined
    alpha_low f64?         95 %, bootstrap over items
    alpha_high f64?
    confirmed i64          findings that most coders affirmed
    rejected i64           findings that most coders denied
    tied i64               as many yes as no
    unclear i64            neither yes nor no said by most
    precision f64?         confirmed of confirmed and rejected; null: none of them
    precision_low f64?     95 %, Wilson
    precision_high f64?
    controls i64           control items that were judged
    controls_affirmed i64  of these, affirmed by most: what coders call a finding anyway
    answers i64            answers given, control items included
    unclear_answers i64    of these, unclear
    """,
)
