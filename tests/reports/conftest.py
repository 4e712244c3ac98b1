"""A small hand-made case: an invented country, four languages, hostile texts, planted shifts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from corpus.identity import content_id
from corpus.settings import Event, Report, Settings
from corpus.tables import ALL
from reports.redaction import Redactor

START = datetime(2031, 5, 1, 8, 0, tzinfo=UTC)
EVENT = (datetime(2031, 5, 10, 6, 0, tzinfo=UTC), datetime(2031, 5, 12, 18, 0, tzinfo=UTC))
KEY = b"a key for tests, 32 characters.."

# Each runs something in a page that trusts it; in ours it must stand there as text.
PAYLOADS = [
    "<script>window.hit=1</script>",
    "<img src=x onerror='window.hit=2'>",
    '"><svg onload=window.hit=3>',
    "</style></title><script>window.hit=4</script>",
    "javascript:window.hit=5//http://a.example/",
    "{{ 7*7 }}{% include 'x' %}<a href=javascript:window.hit=6>x</a>",
    "]]><!--<script>window.hit=7</script>-->",
    "<iframe srcdoc='<script>parent.hit=8</script>'></iframe>",
    "</script><script>window.hit=9</script>\u2028\u202e\x00\x1b[31m",
]

# narrative: (lang, terms, one text a talking point)
STORIES: list[tuple[str, list[str], list[str]]] = [
    (
        "en",
        ["summit", "paid", "actors", "velmora", "exile"],
        [
            "The Velmora summit is a stage for paid actors and foreign money. Nobody at home asked"
            " for it #NoSummit",
            "Ask the exile council who paid for the hall, the flights and the hotel in Port Aldane",
        ],
    ),
    (
        "fa",
        ["نشست", "نمایش", "خارج", "مردم"],
        [
            "این نشست نمایشی است که از خارج هدایت می‌شود و مردم ولمورا آن را نمی‌خواهند #نشست",
            "مردم ما نان می‌خواهند، نه نمایش در هتل‌های خارج",
        ],
    ),
    (
        "ar",
        ["القمة", "فلمورا", "الشعب"],
        ["هذه القمة لا تمثل شعب فلمورا ولا تتحدث باسم الفقراء في المدن البعيدة"],
    ),
    (
        "fr",
        ["sommet", "avenir", "jeunesse"],
        ["Le sommet de Velmora donne enfin la parole à la jeunesse et à l'avenir du pays"],
    ),
]
NAMES = ["Mira Toll", "Ardeshir کوهی", "Nadia Ferrow", "سمیه دریا", "Jonas Brenn", "Café Velmora"]


class Rows:
    """Rows of every table while the case is being written."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ALL}

    def add(self, table: str, **values: Any) -> None:
        self.rows[table].append(values)

    def tables(self) -> dict[str, pa.Table]:
        return {name: ALL[name].from_rows(rows) for name, rows in self.rows.items() if rows}


def account(number: int) -> str:
    return f"77{number:08d}"


def handle(number: int) -> str:
    return f"river_{number:03d}"


def post(case: Rows, number: int, who: int, at: datetime | None, text: str, **more: Any) -> str:
    post_id = f"19{number:016d}"
    row: dict[str, Any] = {
        "post_id": post_id, "platform": "x", "account_id": account(who), "created_at": at,
        "time_precision": "second" if at else "unknown", "text": text, "kind": "post", "urls": [],
        "hashtags": [], "mentions": [], "handle": handle(who), "source_file": "posts.csv",
        "source_row": number, "url": f"https://x.com/{handle(who)}/status/{post_id}",
    }  # fmt: skip
    case.add("posts", **(row | more))
    return post_id


def variant(text: str, turn: int) -> str:
    """What a copying account changes: nothing, a mention before it, a word, an emoji."""
    words = text.split(" ")
    if turn % 7 == 3:
        return f"@{handle(turn % 20)} {text}"
    if turn % 7 == 5:
        return " ".join([*words[:2], "really", *words[2:]])
    if turn % 7 == 6:
        return f"{text} 👨‍👩‍👧"
    return text


def story(case: Rows, index: int) -> None:
    """One narrative with its talking points, posts, timeline and membership."""
    lang, terms, texts = STORIES[index]
    narrative_id = f"narrative{index}"
    posts, accounts, medoid, times = 0, set(), "", []
    for place, text in enumerate(texts):
        point_id, members = f"point{index}{place}", []
        for turn in range(60 - 14 * index - 9 * place):
            number = 1000 * index + 300 * place + turn
            at = EVENT[0] + timedelta(hours=index, minutes=17 * turn * (1 + place))
            who = (turn * 3 + index) % 90
            post_id = post(case, number, who, at, variant(text, turn), lang=lang)
            case.add("point_posts", post_id=post_id, point_id=point_id, similarity=1.0)
            case.add(
                "texts", post_id=post_id, text_norm=variant(text, turn).lower(), script="",
                lang=lang, lang_score=0.9, tokens=9,
            )  # fmt: skip
            members.append((post_id, who, at))
        accounts |= {who for _, who, _ in members}
        times += [at for _, _, at in members]
        posts += len(members)
        medoid = medoid or members[0][0]
        case.add(
            "talking_points", point_id=point_id, exemplar_id=members[0][0], posts=len(members),
            reposts=0, accounts=len({who for _, who, _ in members}), first_at=members[0][2],
            last_at=members[-1][2], exact_share=0.57,
        )  # fmt: skip
        case.add(
            "narrative_points", point_id=point_id, narrative_id=narrative_id, membership=0.9,
            assigned_by="density", nearest_id=narrative_id, nearest_score=0.9,
        )  # fmt: skip
    case.add(
        "narratives", narrative_id=narrative_id, label=", ".join(terms[:3]), terms=terms, lang=lang,
        medoid_post_id=medoid, quote=texts[0], points=len(texts), posts=posts, reposts=0,
        accounts=len(accounts), first_at=min(times), last_at=max(times), persistence=0.2,
        embedder="fitted",
    )  # fmt: skip


def lonely(case: Rows, number: int, text: str, at: datetime | None) -> str:
    """A post like no other, outside every narrative."""
    post_id = post(case, number, number % 90, at, text)
    point_id = content_id("point", post_id)
    case.add("point_posts", post_id=post_id, point_id=point_id, similarity=1.0)
    case.add(
        "talking_points", point_id=point_id, exemplar_id=post_id, posts=1, reposts=0, accounts=1,
        first_at=at, last_at=at, exact_share=1.0,
    )  # fmt: skip
    return post_id


def snapshot(case: Rows, who: int, at: datetime, **more: Any) -> str:
    number = len(case.rows["profiles"])
    snapshot_id = f"snapshot{number:05d}"
    row: dict[str, Any] = {
        "snapshot_id": snapshot_id, "platform": "x", "account_id": account(who), "observed_at": at,
        "basis": "retrieved", "handle": handle(who), "display_name": NAMES[who % len(NAMES)],
        "bio": "Tea, trains and long walks", "location": "Port Aldane", "state": "active",
        "source_file": "profiles.jsonl", "source_row": number, "followers": 10 * who,
    }  # fmt: skip
    case.add("profiles", **(row | more))
    return snapshot_id


def shift(case: Rows, who: int, attribute: str, kind: str, level: int, **sides: Any) -> None:
    before, after = sides.pop("before"), sides.pop("after")
    lanes = attribute != "gender"
    field = sides.pop("field", "bio")
    at = START + timedelta(days=2)
    column = {"bio": "bio", "name": "display_name"}[field]
    first = snapshot(case, who, at, **{column: before[1]})
    second = snapshot(case, who, at + timedelta(days=5), **{column: after[1]})
    row: dict[str, Any] = {
        "shift_id": f"shift{who}", "account_id": account(who), "attribute": attribute,
        "kind": kind, "level": level, "before": before[0], "after": after[0],
        "quote_before": before[1], "quote_after": after[1], "before_source": first,
        "after_source": second, "before_field": field, "after_field": field, "before_start": 0,
        "before_end": len(before[1]), "after_start": 0, "after_end": len(after[1]),
        "at_before": at, "at_after": at + timedelta(days=5), "gap_s": 432_000,
        "reasons": [
            f"On one day the bio said «{before[1]}»; on another «{after[1]}»",
            "both statements were kept up for more than a day",
        ],
        "caveats": ["the account may have changed hands"], "score": 1.5,
    }  # fmt: skip
    case.add("shifts", **(row | sides))
    for source, seen in ((first, at), (second, at + timedelta(days=5))) if lanes else ():
        shown = next(r for r in case.rows["profiles"] if r["snapshot_id"] == source)
        for name, held in (("handle", "handle"), ("name", "display_name"), ("bio", "bio")):
            case.add(
                "profile_lanes", account_id=account(who), field=name, value=shown[held],
                from_at=seen, to_at=seen + timedelta(days=2), snapshots=3, source_id=source,
            )  # fmt: skip


def personas(case: Rows) -> None:
    """Shifts of every level, an account that was renamed, one suspended, coverage."""
    shift(
        case,
        4,
        "affiliation",
        "contradiction",
        2,
        before=("monarchist", "Proud monarchist. The crown is our home 👑"),
        after=("communist", "Communist. Workers of Velmora, unite!"),
    )
    shift(
        case,
        5,
        "affiliation",
        "contradiction",
        2,
        before=("monarchist", "هوادار پادشاهی، عاشق ولمورا"),
        after=("communist", "کمونیست، کارگر، نویسنده"),
    )
    shift(
        case,
        6,
        "identity",
        "re_identity",
        3,
        field="name",
        score=None,
        before=("Nadia Ferrow", "Nadia Ferrow"),
        after=("Captain Oss", "Captain Oss"),
        reasons=["90 days of silence before the change", "1,200 posts deleted"],
    )
    shift(
        case,
        7,
        "identity",
        "re_identity",
        1,
        field="name",
        before=("سمیه دریا", "سمیه دریا"),
        after=("Lena Weir", "Lena Weir"),
    )
    shift(
        case,
        8,
        "gender",
        "gender",
        1,
        before=("man", "father of two"),
        after=("woman", "mother of two"),
        caveats=[],
    )
    shift(
        case,
        9,
        "occupation",
        "elaboration",
        0,
        before=("engineer", "engineer"),
        after=("software engineer", "software engineer"),
    )
    for who in range(10, 60):
        snapshot(case, who, START, bio=PAYLOADS[who % len(PAYLOADS)])
    for who in range(90):
        known = 4 <= who <= 9
        case.add(
            "persona_coverage", account_id=account(who), snapshots=2 if known else int(who > 9),
            distinct_states=2 if known else 1, posts=3, claims=0, assessable=known,
            reason="" if known else "single snapshot, shift cannot be assessed",
        )  # fmt: skip
    case.add(
        "account_events",
        account_id=account(12),
        kind="renamed",
        at=START,
        before="river_012",
        after="Velmora_Watch9",
        source_file="profiles.jsonl",
        source_row=14,
    )
    case.add(
        "account_events",
        account_id=account(13),
        kind="suspended",
        at=None,
        before="active",
        after="suspended",
        source_file="removed.csv",
        source_row=0,
    )


def beside_the_cards(case: Rows) -> None:
    """Claims over time, edits, a shared bio, a reused handle, a rename, accounts known by posts."""
    for value, day in (("monarchist", 2), ("communist", 7)):
        at = START + timedelta(days=day)
        case.add(
            "personas", account_id=account(4), attribute="affiliation", value=value, from_at=at,
            to_at=at + timedelta(days=2), claims=1,
        )  # fmt: skip
    rate = {"accounts": 90, "account_years": 12.5, "edits": 75, "edits_per_account_year": 6.0,
            "dispersion": 1.5, "accounts_with_edits": 40, "weeks": 8, "busiest_week": START,
            "busiest_week_ratio": 2.0}  # fmt: skip
    case.add("persona_base_rates", field="bio", **rate)
    case.add(
        "persona_edits", account_id=account(4), field="bio", edits=9, expected=1.2, p_value=1e-6,
        q_value=1e-5, unusual=True,
    )  # fmt: skip
    for who in (20, 21, 22):
        bio = f"Tea and trains {PAYLOADS[0]}"
        case.add(
            "bio_templates", template_id="template1", account_id=account(who), accounts=3, texts=2,
            quote=bio, source_id=snapshot(case, who, START, bio=bio), first_at=START,
        )  # fmt: skip
    case.add(
        "account_events", account_id=account(30), kind="handle_reused", at=START,
        before=account(31), after="river_031", source_file="profiles.jsonl", source_row=3,
    )  # fmt: skip
    case.add(
        "rename_contexts", account_id=account(12), at=START, before="river_012",
        after="Velmora_Watch9", posts_before=40, posts_after=60, lang_before="en",
        lang_share_before=0.9, lang_after="fa", lang_share_after=0.8, topic_before="harbor",
        topic_after="summit", topic_divergence=0.9, words_before=["harbour"],
        words_after=["bread"],
        reasons=["Before the new handle most posts were about «harbor», after it about «summit»."],
    )  # fmt: skip
    text = f"I am a teacher from Port Aldane {PAYLOADS[3]}"
    said = post(case, 8000, 40, START + timedelta(hours=3), text)
    case.add(
        "claims", claim_id="claim1", account_id=account(40), attribute="occupation",
        value="teacher", status="asserted", grade="P", quote="I am a teacher", field="post",
        source_id=said, start=0, end=14, said_at=START + timedelta(hours=3), rule_id="r",
        strength=1.0, n_snapshots=1,
    )  # fmt: skip
    case.add(
        "post_habits", account_id=account(40), month_start=START.replace(day=1, hour=0), posts=3,
        lang="fa", lang_share=2 / 3, hours=[0.0] * 8 + [2.0] + [0.0] * 14 + [1.0], timed_posts=3,
        topic="summit, paid", topic_share=1 / 3,
    )  # fmt: skip


def make_tables() -> dict[str, pa.Table]:
    case = Rows()
    for index in range(len(STORIES)):
        story(case, index)
    for turn, text in enumerate(PAYLOADS):
        lonely(case, 5000 + turn, text, START + timedelta(hours=5 * turn))
    for turn in range(120):
        at = START + timedelta(hours=2 * turn)
        lonely(case, 6000 + turn, f"Morning walk number {turn}, then tea at the harbour", at)
    lonely(
        case,
        7000,
        "written by river_003 or by Nadia Ferrow, see mail nadia@ferrow.example"
        f" and https://x.com/river_004/status/{'19' + '0' * 15 + '1'}?s=20",
        None,
    )
    personas(case)
    beside_the_cards(case)
    return case.tables()


def make_manifest() -> dict[str, Any]:
    return {
        "version": "0.1.0", "code": "abc", "created_at": "2031-06-01T00:00:00Z", "engine": "local",
        "seed": 0, "reveal": False, "gender": True,
        "settings": Settings(event=Event("2031-05-10T06:00:00Z", "2031-05-12T18:00:00Z")).to_dict(),
        "files": [
            {"name": "posts.csv", "sha256": "11" * 32, "format": "csv", "rows_read": 460,
             "rows_kept": 455, "rejected": {"duplicate": 4, "no text": 1},
             "notes": ["times have no zone; UTC was assumed"]},
            {"name": "profiles.jsonl", "sha256": "22" * 32, "format": "jsonl", "rows_read": 62,
             "rows_kept": 62, "rejected": {}, "notes": []},
        ],
        "notes": [
            {"stage": "read", "sentence": "posts.csv: times have no zone; UTC was assumed"},
            {"stage": "narratives", "sentence": "12 talking points stayed outside"},
        ],
        "facts": {"embedders": {"en": "minilm", "fa": "fitted"}},
        "libraries": {"numpy": "2.4.6", "pandas": "3.1.1"},
        "platform": {"system": "Linux", "machine": "x86_64", "python": "3.11.9"},
        "stages": [{"name": "read", "rows": 455, "seconds": 0.61, "peak_mib": 91.7}],
        "tables": {},
    }  # fmt: skip


@pytest.fixture(scope="session")
def tables() -> dict[str, pa.Table]:
    """The case's tables, each keeping its contract."""
    return make_tables()


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Settings with the event and a hostile title."""
    event = Event("2031-05-10T06:00:00Z", "2031-05-12T18:00:00Z")
    return Settings(event=event, report=Report(title="Velmora summit <b>2031</b>"))


@pytest.fixture
def manifest() -> dict[str, Any]:
    """A manifest of the shape that `corpus.manifest` writes."""
    return make_manifest()


@pytest.fixture(scope="session")
def redactor(tables: dict[str, pa.Table]) -> Redactor:
    """A redactor in the default mode."""
    return Redactor.of(tables, "pseudonym", KEY)


@pytest.fixture(scope="session")
def payloads() -> list[str]:
    """Nine texts that would run something in a page that trusts them."""
    return PAYLOADS
