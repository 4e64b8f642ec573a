"""What ``make mutation`` says of a run: survivors by function, the share of the dead."""

from tests.mutation import report

OF_A_RUN = "    idp.domain.sms.x_parts__mutmut_{}: {}\n"


def listed(*fates):
    return "".join(OF_A_RUN.format(number, fate) for number, fate in enumerate(fates))


def test_enough_dead_is_a_success(capsys):
    assert report(listed(*["killed"] * 17, *["survived"] * 3)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "17 of 20 mutants killed: 85.0 %"


def test_too_few_dead_is_a_failure():
    assert report(listed(*["killed"] * 16, *["survived"] * 4)) == 1


def test_a_mutant_that_never_ends_is_dead():
    assert report(listed("timeout", "segfault")) == 0


def test_a_mutant_that_no_test_reaches_is_alive():
    assert report(listed("no tests", "not checked", "suspicious")) == 1


def test_no_mutants_at_all_are_no_success():
    assert report("") == 1


def test_the_living_are_counted_by_function(capsys):
    report(listed("survived", "survived", "no tests"))

    assert capsys.readouterr().out.splitlines()[:2] == [
        "   1 no tests     idp.domain.sms.x_parts",
        "   2 survived     idp.domain.sms.x_parts",
    ]
