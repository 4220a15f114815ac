"""The one composition root: which store, which packs, which clock go together."""

from pathlib import Path

from integration.audit.merkle import Tree
from integration.policy.pack import Pack
from integration.services.desk import Desk, PackFor
from integration.services.recorder import Recorder, Salts, random_salts, salts_of_content
from integration.store.database import open_engine
from integration.store.migrate import migrate
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault


def open_store(url: str, vault: Vault, *, durable: bool = True) -> SqlStore:
    """Open a database, bring its tables up to date, and return the store over it."""
    engine = open_engine(url, durable=durable)
    migrate(engine)
    return SqlStore(engine, vault)


def open_desk(store: SqlStore, pack_for: PackFor, *, place: str, salts: Salts = random_salts) -> Desk:
    """Return a desk that continues the store's log."""
    tree = Tree.restore(store.tree_size(), store.tile)
    return Desk(store, Recorder(tree, salts), pack_for, place=place)


def scratch_desk(path: Path, pack: Pack) -> tuple[SqlStore, Desk]:
    """Return an empty store in a file that is thrown away, and a desk for a replay over it."""
    store = open_store(f"sqlite:///{path}", Vault.throwaway(), durable=False)
    return store, open_desk(store, lambda _source: pack, place="replay", salts=salts_of_content)
