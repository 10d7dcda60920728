"""A nightly job that pushes what it predicted as one Arrow stream; run again after a failure, it changes nothing.

Run it:  python batch_job.py https://monitor.example.org mm_… credit predictions.parquet
"""

import sys

import httpx
import pyarrow as pa
import pyarrow.parquet as pq

AT_ONCE = 100_000


def push(url: str, key: str, model: str, table: pa.Table) -> int:
    """Push predictions; returns how many rows were not taken, each told on stderr."""
    rejected = 0
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/vnd.apache.arrow.stream"}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
        for start in range(0, table.num_rows, AT_ONCE):
            part = table.slice(start, AT_ONCE)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, part.schema) as writer:
                writer.write_table(part)
            answer = client.post("/api/v1/predictions:batch", params={"model": model}, content=bytes(sink.getvalue()))
            answer.raise_for_status()
            told = answer.json()
            rejected += told["rejected"]
            for error in told["errors"]:
                print(f"row {start + error['index']}: {error['field']}: {error['detail']}", file=sys.stderr)
    return rejected


if __name__ == "__main__":
    address, secret, name, path = sys.argv[1:]
    raise SystemExit(1 if push(address, secret, name, pq.read_table(path)) else 0)
