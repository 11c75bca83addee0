"""The share of random cases that stay undecided, for each operation.

    python benchmarks/undecided.py --engine torch --ops all --rounds 24

A case counts for every operation that occurs in it. The cases are those of a long run.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import islice

from gradcheck import Case, check, load_engine
from gradcheck.fuzz.options import EXPRESSIONS_PER_ROUND
from gradcheck.fuzz.rounds import drawn_in_round
from gradcheck.kind import Kind
from gradcheck.operations import operations_named


def main() -> None:
    """Judge the cases of some rounds and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", default="engine:Value")
    parser.add_argument("--ops", default="+ * tanh")
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-ops", type=int, default=10)
    asked = parser.parse_args()
    engine = load_engine(asked.engine)
    operations = tuple(o for o in operations_named(asked.ops) if o in engine.operations)
    cases: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for number in range(asked.rounds):
        drawn = drawn_in_round(
            operations,
            asked.max_ops,
            seed=asked.seed,
            number=number,
            precision=engine.precision,
        )
        for expression, points in islice(drawn, EXPRESSIONS_PER_ROUND):
            names = ["any", *(operation.name for operation in expression.operations)]
            for point in points:
                verdict = check(Case(expression, point), engine, whole_formula=False)
                cases.update(names)
                if verdict.kind is Kind.UNDECIDED:
                    undecided.update(names)
                    reasons[str(verdict.undecided)] += 1
                elif verdict.kind.is_finding:
                    reasons[verdict.signature] += 1
    for name in ("any", *(operation.name for operation in operations)):
        share = undecided[name] / max(cases[name], 1)
        print(f"{name:8} {cases[name]:7,} cases {share:7.2%} undecided")
    for reason, count in reasons.most_common():
        print(f"{count:7,} {reason}")


if __name__ == "__main__":
    main()
