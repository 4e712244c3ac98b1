"""Archives, compressed files and folders: what is in them is read as if it lay on the desk."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from corpus.errors import EmptyCorpus, InputError, UnknownFormat
from corpus.readers import Corpus, read
from corpus.readers import packed as packed_module
from corpus.readers.caps import MAX_MEMBERS, RATIO_FLOOR_BYTES
from corpus.readers.packed import members, open_packed


def rows(first: int, last: int) -> list[dict[str, str]]:
    return [
        {
            "post_id": f"{n:05d}",
            "account_id": f"a{n % 7}",
            "created_at": f"2020-07-{1 + n % 28:02d}T10:00:00Z",
            "text": f"متن شماره {n} می‌گوید 🙂, note {n}",
        }
        for n in range(first, last)
    ]


def ndjson(first: int, last: int) -> bytes:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows(first, last)).encode()


def csv_bytes(first: int, last: int) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["post_id", "account_id", "created_at", "text"])
    writer.writeheader()
    writer.writerows(rows(first, last))
    return out.getvalue().encode()


def parquet(first: int, last: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows(first, last)), out)
    return out.getvalue()


def content(corpus: Corpus) -> object:
    places = ["source_file", "source_row"]
    return corpus.posts.drop_columns(places).sort_by("post_id").to_pylist()


def zipped(path: Path, held: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return path


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("packer", sorted(PACKERS))
@pytest.mark.parametrize("make", [ndjson, csv_bytes, parquet])
def test_a_packed_file_reads_to_the_tables_of_the_plain_one(
    tmp_path: Path, packer: str, make: Callable[[int, int], bytes]
) -> None:
    plain, packed = tmp_path / "posts", tmp_path / f"posts.{packer}"
    plain.write_bytes(make(0, 50))
    packed.write_bytes(PACKERS[packer](make(0, 50)))
    assert content(read([packed])) == content(read([plain]))


def test_zstd_with_a_window_of_two_gibibytes_and_several_frames_is_read(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=31)
    packer = zstandard.ZstdCompressor(compression_params=parameters)
    path = tmp_path / "dump.zst"
    path.write_bytes(packer.compress(ndjson(0, 9)) + packer.compress(ndjson(9, 20)))
    assert read([path]).posts.num_rows == 20


def test_members_of_an_archive_are_named_and_read_in_the_order_of_their_names(
    tmp_path: Path,
) -> None:
    held = {
        "b/two.csv": csv_bytes(10, 20),
        "one.jsonl": ndjson(0, 10),
        "three.parquet": parquet(20, 30),
    }
    path = zipped(tmp_path / "dump.zip", held)
    corpus = read([path])
    assert [file.name for file in corpus.files] == [
        "dump.zip!/b/two.csv",
        "dump.zip!/one.jsonl",
        "dump.zip!/three.parquet",
    ]
    assert set(corpus.posts.column("source_file").to_pylist()) == {f.name for f in corpus.files}
    turned = zipped(tmp_path / "turned.zip", dict(reversed(held.items())))
    assert content(read([turned])) == content(corpus)
    assert [f.sha256 for f in read([turned]).files] == [f.sha256 for f in corpus.files]


def test_a_folder_stands_for_the_files_in_it_and_the_archives(tmp_path: Path) -> None:
    folder = tmp_path / "dump"
    (folder / "deep").mkdir(parents=True)
    (folder / "z.csv").write_bytes(csv_bytes(0, 10))
    (folder / "deep" / "a.jsonl.gz").write_bytes(gzip.compress(ndjson(10, 20)))
    zipped(folder / "more.zip", {"c.csv": csv_bytes(20, 30)})
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / ".DS_Store").write_bytes(b"\x00")
    corpus = read([folder])
    names = ["dump/deep/a.jsonl.gz", "dump/more.zip!/c.csv", "dump/z.csv"]
    assert [file.name for file in corpus.files] == names
    assert corpus.posts.num_rows == 30
    assert any("passed over: 1 (1 x .jpg)" in note for note in corpus.notes)


def test_a_folder_or_archive_without_rows_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"x")
    with pytest.raises(EmptyCorpus, match="1 other files, and none that ends"):
        read([tmp_path])
    with pytest.raises(EmptyCorpus, match="holds no file"):
        read([zipped(tmp_path / "nothing.zip", {})])


@pytest.mark.parametrize(
    "name", ["../out.csv", "/etc/out.csv", "C:\\out.csv", "a\\..\\out.csv", "a/../../b.csv"]
)
def test_a_member_that_leads_out_of_its_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name  # as given: ZipInfo itself would tidy it up
        archive.writestr(info, csv_bytes(0, 3))
    with pytest.raises(InputError, match="leads out of the archive"):
        read([path])


@pytest.mark.parametrize("inner", ["inner.zip", "inner.csv.gz", "inner.tar", "inner.7z"])
def test_an_archive_in_an_archive_is_refused(tmp_path: Path, inner: str) -> None:
    path = zipped(tmp_path / "outer.zip", {"a.csv": csv_bytes(0, 3), inner: b"x"})
    with pytest.raises(InputError, match="holds another archive or packed file"):
        read([path])


def test_a_file_packed_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(csv_bytes(0, 3))))
    with pytest.raises(UnknownFormat, match="packed twice"):
        read([path])


def test_a_tar_archive_is_named_as_one(tmp_path: Path) -> None:
    import tarfile

    path = tmp_path / "dump.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(csv_bytes(0, 3))
        archive.addfile(info, io.BytesIO(csv_bytes(0, 3)))
    with pytest.raises(UnknownFormat, match="is a tar archive"):
        read([path])


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", csv_bytes(0, 3))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", csv_bytes(3, 6))
    with pytest.raises(InputError, match=r"two files called 'a\.csv'"):
        read([path])


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "locked.zip", {"a.csv": csv_bytes(0, 3)})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="is encrypted"):
        read([path])


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", {f"{n}.csv": b"" for n in range(MAX_MEMBERS + 1)})
    with pytest.raises(InputError, match="unpack it and name the folder"):
        read([path])


def bomb(size: int) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w") as member,
    ):
        member.write(b"text\n")
        for _ in range(size >> 20):
            member.write(b"a" * (1 << 20))
    return out.getvalue()


def test_an_archive_that_opens_to_far_too_much_is_refused_by_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(bomb(2 * RATIO_FLOOR_BYTES))
    with pytest.raises(InputError, match="opens to more than 200 times its size"):
        read([path])


@pytest.mark.parametrize("packer", ["gz", "zst", "bz2", "xz"])
def test_a_stream_that_opens_to_far_too_much_is_stopped(
    tmp_path: Path, packer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_module, "RATIO_FLOOR_BYTES", 1 << 20)
    path = tmp_path / f"bomb.csv.{packer}"
    path.write_bytes(PACKERS[packer](b"text\n" + b"a" * (8 << 20)))
    with pytest.raises(InputError, match="opens to more than 200 times its size"):
        read([path])


@pytest.mark.parametrize("packer", sorted(PACKERS))
def test_a_packed_file_cut_off_anywhere_is_an_error_in_one_sentence(
    tmp_path: Path, packer: str
) -> None:
    whole = PACKERS[packer](ndjson(0, 4_000))
    path = tmp_path / f"cut.jsonl.{packer}"
    for cut in random.Random(1).sample(range(8, len(whole) - 1), 6):
        path.write_bytes(whole[:cut])
        try:
            corpus = read([path])
        except InputError as error:
            assert "\n" not in str(error)
        else:
            pytest.fail(f"cut at {cut} of {len(whole)} it read as {corpus.posts.num_rows} posts")


def test_a_flipped_bit_in_an_archive_never_passes_for_data(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip", {"a.csv": csv_bytes(0, 200)}).read_bytes()
    chance, path = random.Random(2), tmp_path / "flipped.zip"
    expected = content(read([tmp_path / "whole.zip"]))
    for _ in range(60):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(data))
        packed_module._members.cache_clear()  # size and time may be those of the last one
        try:
            assert content(read([path])) == expected
        except InputError as error:
            assert "\n" not in str(error)


def test_members_open_one_at_a_time_without_unpacking_to_disk(tmp_path: Path) -> None:
    path = zipped(tmp_path / "dump.zip", {"a.csv": csv_bytes(0, 10)})
    before = set(tmp_path.iterdir())
    (name,) = members(path)
    with open_packed(tmp_path / "dump.zip!" / name) as stream:
        assert stream.read() == csv_bytes(0, 10)
    assert set(tmp_path.iterdir()) == before
