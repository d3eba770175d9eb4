"""What docs/benchmarks.md says in words."""

OPENING = """# Benchmarks

What was measured, beside whom, on what, and how much it varied. This page is written from the files in
`benchmarks/results` by `python benchmarks/page.py`, which `make bench` runs last; figures in the README are written
with it, and a test compares both with the files.

A ratio is of times: the first side's over the second's, as the column *sides* has it. Both sides run in turn in one
process, so that a slow moment of the machine falls on both; the ratio is the median of those of the rounds, with
its quartiles. Where the first side is *ours*, less than 1 is faster than the other; where it is *theirs*, the ratio
says how many times faster ours is. Absolute times are of the machine named and mean little elsewhere. Targets,
where a table has them, are what was meant to be reached, and not all are."""

RUNS = """## Accuracies of the built-in runs

The derived network, a plain one of equal parameters, and the plain one with augmentation: the median of the seeds,
then the lowest and the highest. `erlangen train NAME` runs one; what was hoped for before each stands in its page.
The machine of a run was not recorded before; of time nothing is said here."""

OVER_TIME = """## Over time

Every measurement adds a line to [history.jsonl](../benchmarks/results/history.jsonl): date, commit, machine,
versions and ratios. What is older was read from git (`python benchmarks/page.py --from-git`), under the day and the
commit that stored it. Thin lines are rows, with quartiles, the thick one is their geometric mean: of all
measurements up to now that share at least half of the last one's rows, those rows. Of older
measurements neither the processor nor what else ran on it was recorded."""

ELSE = """A number of many, over seeds, cases or months, is their median, with the lowest and the highest behind it."""

OWN = """## A benchmark of your own

A file in `benchmarks`, say `mine.py`, whose docstring opens with what it measures:

```python
\"\"\"My layer beside torch's own, a training step of each.\"\"\"

from measure import interleaved, keep, ratio

seconds = interleaved({"ours": ours, "plain": plain}, rounds=41)  # two functions without arguments
keep("mine", {"64 channels": ratio(seconds, "ours", "plain")})
```

`python benchmarks/mine.py` writes `results/mine.json` and a line of the history, with the machine and the versions
of what was loaded; `python benchmarks/page.py` then has a section for it here and a row in the plot of plain torch.
Rows may hold further values, which stand in a table below, and rows without a ratio are shown as they are. A third
side is `peer_ratio`, `peer_quartile_low`, `peer_quartile_high` and `peer_ms`. Beside another peer the file's name
goes into `GROUPS` of [drawn.py](../benchmarks/shown/drawn.py). A figure for the README is a field in
`benchmarks/figures.md`."""
