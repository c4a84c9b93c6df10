"""The page over the whole exporter."""

import re
from html.parser import HTMLParser

import anyio

from installation import a_world, installed
from volvo_exporter.simulator import FLEET, Fault, Options


class Outline(HTMLParser):
    """What a page loads, and whether its elements are closed in order."""

    VOID = ("meta", "link", "br", "img", "input", "path", "rect", "circle")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.loaded += [value for name, value in attrs if name == "src" or (name == "href" and tag == "link")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


async def test_the_page_shows_each_car_and_loads_nothing_from_elsewhere(tmp_path):
    async with installed(tmp_path, a_world()) as it:
        await anyio.sleep(10)
        answer = await it.scrape("/")
    outline = Outline(answer.text)

    assert (outline.open, outline.loaded) == ([], ["/icon.svg"])
    for model in ("EX30 2024", "XC60 2022", "S90 2018"):
        assert model in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"nonce-(\w+)", policy)[1] in answer.text
    for profile in FLEET:
        assert profile.vin not in answer.text


async def test_without_a_login_the_page_says_what_to_do(tmp_path):
    async with installed(tmp_path, a_world(), logged_in=False) as it:
        await anyio.sleep(10)
        text = (await it.scrape("/")).text

    assert "somebody has to log in" in text
    assert "No car is known yet" in text


async def test_an_account_without_a_car_says_how_to_get_one(tmp_path):
    async with installed(tmp_path, a_world(options=Options(consented_vins=()))) as it:
        await anyio.sleep(10)
        text = (await it.scrape("/")).text
        ready = await it.scrape("/-/ready")

    assert "tick the car on Volvo" in text
    assert (ready.status_code, "tick the car on Volvo" in ready.text) == (503, True)


async def test_a_failing_resource_is_named_with_its_error_even_after_it_passed(tmp_path):
    world = a_world(cars=FLEET[:1])
    async with installed(tmp_path, world) as it:
        await anyio.sleep(10)
        world.faults.add(Fault(kind="internal_error", where="doors"))
        await anyio.sleep(600)
        failing = (await it.scrape("/")).text
        world.faults.clear()
        await anyio.sleep(900)
        healed = (await it.scrape("/")).text

    assert "1 of them failing" in failing
    assert "1 of the requests for this car fails: what is shown may be old" in failing
    assert "what is shown may be old" not in healed
    assert "of them failing" not in healed
    assert "doors: " in healed


async def test_what_a_car_says_cannot_become_markup(tmp_path):
    async with installed(
        tmp_path, a_world(), vehicle_names={FLEET[0].vin: "<script>alert(1)</script>"}
    ) as it:
        await anyio.sleep(10)
        text = (await it.scrape("/")).text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
