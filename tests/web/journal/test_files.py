import csv
import io
from xml.etree import ElementTree as ET

from volvo_exporter.web.journal.files import TrackPoint, write_csv, write_gpx

NAMES = {"gpx": "http://www.topografix.com/GPX/1/1"}


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_nested_values_have_columns_of_their_own():
    (row,) = rows(write_csv([{"start": {"earliest": "a", "latest": "b"}, "distance_meters": 12.0}]))
    assert row == {"start_earliest": "a", "start_latest": "b", "distance_meters": "12.0"}


def test_unknown_is_an_empty_cell_and_never_a_zero():
    (row,) = rows(write_csv([{"distance_meters": 1.0, "energy_joules": None}]))
    assert row["energy_joules"] == ""


def test_a_value_that_is_an_object_in_another_row_has_no_column_of_its_own():
    first, second = rows(write_csv([{"position": None}, {"position": {"latitude": 57.7}}]))
    assert (first, second) == ({"position_latitude": ""}, {"position_latitude": "57.7"})


def test_an_estimate_stays_beside_its_bounds():
    (row,) = rows(write_csv([{"energy_joules": 2.0, "energy_joules_low": 1.0}]))
    assert row == {"energy_joules": "2.0", "energy_joules_low": "1.0"}


def test_a_note_is_not_a_formula_for_a_spreadsheet():
    (row,) = rows(write_csv([{"note": '=HYPERLINK("http://example.test")'}]))
    assert row["note"].startswith("'=")


def test_a_track_is_valid_gpx_in_order_of_time():
    text = write_gpx("Drive & back", [TrackPoint(at=0.0, latitude=57.7, longitude=-11.9)])

    track = ET.fromstring(text).find("gpx:trk", NAMES)  # noqa: S314 - our own text
    assert track.findtext("gpx:name", namespaces=NAMES) == "Drive & back"
    (point,) = track.findall("gpx:trkseg/gpx:trkpt", NAMES)
    assert point.attrib == {"lat": "57.700000", "lon": "-11.900000"}
    assert point.findtext("gpx:time", namespaces=NAMES) == "1970-01-01T00:00:00Z"
