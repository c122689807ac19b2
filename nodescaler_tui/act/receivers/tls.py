"""TLS towards a receiver: always verified, with an own authority and a client certificate where they are configured."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import certifi

_REFUSED_OUR_CERTIFICATE: Final = (
    "CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNKNOWN_CA",
    "ALERT_ACCESS_DENIED",
    "ALERT_HANDSHAKE_FAILURE",
)


class UnusableCertificate(Exception):  # noqa: N818 - the sentence is for the operator
    """A file of certificates or keys that cannot be used: which, and why. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the authorities to trust instead of the usual ones, and our own certificate with its key."""

    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""

    @property
    def in_words(self) -> str:
        """What these files do, empty when there are none."""
        parts = ["client certificate"] if self.client_certificate else []
        return " and ".join([*parts, *(["own authority"] if self.ca_file else [])])

    def context(self) -> ssl.SSLContext:
        """Built anew for each connection, so that a renewed certificate is used without a restart.

        Raises UnusableCertificate.
        """
        authorities = self.ca_file or certifi.where()
        try:
            context = ssl.create_default_context(cafile=str(Path(authorities).expanduser()))
        except OSError as error:
            raise UnusableCertificate(f"The ca_file {authorities} cannot be used: {_why(error)}.") from None
        if self.client_certificate:
            self._present_ourselves(context)
        return context

    def _present_ourselves(self, context: ssl.SSLContext) -> None:
        key = str(Path(self.client_key).expanduser()) if self.client_key else None
        try:
            context.load_cert_chain(Path(self.client_certificate).expanduser(), key, password=_no_password)
        except OSError as error:
            raise UnusableCertificate(
                f"The client_certificate {self.client_certificate} cannot be used with its key: {_why(error)}."
            ) from None


def _no_password() -> str:
    """Without this OpenSSL would ask on the terminal, which the engine does not have."""
    raise UnusableCertificate("The client_key is encrypted; it has to be a file that this user alone can read.")


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not PEM").replace("_", " ").lower()
    return error.strerror or type(error).__name__


def failure_in_words(error: BaseException) -> str:
    """What TLS says about a failed connection, empty when it was not TLS that failed."""
    found = _tls_error(error)
    if isinstance(found, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {found.verify_message}"
    return "" if found is None else f"TLS: {_why(found)}"


def refused_our_certificate(error: BaseException) -> bool:
    """Whether the other side ended the handshake over our certificate.

    With TLS 1.3 this arrives after the first bytes of the request, which it has then certainly not read.
    """
    found = _tls_error(error)
    return found is not None and any(alert in (found.reason or "") for alert in _REFUSED_OUR_CERTIFICATE)


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error
