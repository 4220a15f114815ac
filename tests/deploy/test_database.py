"""deploy/compose/database.sh and the password file, on a real PostgreSQL that asks for passwords."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from tests.deploy.database import password_file, secured_server, url
from tests.store.postgres import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with secured_server(tmp_path_factory.mktemp("secret")) as started:
        yield started


def test_the_service_gets_in_and_makes_tables_when_the_password_is_in_its_file(server, tmp_path):
    engine = create_engine(url(server, password_file(tmp_path)))
    with engine.begin() as link:
        link.execute(text("CREATE TABLE mine (n int)"))
        assert link.execute(text("SELECT current_user")).scalar_one() == "holdwatch"
    engine.dispose()


@pytest.mark.parametrize(
    ("password", "mode"),
    [
        pytest.param("other", 0o400, id="the password is another"),
        pytest.param(None, 0o444, id="others may read the file"),
    ],
)
def test_nobody_gets_in_when_the_file_is_unfit(server, tmp_path, password, mode):
    path = password_file(tmp_path, password, mode) if password else password_file(tmp_path, mode=mode)
    engine = create_engine(url(server, path))
    with pytest.raises(OperationalError):
        engine.connect()
    engine.dispose()


def test_the_role_may_do_nothing_but_its_own(server, tmp_path):
    engine = create_engine(url(server, password_file(tmp_path)))
    with engine.connect() as link:
        row = link.execute(
            text("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'holdwatch'")
        )
        assert tuple(row.one()) == (False, False, False)
        with pytest.raises(ProgrammingError, match="permission denied"):
            link.execute(text("CREATE ROLE other"))
    engine.dispose()
