"""What can go wrong, as one tree; each class answers what the scheduler does now.

    ExporterError
    ├─ ConfigurationError     nothing: the process ends with exit code 2; the message names the fix
    ├─ LoginRefused           nothing: a login that somebody tried did not work; the old one, if any, goes on
    └─ CloudError
       ├─ LoginRequired       pause the account until the token file changes
       ├─ ClientRefused       pause the account, ask seldom: client id or secret wrong, the login not lost
       ├─ TokenNotSaved       back off: the token file cannot be written; nothing was lost yet
       ├─ KeyRefused          ask again soon, a few times (new keys are refused at random); then seldom
       ├─ TokenRefused        back off: even a fresh token was refused; this alone is no lost login
       ├─ ScopeMissing        rest this resource until somebody logs in again
       ├─ ForeignVehicle      rest this vehicle: it is not, or not any more, one of this account
       ├─ QuotaExhausted      pause the API key until the quota is replenished
       ├─ Throttled           pause the API key for the time the gateway names
       ├─ Unsupported         rest this resource of this car for an hour, doubling up to a day
       ├─ Gone                if repeated, rest this resource for a day
       ├─ Unreachable         back off: no answer, 5xx, or an outage in another disguise
       └─ Malformed           back off: an answer that is not what the API sends

Messages are made for people and carry no secret, token, VIN or position.
"""

LOG_IN = "open /login or run `volvo-exporter login`"
"""What to do where a login is missing, as the end of a message."""


class ExporterError(Exception):
    """Everything that the exporter raises on purpose."""


class ConfigurationError(ExporterError):
    """The configuration or the machine has to be changed; the message says what and how."""


class LoginRefused(ExporterError):
    """A login did not work; the message says what to do about it."""


class CloudError(ExporterError):
    """Volvo's cloud, or the weather service, did not give what it was asked for."""


class LoginRequired(CloudError):
    """There is no usable refresh token: somebody has to log in at Volvo ID."""


class ClientRefused(CloudError):
    """Volvo ID does not accept `client_id` and `client_secret`."""


class TokenNotSaved(CloudError):
    """The token file cannot be written; without that no token is used."""


class KeyRefused(CloudError):
    """The gateway does not accept `api_key`."""


class TokenRefused(CloudError):
    """The API does not accept the access token, although it is fresh."""


class ScopeMissing(CloudError):
    """The login does not include a scope that this resource needs."""


class ForeignVehicle(CloudError):
    """The vehicle has no relationship to the Volvo ID that logged in."""


class QuotaExhausted(CloudError):
    """The API key has no calls left today."""

    def __init__(self, message: str, *, until: float | None) -> None:
        super().__init__(message)
        self.until = until
        """When the quota is replenished in Unix time; None where the answer does not say."""


class Throttled(CloudError):
    """Too many requests in a minute."""

    def __init__(self, message: str, *, until: float | None) -> None:
        super().__init__(message)
        self.until = until
        """When to go on in Unix time; None where the answer does not say."""


class Unsupported(CloudError):
    """The car, its market or this route has no such resource."""


class Gone(CloudError):
    """The API has been removed."""


class Unreachable(CloudError):
    """No answer, or an answer that says that the service is out of order."""


class Malformed(CloudError):
    """A successful answer whose body is not JSON."""
