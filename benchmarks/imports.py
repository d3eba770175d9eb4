"""Seconds of `import erlangen` over `import torch`, alone and with all of the spine loaded, in fresh processes."""

import subprocess
import sys

from measure import keep

SPINE = "import erlangen as er; er.derive, er.Task, er.Grid, er.C, er.audit, er.save, er.layers.linear"


def seconds(code: str) -> float:
    """Wall time of the imports in a fresh process."""
    script = f"import time; s = time.perf_counter(); {code}; print(time.perf_counter() - s)"
    return float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    codes = {"torch": "import torch", "erlangen": "import torch, erlangen", "spine": f"import torch; {SPINE}"}
    runs = [{name: seconds(code) for name, code in codes.items()} for _ in range(9)]
    middle = {name: sorted(run[name] for run in runs)[4] for name in codes}
    over = {name: sorted(run[name] - run["torch"] for run in runs)[4] for name in ("erlangen", "spine")}
    keep(
        "imports",
        {
            "import erlangen": {"over_torch_s": over["erlangen"], "torch_s": middle["torch"], "target": 0.3},
            "all of the spine": {"over_torch_s": over["spine"], "torch_s": middle["torch"], "target": 0.3},
        },
    )


if __name__ == "__main__":
    main()
