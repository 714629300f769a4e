"""Several people ask a running demo for everything in docs/openapi.yaml, rightly and wrongly (schemathesis).

It ends badly at any 5xx, status, media type or body that the document does not have, and at a door that opens without
a token. The budget is a number of requests under a fixed seed; `SECONDS` only stops what hangs.
"""

import subprocess
import sys
import time

from tests.contract_run.demo import ROOT, running_demo
from tests.contract_run.plan import runs

SECONDS = 300.0  # of one person; a run takes a tenth of it on two idle cores


def main() -> None:
    failed = []
    with running_demo() as (url, folder):
        for position, run in enumerate(runs(url)):
            began = time.monotonic()
            config = folder / f"run-{position}.toml"
            config.write_text(run.settings(), encoding="utf-8")
            command = run.command(url, ROOT / "docs" / "openapi.yaml", config)
            done = subprocess.run(
                [sys.executable, *command], cwd=folder, timeout=SECONDS, capture_output=True, text=True, check=False
            )
            print(f"{run.username}: {time.monotonic() - began:.0f} s, exit {done.returncode}", flush=True)  # noqa: T201
            if done.returncode:
                failed.append(run.username)
                print(done.stdout, done.stderr, flush=True)  # noqa: T201
    sys.exit(f"The service and its document disagree, as seen by {', '.join(failed)}." if failed else None)


if __name__ == "__main__":
    main()
