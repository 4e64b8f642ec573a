from contextlib import suppress
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.persian.names import InvalidName, NameMatch, PersonName, compare_names, name_key
from tests.deadline import no_runaway
from tests.vectors import cases

READ = [case for case in cases("name_normalisation") if case["verdict"] == "ok"]
REFUSED = [case for case in cases("name_normalisation") if case["verdict"] != "ok"]
PERSIAN = st.text("ابپتجحدرسشعفقکگلمنوهیيكآأئءؤۀة \u200cلله", min_size=1, max_size=20)
PARTS = st.sampled_from(["given", "family"])
HAMZAS = "ءأإؤئ"
ONE_NAME = [
    ("رئوف", "رؤوف", "رءوف", "روءوف", "روف", "رووف"),
    ("مسئولی", "مسؤولی", "مسءولی", "مسوولی", "مسولی"),
    ("سؤالی", "سئوالی", "سوالی"),
    ("هیئتی", "هیأتی", "هیءتی", "هیاتی"),
    ("مسئله‌گو", "مسأله‌گو", "مساله گو"),
    ("داوود", "داود", "داؤد", "داؤود", "دائود"),
    ("طاووسی", "طاوسی", "طاؤسی", "طاؤوسی"),
    ("رضائی", "رضاءی", "رضایءی", "رضایی", "رضایٔی", "رضایٴی"),
    ("رئیسی", "رءیسی", "رییسی"),
    ("قائمی", "قاءمی", "قایمی"),
    ("برائتی", "براءتی", "برایتی"),
    ("مؤمنی", "موءمنی", "مومنی", "موٴمنی"),
    ("رؤیا", "رویا", "روءیا"),
    ("رأفت", "رافت", "رٲفت", "راٴفت"),
    ("زهراء", "زهرا"),
    ("ضیاء پور", "ضیاءپور", "ضیاپور", "ضیا پور"),
    ("علاءالدین", "علاء‌الدین", "علاالدین"),
    ("رحمةالله", "رحمت‌الله", "رحمت اله", "رحمة اله", "رحمۃالله"),
    ("فاطمة", "فاطمه", "فاطمۀ", "فاطمهٔ", "فاطمهٴ"),
    ("إبراهیم", "ابراهیم", "ٳبراهیم"),
    ("ٱحمد", "احمد", "أحمد", "\ufb50حمد"),
    ("سویدی", "سوئدی"),
    ("لؤلؤ", "لولو"),
    ("أویس", "اویس"),
]
WITH_YEH_FOR_HAMZA = [
    ("رئوف", "ریوف"),
    ("رؤوف", "ریوف"),
    ("رءوف", "ریوف"),
    ("مسؤولی", "مسیولی"),
    ("هیئتی", "هییتی"),
]
OTHER_NAMES = [
    ("مؤمنی", "میمنی"),
    ("رضائی", "رضوی"),
    ("بهائی", "بهاوی"),
    ("ثنائی", "ثنای"),
    ("سائری", "ساری"),
    ("مائده", "ماده"),
    ("دائمی", "دامی"),
    ("رئیسی", "ریسی"),
    ("نائبی", "نابی"),
    ("مأموری", "مموری"),
    ("ریوندی", "روندی"),
]


@pytest.mark.parametrize("case", READ, ids=lambda case: " ".join(case["codepoints"]))
def test_a_name_is_stored_in_one_form(case):
    assert PersonName.parse(case["input"]).value == case["display"]


@pytest.mark.parametrize("case", READ, ids=lambda case: " ".join(case["codepoints"]))
def test_a_name_has_the_key_of_the_vectors(case):
    assert name_key(case["input"]) == case["key"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["verdict"] + case["input"])
def test_what_is_no_persian_name_is_refused(case):
    with pytest.raises(InvalidName) as refusal:
        PersonName.parse(case["input"])

    assert refusal.value.code == case["verdict"]


@pytest.mark.parametrize("case", cases("names"), ids=lambda case: case["why"])
def test_names_compare_as_the_vectors_say(case):
    assert compare_names(case["user"], case["registry"], case["part"]) == case["expect"]


@pytest.mark.parametrize(
    ("one", "other"), [pair for names in ONE_NAME for pair in permutations(names, 2)]
)
def test_the_seat_of_a_hamza_makes_no_other_name(one, other):
    assert compare_names(one, other, "family") is NameMatch.MATCH


@pytest.mark.parametrize(
    ("one", "other"), [pair for names in WITH_YEH_FOR_HAMZA for pair in permutations(names)]
)
def test_a_register_without_hamza_may_have_a_yeh_for_it(one, other):
    assert compare_names(one, other, "family") is NameMatch.MATCH


@pytest.mark.parametrize(
    ("one", "other"), [pair for names in OTHER_NAMES for pair in permutations(names)]
)
def test_a_hamza_is_not_any_letter(one, other):
    assert compare_names(one, other, "family") is not NameMatch.MATCH


def test_names_of_the_vectors_that_differ_are_never_made_one():
    names = {case["key"]: case["display"] for case in READ if len(case["display"]) > 1}
    names |= {case["registry_key"]: case["registry"] for case in cases("names")}

    made_one = [
        (names[one], names[other])
        for one, other in product(names, repeat=2)
        if one != other and compare_names(names[one], names[other], "family") is NameMatch.MATCH
    ]

    assert made_one == []


@given(PERSIAN, st.data())
def test_a_name_is_itself_with_every_hamza_on_another_seat(text, data):
    moved = "".join(
        data.draw(st.sampled_from(HAMZAS)) if letter in HAMZAS else letter for letter in text
    )

    assert not name_key(text) or not name_key(moved) or is_same(text, moved)


def is_same(one, other):
    return compare_names(one, other, "family") is NameMatch.MATCH


@given(PERSIAN)
def test_the_key_of_a_key_is_that_key(text):
    assert name_key(name_key(text)) == name_key(text)


@pytest.mark.parametrize(
    "registered",
    [
        "(حسینی) اصل",
        "حسینی (اصل)",
        "[حسینی] اصل",
        "«حسینی» اصل.",
        "حسینی، اصل",
        "حسینی,اصل",
        "حسینی/اصل",
        "حسینی_اصل",
        "حسینی\\اصل",
        "حسینی.اصل",
        "حسینی · اصل",
        "حسینی؛اصل",
        "حسینی*اصل",
        "حسینی+اصل",
        "حسینی\x00اصل",
        "*حسینی‌اصل*",
    ],
)
def test_marks_of_a_register_decide_nothing(registered):
    assert compare_names("حسینی اصل", registered, "family") is NameMatch.MATCH


@pytest.mark.parametrize("registered", ["(سید) علی", "سید/علی", "سید. علی"])
def test_a_title_of_a_register_is_one_with_its_marks(registered):
    assert compare_names("علی", registered, "given") is NameMatch.MATCH


@pytest.mark.parametrize("registered", ["()", ".", "/", "، ؛"])
def test_marks_alone_are_no_name(registered):
    assert compare_names("علی", registered, "given") is NameMatch.MISMATCH


@pytest.mark.parametrize("typed", ["حسینی (اصل)", "حسینی.", "علی/رضا"])
def test_marks_are_not_typed_into_a_name(typed):
    with pytest.raises(InvalidName, match=r"^script$"):
        PersonName.parse(typed)


@pytest.mark.parametrize("typed", ["\u0671حمد", "\ufb50حمد", "\ufb51حمد"])
def test_an_alef_wasla_can_be_typed(typed):
    assert PersonName.parse(typed).value == "احمد"


def test_a_name_has_fifty_letters_at_most():
    assert PersonName.parse("ن" * 50)
    with pytest.raises(InvalidName, match=r"^length$"):
        PersonName.parse("ن" * 51)


def test_a_name_has_two_letters_at_least():
    assert PersonName.parse("هو").value == "هو"
    with pytest.raises(InvalidName, match=r"^length$"):
        PersonName.parse("ه")


def test_a_name_may_be_typed_with_many_marks():
    assert PersonName.parse("مریم" + "\u064e" * 496).value == "مریم"
    with pytest.raises(InvalidName, match=r"^length$"):
        PersonName.parse("مریم" + "\u064e" * 497)


def test_an_empty_name_matches_nothing():
    assert compare_names("", "", "given") is NameMatch.MISMATCH


def test_a_title_alone_is_a_name():
    assert compare_names("سید", "سیده", "given") is NameMatch.MISMATCH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("سیدعلی", "علی"),
        ("سیدهزهرا", "زهرا"),
        ("دکتر سید رضا", "رضا"),
        ("آقای دکتر", "دکتر"),
        ("حاج آقای سیدعلی", "علی"),
    ],
)
def test_titles_of_a_given_name_do_not_count_on_either_side(one, other):
    assert compare_names(one, other, "given") is NameMatch.MATCH
    assert compare_names(other, one, "given") is NameMatch.MATCH


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("سیدنو", "نو", "given"),
        ("سید رضا", "رضا", "family"),
        ("سیدعلی", "علی", "family"),
        ("سید", "علی", "given"),
        ("مینا", "مینو", "given"),
        ("مینا", "میناب", "given"),
    ],
)
def test_other_names_are_other_names(one, other, part):
    assert compare_names(one, other, part) is NameMatch.MISMATCH
    assert compare_names(other, one, part) is NameMatch.MISMATCH


@pytest.mark.parametrize("text", ["ا" * 100_000, "\u200c " * 50_000, "\ufdfa" * 400])
def test_a_huge_text_is_refused_at_once(text):
    with no_runaway(), pytest.raises(InvalidName):
        PersonName.parse(text)


def test_the_repr_tells_no_name():
    assert repr(PersonName.parse("مریم")) == "PersonName()"


@given(st.text() | PERSIAN)
def test_parsing_never_crashes_and_repeats_itself(text):
    with suppress(InvalidName):
        name = PersonName.parse(text)
        assert PersonName.parse(name.value) == name


@given(st.text() | PERSIAN, st.text() | PERSIAN, PARTS)
def test_it_does_not_matter_whose_spelling_comes_first(one, other, part):
    assert compare_names(one, other, part) == compare_names(other, one, part)


@given(PERSIAN, PARTS)
def test_a_parsed_name_matches_itself(text, part):
    with suppress(InvalidName):
        name = PersonName.parse(text).value
        assert not name_key(name) or compare_names(name, name, part) is NameMatch.MATCH


@given(st.text("ابجد", min_size=5, max_size=8), st.text("ابجد", min_size=5, max_size=8))
def test_near_is_one_edit_of_the_optimal_string_alignment(one, other):
    distance = alignment_distance(one, other)
    expected = {0: NameMatch.MATCH, 1: NameMatch.NEAR}.get(distance, NameMatch.MISMATCH)

    assert compare_names(one, other, "family") is expected


def alignment_distance(a, b):
    d = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            changed = a[i - 1] != b[j - 1]
            d[i][j] = min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + changed)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1)
    return d[-1][-1]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("اص\ufefcنی", "اصلانی"),
        ("\ufe8eمید", "امید"),
        ("\ufb56روین", "پروین"),
        ("مر\ufbfeم", "مریم"),
    ],
    ids=["last form", "alef", "pe", "ye"],
)
def test_a_presentation_form_of_a_pdf_is_its_letter(typed, name):
    assert PersonName.parse(typed).value == name


@pytest.mark.parametrize("registered", ["کاشبان", "کانارم"], ids=["two letters", "turned around"])
def test_more_than_one_edit_is_another_name(registered):
    assert compare_names("کامران", registered, "family") is NameMatch.MISMATCH
