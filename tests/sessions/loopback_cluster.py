"""A Dask scheduler and two worker processes on loopback: tells its address, ends with its standard input."""

from __future__ import annotations

import sys


def main() -> None:
    from distributed import LocalCluster

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
    cluster.close()


if __name__ == "__main__":
    main()
