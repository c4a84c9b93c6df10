import pytest

from volvo_exporter.polling.outcomes import Outcome, Pause, PauseReason, outcome_of
from volvo_exporter.volvo import errors

EXPECTED = {
    errors.LoginRequired: Pause(why=PauseReason.LOGIN),
    errors.ClientRefused: Pause(why=PauseReason.CLIENT),
    errors.TokenNotSaved: Pause(why=PauseReason.TOKEN),
    errors.KeyRefused: Outcome.KEY_REFUSED,
    errors.TokenRefused: Outcome.TRANSIENT,
    errors.ScopeMissing: Outcome.FORBIDDEN,
    errors.ForeignVehicle: Outcome.FOREIGN,
    errors.Unsupported: Outcome.UNSUPPORTED,
    errors.Gone: Outcome.GONE,
    errors.Unreachable: Outcome.TRANSIENT,
    errors.Malformed: Outcome.TRANSIENT,
}


@pytest.mark.parametrize("error", EXPECTED, ids=lambda error: error.__name__)
def test_each_error_has_one_outcome(error):
    assert outcome_of(error("…")) == EXPECTED[error]


@pytest.mark.parametrize(
    ("error", "why"), [(errors.QuotaExhausted, PauseReason.QUOTA), (errors.Throttled, PauseReason.THROTTLED)]
)
@pytest.mark.parametrize("until", [None, 12.5])
def test_a_limit_applies_until_the_time_in_volvos_response(error, why, until):
    assert outcome_of(error("…", until=until)) == Pause(why=why, until=until)


def test_every_error_of_the_cloud_has_an_outcome():
    known = {*EXPECTED, errors.QuotaExhausted, errors.Throttled}

    assert set(errors.CloudError.__subclasses__()) == known
