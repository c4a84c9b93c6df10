"""Remote write to real receivers: what they have is what a scrape returns."""

import re
import subprocess
from contextlib import contextmanager

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.support.installation import LOGIN, a_parked_world, write_token
from tests.support.services import ROOT, free_port, program, prometheus_options, running, serving, until

pytestmark = [pytest.mark.slow, pytest.mark.services]
OWN = re.compile(r"volvo_(http|exporter)_|process_|python_")
"""Metrics of the exporter itself change with each scrape."""


@contextmanager
def ending(command):
    """Run a command for the duration of the block."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def prometheus(folder):
    options = prometheus_options(folder, {})
    with ending((program("prometheus"), *options, "--web.enable-remote-write-receiver")):
        yield options[-1].partition("=")[2]


@contextmanager
def victoria_metrics(folder):
    address = f"127.0.0.1:{free_port()}"
    options = (f"-storageDataPath={folder}/data", f"-httpListenAddr={address}", "-search.latencyOffset=0s")
    with ending((program("victoria-metrics"), *options)):
        yield address


def scraped(text):
    """Return the values of the cars, by name and labels."""
    return {
        (sample.name, frozenset(item for item in sample.labels.items() if item[1])): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not OWN.match(sample.name)
    }


def stored(address, port):
    """Return the values of the cars in a receiver, by name and labels without those of the target."""
    query = f'{{__name__=~"volvo_.+",job="volvo",site="home",instance=~".+:{port}"}}'
    answer = httpx2.get(f"http://{address}/api/v1/query", params={"query": query})
    found = answer.json()["data"]["result"] if answer.is_success else []
    target = {"job", "site", "instance", "__name__"}
    return {
        (one["metric"]["__name__"], frozenset(i for i in one["metric"].items() if i[0] not in target)): float(
            one["value"][1]
        )
        for one in found
        if not OWN.match(one["metric"]["__name__"])
    }


@pytest.mark.parametrize("receiver", [prometheus, victoria_metrics], ids=lambda receiver: receiver.__name__)
def test_a_receiver_has_the_values_of_a_scrape(tmp_path, receiver):
    world = a_parked_world()
    port = free_port()
    with serving(world) as cloud, receiver(tmp_path) as address:
        settings = {
            **LOGIN,
            "volvo_api_url": cloud,
            "volvo_id_url": cloud,
            "exporter_listen_port": port,
            "remote_write": [
                {"url": f"http://{address}/api/v1/write", "interval": 5, "labels": {"site": "home"}}
            ],
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
        write_token(world, tmp_path / "volvo_token.json")
        with running(str(ROOT / "exporter.py"), folder=tmp_path):

            def same():
                values = scraped(httpx2.get(f"http://127.0.0.1:{port}/metrics").text)
                # VictoriaMetrics stores decimal numbers: 723.600013733 comes back as 723.6000137329.
                return len(values) > 300 and stored(address, port) == pytest.approx(values, rel=1e-12)

            until(same)
