"""The real files, where they have been fetched: what was counted when they were first opened."""

import numpy as np
import pytest
import torch

from erlangen.data import (
    DataSet,
    TensorPair,
    cache_folder,
    catalogue,
    chlamydia,
    colin27_head,
    decode,
    dna_sites,
    gc_share,
    load,
    mni,
    motifs,
    profile,
    read_fasta,
    read_genbank,
    read_nifti,
    reverse_complement,
    splice,
)


def fetched(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not catalogue()[name].is_here, reason=f"needs `erlangen data fetch {name}`")


@fetched("rotated-mnist")
def test_rotated_mnist() -> None:
    data = load("rotated-mnist")
    assert [len(pair) for pair in data.parts.values()] == [10_000, 2_000, 50_000]
    assert data.counts()["train"] == [1011, 1117, 960, 1006, 986, 878, 955, 1060, 1008, 1019]


@fetched("nuclei")
def test_nuclei() -> None:
    data = load("nuclei")
    assert [len(pair) for pair in data.parts.values()] == [24, 8, 32]
    assert data.counts() == {"train": [78157, 20147], "validation": [23459, 9309], "test": [108302, 22770]}
    assert load("nuclei-borders").counts()["test"] == [108302, 17881, 4889]


@fetched("mni-tissue")
def test_mni_tissue() -> None:
    folder, kinds = cache_folder() / mni.KEPT, ("t1", "gm", "wm")
    t1, grey, white = (read_nifti(folder / mni.NAME.format(kind)).values[0, 0].numpy() for kind in kinds)
    assert np.bincount(mni.tissue(t1, grey, white).ravel()).tolist() == [6_788_750, 174_936, 1_079_599, 632_004]
    assert np.array_equal(t1, t1[::-1])  # why the parts are not apart from left to right
    assert [len(pair) for pair in load("mni-tissue").parts.values()] == [155, 12, 33]


@fetched("colin27-sides")
def test_colin27() -> None:
    x, y = colin27_head()
    mean = [float((y[0] == side).nonzero()[:, 0].double().mean()) for side in (1, 2)]
    assert mean[0] < 45 < mean[1] and not torch.equal(x, x.flip(2))
    x, y = colin27_head(symmetric=True)
    assert torch.equal(x, x.flip(2)) and torch.equal(torch.tensor([0, 2, 1])[y.flip(1)], y)
    assert [len(pair) for pair in load("colin27-mirrored").parts.values()] == [64, 8, 30]


@fetched("mutag")
def test_mutag() -> None:
    data = load("mutag")
    pool = data.train.joined(data.validation, data.test)
    assert [int((pool.targets == c).sum()) for c in (0, 1)] == [63, 125]
    assert len(pool.inputs.x) == 3371 and pool.inputs.edge_index.shape == (2, 7442)
    assert (data.channels, data.train.edge_features) == (7, 4)
    tested = [data.fold(i, 10, 0.1, 0).test for i in range(10)]
    assert sum(map(len, tested)) == 188 and {len(part) for part in tested} == {18, 19}


@fetched("solubility")
def test_solubility() -> None:
    data = load("solubility")
    assert [len(pair) for pair in data.parts.values()] == [871, 154, 257]
    assert data.counts()["test"] == [102, 115, 40] and data.channels == 12


@fetched("cells")
def test_cells() -> None:
    pytest.importorskip("h5py")
    data = load("cells")
    assert [pair.asked for pair in data.parts.values()] == [207, 142, 351] and len(data.classes) == 10
    assert data.train.inputs.edge_index.shape == (2, 9992) and len(data.train.inputs.x) == 700


def either(letters: str) -> str:
    """One name for a sequence and its reverse complement."""
    return min(letters, reverse_complement(letters))


def check_apart(data: DataSet) -> None:
    """No sequence is there twice, on neither strand: so none is in two parts."""
    spelt = [either(decode(x).strip("-")) for pair in data.parts.values() for x in pair.inputs]
    assert len(set(spelt)) == len(spelt)


def area(pair: TensorPair, score: torch.Tensor) -> float:
    metrics = pytest.importorskip("sklearn.metrics")
    return float(metrics.roc_auc_score(pair.targets, score))


def sharing(sequences: list[str], k: int) -> int:
    """How many have k letters in a row that another one has, too, on either strand."""
    holders: dict[str, set[int]] = {}
    for i, letters in enumerate(sequences):
        for start in range(len(letters) - k + 1):
            holders.setdefault(either(letters[start : start + k]), set()).add(i)
    return len({i for some in holders.values() if len(some) > 1 for i in some})


@fetched("nucleosomes")
def test_nucleosomes() -> None:
    data = load("nucleosomes")
    assert data.counts() == {"train": [1380, 1363], "validation": [345, 341], "test": [575, 568]}
    assert data.size == (147,)
    check_apart(data)
    together = data.train.joined(data.validation, data.test)
    assert set(together.inputs.sum(1).unique().tolist()) == {1}  # no letter is unknown
    assert sharing([decode(x) for x in together.inputs], 50) == 213
    assert area(data.test, gc_share(data.test.inputs)) == pytest.approx(0.716, abs=0.001)
    lengths = [len(record.sequence) for record in read_fasta(cache_folder() / dna_sites.KEPT / "H_sapiens_pos.fasta")]
    assert sorted(lengths) == [78] + [147] * 2272


@fetched("dnase")
def test_dnase() -> None:
    data = load("dnase")
    assert data.counts() == {"train": [442, 168], "validation": [111, 42], "test": [184, 70]}
    assert data.size == (275,)
    check_apart(data)
    together = data.train.joined(data.validation, data.test)
    lengths = together.inputs.sum((1, 2))
    assert lengths.aminmax() == (220, 275) and int((lengths % 2 == 0).sum()) == 453
    assert sharing([decode(x).strip("-") for x in together.inputs], 50) == 4
    assert area(data.test, gc_share(data.test.inputs)) == pytest.approx(0.717, abs=0.001)
    assert area(together, lengths) == pytest.approx(0.482, abs=0.001)


@fetched("chlamydia-genes")
def test_chlamydia() -> None:
    pytest.importorskip("Bio")
    genome = read_genbank(cache_folder() / chlamydia.KEPT / chlamydia.FILE)[0]
    genes = [feature for feature in genome.features if feature.kind == "CDS"]
    assert len(genome.sequence) == 1_042_519 and set(genome.sequence) == set("ACGT")
    assert [sum(gene.strand == strand for gene in genes) for strand in "+-"] == [442, 453]
    assert max(gene.parts[-1][1] - gene.parts[0][0] for gene in genes) == 5361 < chlamydia.GAP * chlamydia.WINDOW
    reads = np.zeros((2, len(genome.sequence)), dtype=bool)
    for gene in genes:
        for start, end in gene.parts:
            reads["+-".index(gene.strand), start:end] = True
    labels = chlamydia.coding(len(genome.sequence), genome.features)
    assert reads.all(0).sum() == 883 and (labels[reads.all(0)] == 0).sum() == 11
    assert ((labels == 0) == ~reads.any(0))[~reads.all(0)].all()

    data = load("chlamydia-genes")
    assert [len(pair) for pair in data.parts.values()] == [600, 150, 250] and data.is_segmentation
    assert data.counts()["test"] == [33133, 117643, 105224] and data.counts()["train"] == [56910, 271410, 286080]
    spelt = ["".join(decode(x) for x in pair.inputs) for pair in data.parts.values()]
    assert all(letters in genome.sequence for letters in spelt)
    held = [{either(letters[i : i + 50]) for i in range(0, len(letters) - 49)} for letters in spelt]
    assert not (held[0] & held[1] or held[0] & held[2] or held[1] & held[2])  # no repeat of 50 letters joins two parts


@fetched("chlamydia-strand")
def test_chlamydia_strand() -> None:
    pytest.importorskip("Bio")
    data = load("chlamydia-strand")
    assert data.counts() == {"train": [244, 276], "validation": [61, 57], "test": [94, 88]} and data.size == (300,)
    check_apart(data)
    letters = data.test.inputs.sum(2)
    assert area(data.test, letters[:, 1] - letters[:, 2]) == pytest.approx(0.633, abs=0.001)


@fetched("splice")
def test_splice() -> None:
    pytest.importorskip("rdata")
    x, y = splice.read_splice(cache_folder() / "splice" / splice.FILE)
    assert np.bincount(y).tolist() == [767, 765, 1654] and len(np.unique(x, axis=0)) == 3001
    data = load("splice")
    assert data.counts() == {"train": [407, 402, 991], "validation": [102, 100, 248], "test": [170, 167, 413]}
    check_apart(data)
    together = data.train.joined(data.validation, data.test)
    spelt = [decode(x) for x in together.inputs]
    begins = [letters[30:32] == "GT" for letters in spelt]  # which is how the order of the file's bits is known
    ends = [letters[28:30] == "AG" for letters in spelt]
    assert (torch.tensor(begins) & (together.targets == 0)).sum() == 671
    assert (torch.tensor(ends) & (together.targets == 1)).sum() == 665
    assert sharing(spelt, 30) == 340


def likeliest(x: torch.Tensor) -> np.ndarray:
    """The class of greatest likelihood under the law by which `motifs` is drawn: what no classifier does better."""
    letters = x.argmax(1).numpy()
    likelihoods: list[np.ndarray] = [np.ones(len(letters))]
    for base_id in motifs.PLANTED.values():
        odds = profile(base_id).double().numpy()
        odds = 4 * odds / odds.sum(0)
        sites = np.lib.stride_tricks.sliding_window_view(letters, odds.shape[1], axis=1)
        columns = np.arange(odds.shape[1])
        likelihoods.append(
            np.mean([side[sites, columns].prod(-1).mean(1) for side in (odds, odds[::-1, ::-1])], axis=0)
        )
    return np.stack(likelihoods).argmax(0)


@fetched("motifs")
def test_motifs() -> None:
    assert [profile(base_id).shape[1] for base_id in motifs.PLANTED.values()] == [15, 13, 7]
    assert profile("MA0139").sum(0).aminmax() == (908, 913)
    data = load("motifs")
    assert [len(pair) for pair in data.parts.values()] == [1200, 600, 3000] and data.counts()["test"] == [750] * 4
    check_apart(data)
    best = (likeliest(data.test.inputs) == data.test.targets.numpy()).mean()
    assert best == pytest.approx(0.826, abs=0.001)
    assert abs(float(gc_share(data.test.inputs).mean()) - 0.5) < 0.005


@fetched("vowels")
def test_vowels() -> None:
    data = load("vowels")
    assert [len(pair) for pair in data.parts.values()] == [234, 36, 370] and data.channels == 12
    assert data.counts()["test"] == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    sizes = torch.cat([pair.inputs.sizes for pair in data.parts.values()])
    assert (int(sizes.min()), int(sizes.max())) == (7, 29)


@fetched("watch")
def test_watch() -> None:
    data = load("watch")
    assert [len(pair) for pair in data.parts.values()] == [584, 204, 161] and data.channels == 6
    assert data.counts()["test"] == [20, 26, 26, 24, 23, 21, 21]


@fetched("winds")
def test_winds() -> None:
    """Land and sea are where they are, and the year turns: trades blow west, and the monsoon of July north-eastward."""
    data = load("winds")
    land = data.train.inputs[0, 2]
    assert land[8, 2] > 0.9 and land[18, 66] == 0 and land[36].min() == 1  # 50° N 10° E; 0° N 30° W; the south pole
    mean = data.test.inputs[:, :2] + data.references["climatology"]
    assert mean[6, 0, 15, 12] > 3 and mean[0, 0, 15, 12] < 0 and mean[6, 1, 15, 11] > 2  # the Arabian Sea, 15° N
    assert mean[:, 0, 15, 66].max() < -2  # 15° N 30° W
    assert float(data.train.inputs[:, :2].square().mean().sqrt()) == pytest.approx(3.68, abs=0.1)
