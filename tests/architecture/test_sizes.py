"""Small enough to be read at once."""

from statistics import median

from tests.architecture.sources import ROOT, functions, length, sources, text_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
MEDIAN_FUNCTION = 8


def test_a_file_stays_short():
    lengths = {source.name: source.text.count("\n") for source in sources()}
    assert {name: size for name, size in lengths.items() if size > LONGEST_FILE} == {}


def test_a_file_outside_the_package_stays_short():
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n")
        for path in text_files()
        if path.suffix == ".py" and "idp" not in path.relative_to(ROOT).parts
    }

    assert {name: size for name, size in lengths.items() if size > LONGEST_FILE} == {}


def test_functions_stay_short():
    too_long = [
        f"{source.name}:{function.lineno} {function.name} has {length(function)} lines"
        for source in sources()
        for function in functions(source.tree)
        if length(function) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_the_ordinary_function_of_each_room_is_very_short(record_testsuite_property):
    rooms: dict[str, list[int]] = {}
    for source in sources():
        room = source.name.split("/")[1].removesuffix(".py")
        rooms.setdefault(room, []).extend(length(one) for one in functions(source.tree))
    rooms.pop("app", None)  # wiring is one long list by nature
    medians = {room: median(lengths) for room, lengths in rooms.items() if lengths}

    for room, size in medians.items():
        record_testsuite_property(f"median function of {room}", size)
    assert {room: size for room, size in medians.items() if size > MEDIAN_FUNCTION} == {}
