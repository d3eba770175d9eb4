"""The same tree as src/erlangen; a package, so that `from tests.laws.catalogue import …` means this one."""
