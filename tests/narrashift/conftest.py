"""A small corpus written by hand for the facade's tests: invented accounts, invented parties."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SLOGANS = [
    ("en", "The Harbor Union summit in Velmora is paid for by foreign money and must be stopped"),
    ("fa", "نشست بندرگاه در ولمورا با پول بیگانه برگزار می‌شود و باید متوقف شود همین امروز"),
    ("ar", "قمة الميناء في فلمورا ممولة من الخارج ويجب أن تتوقف اليوم قبل فوات الأوان"),
]
CHATTER = [
    "made {} for dinner and the whole street came to ask what smelled so good",
    "the tram on line {} is late again and nobody at the stop is surprised",
    "finally finished reading chapter {} of that long book about lighthouses",
    "training for the half marathon, {} kilometres this morning in light rain",
    "our cat discovered the {} and has refused to leave it since breakfast",
]
THINGS = [
    "soup",
    "seven",
    "twelve",
    "bread",
    "balcony",
    "eleven",
    "piano",
    "basket",
    "nine",
    "stew",
]


def _posts() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number in range(60):
        lang, slogan = SLOGANS[number % 3]
        tail = ["", " #Velmora", " 😡", " @harbor_desk"][number % 4]
        rows.append(
            {
                "post_id": f"9{number:017d}",
                "account_id": f"{1000 + number % 20}",
                "handle": f"user_{number % 20}",
                "created_at": f"2020-07-17T{number % 24:02d}:{number % 60:02d}:00Z",
                "text": slogan + tail,
                "lang": lang,
            }
        )
    for number in range(140):
        text = CHATTER[number % 5].format(THINGS[number // 5 % 10])
        rows.append(
            {
                "post_id": f"8{number:017d}",
                "account_id": f"{1000 + number % 37}",
                "handle": f"user_{number % 37}",
                "created_at": f"2020-07-{1 + number % 28:02d}T12:{number % 60:02d}:00Z",
                "text": f"{text}, note {number}",
                "lang": "en",
            }
        )
    return rows


def _profiles() -> list[dict[str, object]]:
    states = [
        ("2020-05-01", "Mira K", "mira_k", "monarchist. engineer. tea and long walks"),
        ("2020-05-20", "Mira K", "mira_k", "monarchist. engineer. tea and long walks"),
        ("2020-06-20", "Mira K", "mira_k", "communist. engineer. tea and long walks"),
        ("2020-07-25", "Mira K", "mira_k", "communist. engineer. tea and long walks"),
        ("2020-08-25", "Mira K", "mira_kay", "communist. engineer. tea and long walks"),
    ]
    rows: list[dict[str, object]] = []
    for account in range(1000, 1012):
        for at, name, handle, bio in states:
            mine = account == 1000
            rows.append(
                {
                    "account_id": str(account),
                    "observed_at": f"{at}T00:00:00Z",
                    "handle": handle if mine else f"user_{account - 1000}",
                    "display_name": name if mine else f"Person {account}",
                    "bio": bio if mine else "gardener, reader of maps",
                    "location": "",
                }
            )
    return rows


def _write(path: Path, rows: list[dict[str, object]]) -> Path:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 posts in three languages, 60 of them copies of three slogans."""
    return _write(tmp_path_factory.mktemp("small") / "posts.jsonl", _posts())


@pytest.fixture(scope="session")
def small_profiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five snapshots each of 12 accounts; one changes its stated camp and its handle."""
    return _write(tmp_path_factory.mktemp("small") / "profiles.jsonl", _profiles())


THEMES = {
    "en": [
        "stop the bridge levy in Velmora now",
        "the bridge levy robs every worker in Velmora",
        "no to the bridge levy, Velmora cannot pay",
        "who pays the bridge levy? Velmora does, stop it",
        "the levy on the bridge must go, says Velmora",
    ],
    "en ": [
        "the harbour lights were lovely again tonight",
        "a calm evening at the harbour, lights on the water",
        "walked by the harbour, all the lights are on",
        "harbour lights and a cold wind tonight",
        "the lights of the harbour never get old",
    ],
    "fa": [
        "عوارض پل ولمورا را همین امروز لغو کنید",
        "عوارض پل جیب هر کارگر ولمورا را خالی می‌کند",
        "نه به عوارض پل، ولمورا توان پرداخت ندارد",
        "عوارض پل را چه کسی می‌دهد؟ مردم ولمورا",
        "عوارض پل باید برود، این را ولمورا می‌گوید",
    ],
}


def _desk_posts() -> list[dict[str, object]]:
    """Three messages, each in five wordings, copied by eight accounts with small changes."""
    rows: list[dict[str, object]] = []
    for theme, (lang, texts) in enumerate(THEMES.items()):
        for copy in range(8):
            for number, text in enumerate(texts):
                more = ("واقعا " if lang == "fa" else "indeed ") * (copy % 4)
                rows.append(
                    {
                        "post_id": f"6{theme}{number}{copy:015d}",
                        "account_id": f"{1000 + theme * 8 + copy}",
                        "handle": f"writer_{theme}_{copy}",
                        "created_at": f"2020-07-17T{copy + theme:02d}:{number:02d}:00Z",
                        "text": f"{text} {more}".strip(),
                        "lang": lang.strip(),
                    }
                )
    return rows


@pytest.fixture(scope="session")
def desk_posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 posts on three messages in two languages."""
    return _write(tmp_path_factory.mktemp("desk") / "posts.jsonl", _desk_posts())


@pytest.fixture(scope="session")
def desk_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pseudonym key of `desk_case`."""
    return tmp_path_factory.mktemp("desk") / "key"


@pytest.fixture(scope="session")
def desk_case(
    tmp_path_factory: pytest.TempPathFactory,
    desk_posts: Path,
    small_profiles: Path,
    desk_key: Path,
) -> Path:
    """An analysed case of those posts and profiles, to read or to copy; nobody changes it."""
    from corpus.settings import Settings
    from narrashift.api import analyze_files

    folder = tmp_path_factory.mktemp("desk") / "case"
    settings = Settings.load(overrides={"narratives.embedder": "fitted"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(desk_key))
        patch.setenv("SOURCE_DATE_EPOCH", "1595030400")
        analyze_files([desk_posts], [small_profiles], out=folder, settings=settings)
    return folder
