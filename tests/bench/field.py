"""How we stand beside others: figures that were measured or published elsewhere, each with where it comes from."""

from tests.bench.section import rate, table

ABOUT = (
    "Figures of others come from their documents, or from trials of ours in November 2026 on a machine of this size."
    " They do other work, so they show an order of magnitude and no more. No other product does what this one does."
)
MERKLE = (
    "pymerkle 7.0.0 on SQLite (WAL, FULL): 6,400 one by one, 54,000 to 117,000 in bulk, where it hashes and inserts"
    " only; Tessera's POSIX driver: about 2,900 writes/s on spinning disks, by its README"
)
STREAMS = (
    "on Kafka, with less work an event: faust-streaming 1,100 to 3,700, Quix Streams 11,800; with next to none: bare"
    " aiokafka 18,800, confluent-kafka 36,000"
)
TLOG = "Go's tlog over 100,123 entries with proofs: about 300,000 entries/s; its row above is on this machine"
CEDAR = "cedarpy: 0.06 ms for a decision that nobody records; it is what our gate asks"
SEARCH = "the same questions on SQLite with five indexes and full text: 1 to 15 ms; on PostgreSQL 15: 1 to 6 ms"


def beside_the_field(figures: dict[str, float]) -> str:
    """Put our figures beside those of others."""
    serving, verifying, tiles = (rate(figures[name]) for name in ("embedded_rate", "verify_rate", "verify_tiles_rate"))
    search, indexed = (1000 * figures[name] for name in ("search_p95", "search_p95_indexed"))
    rows = [
        ("append to a Merkle log, durable, in batches", f"{serving} events/s, each parsed and assessed first", MERKLE),
        ("read, keep state, send what follows", f"{serving} events/s", STREAMS),
        ("verify a log", f"{verifying} entries/s with every check, {tiles} over tiles", TLOG),
        ("decide by policy", f"{1000 * figures['decision_p50']:.1f} ms to a durable decision (median)", CEDAR),
        (
            "ask the table of ten million entries, p95",
            f"at worst {search:,.0f} ms today, {indexed:,.0f} with indexes",
            SEARCH,
        ),
    ]
    return f"{ABOUT}\n\n{table(('what', 'we', 'others'), rows, figures=False)}"
