import re

from volvo_exporter.catalogue import parts
from volvo_exporter.web.drawing import MIRROR, PARTS


def test_each_reported_door_window_tyre_and_lamp_is_drawn_once():
    lids = {"hood", "tailgate", "tank_lid", "sunroof"}
    reported = [
        *(door if door in lids else f"{door}_door" for _, door in parts.DOORS),
        *(window if window in lids else f"{window}_window" for _, window in parts.WINDOWS),
        *(f"{tyre}_tyre" for _, tyre in parts.TYRES),
        *(lamp for _, lamp in parts.LAMPS),
        "lock",
    ]
    assert sorted(part.name for part in PARTS) == sorted(reported)


def test_the_right_side_mirrors_the_left_side():
    assert MIRROR == "matrix(-1 0 0 1 200 0)"
    sides = {part.name: part for part in PARTS if "left" in part.name or "right" in part.name}
    for name, part in sides.items():
        other = sides[name.replace("left", "right") if "left" in name else name.replace("right", "left")]
        assert part.path == other.path
        assert part.mirrored == ("right" in name)
        assert float(re.match(r"M([\d.]+)", part.path)[1]) < 100


def test_an_open_lock_and_an_open_tank_lid_have_their_own_path():
    open_paths = {part.name: part.open_path for part in PARTS if part.open_path}

    assert open_paths.keys() == {"lock", "tank_lid"}
    assert not set(open_paths.values()) & {part.path for part in PARTS}
