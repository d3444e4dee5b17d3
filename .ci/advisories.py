#!/usr/bin/env python3
"""Writes .ci/advisories.tsv: what an advisory database says of the packages in Cargo.lock.

    .ci/advisories.py PATH       a checkout of https://github.com/rustsec/advisory-db

`.ci/run deny` uses it where the database itself cannot be fetched. Run it when Cargo.lock gets packages that
are new, and from time to time.
"""

import pathlib
import re
import sys
import tomllib

root = pathlib.Path(__file__).parent.parent
database = pathlib.Path(sys.argv[1])
names = sorted(set(re.findall(r'^name = "(.*)"$', (root / "Cargo.lock").read_text(), re.M)))

lines = ["# id\tpackage\tdate\tkind\tpatched\tunaffected"]
for name in names:
    for file in sorted((database / "crates" / name).glob("*.md")):
        front = re.match(r"```toml\n(.*?)\n```", file.read_text(), re.S).group(1)
        front = tomllib.loads(front)
        advisory, versions = front["advisory"], front.get("versions", {})
        if "withdrawn" in advisory:
            continue
        ranges = [", ".join(f'"{one}"' for one in versions.get(key, [])) for key in ("patched", "unaffected")]
        kind = advisory.get("informational", "vulnerability")
        lines.append("\t".join([advisory["id"], name, advisory["date"], kind, *ranges]))
(root / ".ci" / "advisories.tsv").write_text("\n".join(lines) + "\n")
