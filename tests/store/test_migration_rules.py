"""Expand, then contract: no migration keeps a running hub waiting or breaks the version before."""

import pytest

from idp.store import migrate
from idp.store.migration_rules import judge, judge_text

SCRIPTS = sorted((migrate.MIGRATIONS / "versions").glob("[0-9]*_*.py"))
HEAD = '''"""One."""
revision = "0009"
down_revision = "0008"
'''


def problems(body: str, head: str = HEAD) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return "; ".join(judge_text(f"{head}def upgrade():\n{lines}").problems)


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])
def test_the_version_before_survives_every_migration(script):
    assert list(judge(script).problems) == []


@pytest.mark.parametrize(
    "body",
    [
        'op.create_table("a", sa.Column("b"))\nop.create_index("ix", "a", ["b"])',
        'op.create_table("a")\nop.execute("INSERT INTO a (b) SELECT c FROM d")',
        'op.create_table("a")\nop.create_unique_constraint("uq", "a", ["b"])',
        'op.add_column("a", sa.Column("b", sa.Text()))',
        'op.add_column("a", sa.Column("b", sa.Text(), nullable=True))',
        'op.add_column("a", sa.Column("b", sa.Integer(), nullable=False, server_default="0"))',
        'op.add_column("a", sa.Column("b", nullable=False, server_default=sa.text("0")))',
        'op.add_column("a", sa.Column("b", nullable=False, server_default=sa.false()))',
        'op.alter_column("a", "b", nullable=True)',
        'op.drop_index("ix_a")',
        'op.create_check_constraint("ck", "a", "b > 0", postgresql_not_valid=True)',
        'op.execute("ALTER TABLE a ADD CONSTRAINT ck CHECK (b IS NOT NULL) NOT VALID")',
        'op.execute(sa.text("ALTER TABLE a VALIDATE CONSTRAINT ck"))',
        'op.execute("ALTER TABLE a SET (fillfactor = 90)")',
        'add_index("ix", "a", ["b"])',
    ],
)
def test_what_adds_and_waits_for_nothing_is_well(body):
    assert problems(body) == ""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('op.create_index("ix", "a", ["b"])', "add_index"),
        ('op.create_index("ix", table_name="a", columns=["b"])', "add_index"),
        ('op.add_column("a", sa.Column("b", sa.Text(), nullable=False))', "without it"),
        ('op.add_column("a", sa.Column("b", server_default=sa.func.random()))', "computed"),
        ('op.add_column("a", sa.Column("b", server_default=sa.text("random()")))', "computed"),
        ('op.add_column("a", sa.Column("b", sa.ForeignKey("c.id")))', "not valid"),
        ('op.add_column("a", sa.Column("b", unique=True))', "add_index"),
        ('op.add_column("a", column)', "in place"),
        ('op.alter_column("a", "b", type_=sa.Text())', "type"),
        ('op.alter_column("a", "b", new_column_name="c")', "old name"),
        ('op.alter_column("a", "b", nullable=False)', "NOT NULL"),
        ('op.rename_table("a", "b")', "old name"),
        ('op.create_foreign_key("fk", "a", "b", ["c"], ["d"])', "not valid"),
        ('op.create_unique_constraint("uq", "a", ["b"])', "add_index"),
        ("op.bulk_insert(a, [])", "batches"),
        ('op.execute("CREATE INDEX ix ON a (b)")', "create index"),
        ('op.execute("ALTER TABLE a ALTER b SET NOT NULL")', "set not null"),
        ('op.execute("ALTER TABLE a ADD CONSTRAINT ck CHECK (b > 0)")', "add constraint"),
        ('op.execute(sa.text("UPDATE a SET b = 1"))', "update a set"),
        ('op.execute("INSERT INTO a SELECT 1")', "insert into"),
        ('op.create_table("a")\nop.execute("INSERT INTO a SELECT 1; TRUNCATE d")', "truncate"),
        ("op.execute(statement)", "in place"),
        ('op.batch_alter_table("a")', "not known"),
        ('op.drop_column("a", "b")', "unused_since"),
        ('op.execute("DROP TABLE a")', "drop table"),
    ],
)
def test_what_locks_or_breaks_the_version_before_is_named(body, says):
    assert says in problems(body).lower() or says in problems(body)


def test_what_no_code_uses_since_a_revision_may_be_dropped():
    head = f'{HEAD}unused_since = "0007"\n'
    assert problems('op.drop_column("a", "b")', head) == ""
    assert judge_text(f"{head}def upgrade():\n    op.drop_table('a')\n").unused_since == "0007"


def test_a_promise_about_nothing_is_a_problem():
    assert "without anything" in problems("pass", f'{HEAD}unused_since = "0007"\n')


def test_the_first_migration_finds_no_table_in_use():
    head = HEAD.replace('"0008"', "None")
    assert problems('op.create_index("ix", "a", ["b"])', head) == ""
