"""The kinds of authentication that a profile can ask for, and the words in which a plan names them."""

from __future__ import annotations

import msgspec


class _Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One kind; a name that it does not have is refused."""


class NoAuthentication(_Kind, frozen=True, tag="none"):
    """Nothing is shown, or the URL itself is the secret."""


class Bearer(_Kind, frozen=True, tag="bearer"):
    """`Authorization: Bearer SECRET`. Not required where the receiver is open, as the tutorial's."""

    required: bool = True


class RawHeader(_Kind, frozen=True, tag="header"):
    """The secret itself as the value of a header."""

    name: str
    required: bool = True


class QueryToken(_Kind, frozen=True, tag="query"):
    """The secret as a parameter of the URL's query; the URL is then shown nowhere."""

    name: str


class StandardWebhooks(_Kind, frozen=True, tag="standard-webhooks"):
    """The headers of Standard Webhooks 1.0.0, with one signature for each secret."""


class HubSignature(_Kind, frozen=True, tag="hub-signature"):
    """`X-Hub-Signature-256`: HMAC-SHA256 of the body with the first secret."""


class SigV4(_Kind, frozen=True, tag="sigv4"):
    """AWS Signature Version 4 with the credentials that AWS's own tools would use."""

    service: str = "execute-api"


Authentication = NoAuthentication | Bearer | RawHeader | QueryToken | StandardWebhooks | HubSignature | SigV4


def needs_secret(authentication: Authentication) -> bool:
    """Whether the receiver cannot be used without a secret of ours."""
    match authentication:
        case Bearer(required=required) | RawHeader(required=required):
            return required
        case QueryToken() | StandardWebhooks() | HubSignature():
            return True
        case NoAuthentication() | SigV4():
            return False


def takes_secret(authentication: Authentication) -> bool:
    """Whether a secret of ours would be used at all."""
    return not isinstance(authentication, NoAuthentication | SigV4)


def in_words(authentication: Authentication, secrets: int) -> str:
    """How we authenticate with so many secrets; this is what a plan shows."""
    if takes_secret(authentication) and not secrets:
        return "none"
    match authentication:
        case NoAuthentication():
            return "none"
        case Bearer():
            return "bearer token"
        case RawHeader(name=name):
            return f"token in the header {name}"
        case QueryToken(name=name):
            return f"token in the query parameter {name}"
        case StandardWebhooks():
            return f"Standard Webhooks signature with {secrets} secret{'s' if secrets > 1 else ''}"
        case HubSignature():
            return "X-Hub-Signature-256"
        case SigV4(service=service):
            return f"AWS Signature Version 4 for {service}"
