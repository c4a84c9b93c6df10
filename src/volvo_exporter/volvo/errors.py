"""The errors of the exporter as one tree; the class decides how the scheduler continues.

    ExporterError
    ├─ ConfigurationError     none: the process ends with exit code 2; the message names the fix
    ├─ LoginRefused           none: a new login failed; an existing one stays in use
    └─ CloudError
       ├─ LoginRequired       pause the account until the token file changes
       ├─ ClientRefused       pause the account, retry rarely: client id or secret is wrong, the login is kept
       ├─ TokenNotSaved       back off: the token file cannot be written; the login is kept
       ├─ KeyRefused          retry soon, a few times (new keys are refused at random), then rarely
       ├─ TokenRefused        back off: even a fresh token was refused; the login is kept
       ├─ ScopeMissing        pause this resource until the next login
       ├─ ForeignVehicle      pause this vehicle: it is not in this account
       ├─ QuotaExhausted      pause the API key until the quota resets
       ├─ Throttled           pause the API key for the time the gateway names
       ├─ Unsupported         pause this resource of this car for an hour, doubling up to a day
       ├─ Gone                if repeated, pause this resource for a day
       ├─ Unreachable         back off: no response, 5xx, or another sign of an outage
       └─ Malformed           back off: an invalid response

Messages are shown to users and contain no secret, token, VIN or position.
"""

LOG_IN = "open /login or run `volvo-exporter login`"
"""What to do where a login is missing, as the end of a message."""


class ExporterError(Exception):
    """Any error that the exporter raises itself."""


class ConfigurationError(ExporterError):
    """The configuration or the machine must be changed; the message contains the fix."""


class LoginRefused(ExporterError):
    """A login failed; the message contains the fix."""


class CloudError(ExporterError):
    """A request to Volvo's cloud or the weather service failed."""


class LoginRequired(CloudError):
    """No valid refresh token: a login at Volvo ID is required."""


class ClientRefused(CloudError):
    """Volvo ID does not accept `client_id` and `client_secret`."""


class TokenNotSaved(CloudError):
    """The token file cannot be written; no token is used before it is stored."""


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
        """When the quota resets, in Unix seconds; None if the response does not contain it."""


class Throttled(CloudError):
    """Too many requests in a minute."""

    def __init__(self, message: str, *, until: float | None) -> None:
        super().__init__(message)
        self.until = until
        """When requests may resume, in Unix seconds; None if the response does not contain it."""


class Unsupported(CloudError):
    """The car, its market or this route has no such resource."""


class Gone(CloudError):
    """The API has been removed."""


class Unreachable(CloudError):
    """No response, or one that reports an outage."""


class Malformed(CloudError):
    """A successful response with an invalid body."""
