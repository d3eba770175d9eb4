"""Learning curves on QM9: the page's table and drawing are of what is kept, and every network had its own rate."""

from examples import qm9_curves as example

ROWS = example.kept()


def test_the_table_and_the_drawing_are_of_what_was_measured():
    page = example.PAGE.read_text(encoding="utf-8")
    assert example.table(ROWS) in page and example.written(page, ROWS) == page
    assert example.DRAWING.read_text(encoding="utf-8") == example.drawn(ROWS)
    assert example.drawn(ROWS).count("<polyline") == len(example.measured(ROWS)) * len(example.NETWORKS)


def test_networks_are_of_one_size_and_each_has_the_rate_that_served_it_on_validation():
    for target in example.measured(ROWS):
        rows = [ROWS[f"{target}, {network}"] for network in example.NETWORKS]
        sizes = [row["parameters"] for row in rows]
        assert max(sizes) < 1.1 * min(sizes)
        for row in rows:
            tried = {float(rate): error for rate, error in row["validation by rate"].items()}
            assert tried[row["rate"]] == min(tried.values()) and min(tried) < row["rate"] < max(tried)
            assert all(len(row[n]) == 3 for n in example.SIZES)
