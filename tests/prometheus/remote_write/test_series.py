"""The series of an exposition, and the end of those that disappear."""

import math
import struct

from volvo_exporter.prometheus.remote_write.series import STALE, SeriesReader, batches

ODOMETER = b'volvo_odometer_meters{vin="A",model="EX \\"30\\""} 12000.0\n'
RANGE = b'volvo_range_meters{vin="A"} 250000.0\n'


def labels(**given):
    return tuple(sorted(given.items()))


def test_series_have_the_common_labels_sorted_by_name():
    found = SeriesReader({"job": "volvo", "instance": "pi:9100"}).read([b"# HELP x y\n", ODOMETER])

    assert found == {
        labels(
            __name__="volvo_odometer_meters", instance="pi:9100", job="volvo", model='EX "30"', vin="A"
        ): 12000.0
    }


def test_a_label_of_the_series_has_precedence():
    (found,) = SeriesReader({"vin": "other"}).read([RANGE])

    assert dict(found)["vin"] == "A"


def test_an_empty_label_is_omitted():
    (found,) = SeriesReader({}).read([b'volvo_range_meters{vin="A",gearbox=""} 1.0\n'])

    assert "gearbox" not in dict(found)


def test_a_series_that_disappears_ends_once():
    reader = SeriesReader({})
    reader.read([ODOMETER, RANGE])

    ended = labels(__name__="volvo_range_meters", vin="A")
    assert math.isnan(reader.read([ODOMETER])[ended])
    assert ended not in reader.read([ODOMETER])
    assert reader.read([ODOMETER, RANGE])[ended] == 250000.0


def test_the_end_of_a_series_is_the_nan_of_prometheus():
    assert struct.pack(">d", STALE).hex() == "7ff0000000000002"


def test_a_changed_value_replaces_the_former_one():
    reader = SeriesReader({})
    reader.read([RANGE])

    assert list(reader.read([RANGE.replace(b"250000", b"249000")]).values()) == [249000.0]


def test_batches_contain_every_series_once():
    series = {labels(__name__=f"m{number}"): float(number) for number in range(7)}

    found = list(batches(series, 3))
    assert [len(batch) for batch in found] == [3, 3, 1]
    assert dict(item for batch in found for item in batch) == series
