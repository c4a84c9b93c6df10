from itertools import pairwise

import pytest

from volvo_exporter.catalogue.bodies import Body
from volvo_exporter.web.callouts import CHARACTER_WIDTH, Finding, lay_out
from volvo_exporter.web.drawing import PARTS
from volvo_exporter.web.names import PARTS as NAMES
from volvo_exporter.web.silhouettes import GROUND, SHAPES, WIDTH


def drawing(*parts, body=Body.SUV, levels=(), opened=()):
    findings = [Finding(part=part, level="open", text=f"{NAMES[part]}: open") for part in parts]
    return lay_out(body, dict(levels), opened, findings, is_plugged_in=False)


def test_each_part_of_the_car_has_a_shape():
    assert SHAPES.keys() == {part.name for part in PARTS}


@pytest.mark.parametrize("body", Body)
def test_each_body_has_the_same_shapes_within_the_drawing(body):
    silhouette = drawing(body=body).silhouette
    tyres = {"front_tyre", "rear_tyre"}

    assert silhouette.shapes.keys() == set(SHAPES.values()) - tyres
    for shape in silhouette.shapes.values():
        assert 0 < shape.x < WIDTH
        assert 0 < shape.y < GROUND
    assert {name for name, shape in silhouette.shapes.items() if shape.opened} == {
        "hood",
        "tailgate",
        "sunroof",
    }


def test_a_tyre_is_marked_at_its_wheel_and_labelled_below_the_car():
    car = drawing("rear_left_tyre")
    (callout,) = car.callouts

    assert (callout.x, callout.y) == (car.silhouette.wheels[1], GROUND - car.silhouette.radius)
    assert callout.label_y > GROUND
    assert callout.text == "Rear left tyre: open"


def test_a_window_and_the_tailgate_are_labelled_above_the_car():
    assert [callout.label_y < 0 for callout in drawing("tailgate", "front_left_window").callouts] == [
        True,
        True,
    ]


@pytest.mark.parametrize("body", Body)
def test_labels_neither_overlap_nor_leave_the_drawing_even_if_everything_is_open(body):
    car = drawing(*(part.name for part in PARTS), body=body)
    rows = {}
    for callout in car.callouts:
        half = len(callout.text) * CHARACTER_WIDTH / 2
        rows.setdefault(callout.label_y, []).append((callout.label_x - half, callout.label_x + half))

    assert len(car.callouts) == len(PARTS)
    for row in rows.values():
        assert all(right < left for (_, right), (left, _) in pairwise(sorted(row)))
        assert all(left >= 0 and right <= WIDTH for left, right in row)
    assert car.top < min(rows)
    assert car.top + car.height > max(rows)


def test_a_shape_of_both_sides_has_the_more_severe_state():
    levels = {"low_beam_left": "ok", "low_beam_right": "bad", "front_left_door": "open", "hood": "ok"}
    car = drawing(levels=levels, opened=["front_left_door"])

    assert dict(car.levels) == {"front_lamps": "bad", "front_door": "open", "hood": "ok"}
    assert car.opened == {"front_door"}


def test_a_car_without_findings_has_no_space_for_labels():
    assert drawing().height < drawing("tailgate").height < drawing("tailgate", "rear_left_tyre").height
