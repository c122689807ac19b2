"""AWS Signature Version 4, with botocore: its credentials are those that AWS's own tools would use."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from nodescaler_tui.act.receivers.channel import Request
from nodescaler_tui.act.receivers.secret import SecretUnavailable

BOTOCORE: Final = ("botocore.session", "botocore.auth", "botocore.awsrequest", "botocore.exceptions")


def signed_headers(request: Request, service: str, region: str) -> Mapping[str, str]:
    """The request's headers with the signature over all of them and the body.

    Raises SecretUnavailable without botocore or credentials. The time in the signature is botocore's own reading of
    the clock, since AWS compares it with its own.
    """
    try:
        session, auth, awsrequest, errors = map(import_module, BOTOCORE)
    except ImportError:
        raise SecretUnavailable(
            "AWS requests cannot be signed: install the extra with pip install 'nodescaler-tui[sigv4]'."
        ) from None
    try:
        credentials = session.Session().get_credentials()
    except errors.BotoCoreError as error:
        raise SecretUnavailable(f"The AWS credentials cannot be read: {type(error).__name__}.") from None
    if credentials is None:
        raise SecretUnavailable("There are no AWS credentials in the environment, the AWS files or the machine's role.")
    described = awsrequest.AWSRequest(request.method, request.url, dict(request.headers), request.body)
    auth.SigV4Auth(credentials.get_frozen_credentials(), service, region).add_auth(described)
    return dict(described.headers.items())
