"""The body of a request of remote write 1.0: a protobuf message, compressed with snappy.

The message: https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import cramjam
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from volvo_exporter.prometheus.remote_write.series import Labels

PACKAGE = "prometheus"
DOUBLE = descriptor_pb2.FieldDescriptorProto.TYPE_DOUBLE
INT64 = descriptor_pb2.FieldDescriptorProto.TYPE_INT64
STRING = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
MESSAGES: Mapping[str, Mapping[str, int | str]] = MappingProxyType(
    {
        "Label": {"name": STRING, "value": STRING},
        "Sample": {"value": DOUBLE, "timestamp": INT64},
        "TimeSeries": {"labels": "Label", "samples": "Sample"},
        "WriteRequest": {"timeseries": "TimeSeries"},
    }
)
"""Fields of each message, in the order of their numbers from 1; a name is a repeated message."""


class Encode(Protocol):
    """Returns the body of a request."""

    def __call__(self, series: Iterable[tuple[Labels, float]], *, at: float) -> bytes:
        """Return the body for these series, with one sample each at a Unix time in seconds."""


def build_encoder() -> Encode:
    """Return the encoder; building its messages takes a millisecond."""
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_file())
    write_request = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.WriteRequest"))

    def encode(series: Iterable[tuple[Labels, float]], *, at: float) -> bytes:
        request: Any = write_request()
        milliseconds = round(at * 1000)
        for labels, value in series:
            one = request.timeseries.add()
            for name, text in labels:
                one.labels.add(name=name, value=text)
            one.samples.add(value=value, timestamp=milliseconds)
        return bytes(cramjam.snappy.compress_raw(request.SerializeToString()))

    return encode


def _file() -> descriptor_pb2.FileDescriptorProto:
    """Return MESSAGES as the description of a .proto file."""
    file = descriptor_pb2.FileDescriptorProto(name="remote.proto", package=PACKAGE, syntax="proto3")
    field = descriptor_pb2.FieldDescriptorProto
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (field_name, kind) in enumerate(fields.items(), start=1):
            is_message = isinstance(kind, str)
            message.field.add(
                name=field_name,
                number=number,
                label=field.LABEL_REPEATED if is_message else field.LABEL_OPTIONAL,
                type=field.TYPE_MESSAGE if is_message else kind,
                type_name=f".{PACKAGE}.{kind}" if is_message else None,
            )
    return file
