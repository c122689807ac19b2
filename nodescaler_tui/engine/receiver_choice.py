"""The receiver that the settings describe, or in one sentence why it cannot be used."""

from __future__ import annotations

from nodescaler_tui.act.receiver import Repeats, UnsafeReceiver, WebhookReceiver
from nodescaler_tui.act.receivers.catalogue import UnusableProfile, find_profile
from nodescaler_tui.act.receivers.profile import Profile
from nodescaler_tui.act.receivers.secret import SecretKind, SecretSource, SecretUnavailable
from nodescaler_tui.act.receivers.tls import TlsFiles
from nodescaler_tui.settings.model import ReceiverSettings, SecretSettings, Settings

NO_RECEIVER = "no receiver is configured; set EXTERNAL_SCALER_WEBHOOK"


def receiver_from(settings: Settings) -> tuple[WebhookReceiver | None, str]:
    """The receiver that is used, or why there is none."""
    return built(settings.receiver)


def built(settings: ReceiverSettings) -> tuple[WebhookReceiver | None, str]:
    """The receiver, or why it cannot be used. Reads the source of its URL; its other secrets stay unread."""
    if not settings.url and settings.url_from is None:
        return None, NO_RECEIVER
    try:
        profile = find_profile(settings.profile)
        _check_url_may_be_there(settings, profile)
        return _receiver(settings, profile), ""
    except (UnsafeReceiver, UnusableProfile, SecretUnavailable) as error:
        return None, str(error)


def _check_url_may_be_there(settings: ReceiverSettings, profile: Profile) -> None:
    if profile.url_holds_secret and settings.url_in_file:
        raise UnsafeReceiver(
            f"The URL of the receiver {settings.name!r} holds a secret and does not belong in the configuration file. "
            'Name its source, such as url_from = { env = "NAME" }, or set allow_secret_in_file = true.'
        )


def _receiver(settings: ReceiverSettings, profile: Profile) -> WebhookReceiver:
    url = settings.url
    if not url and settings.url_from is not None:
        url = source(settings.url_from).read(settings.timeout_s)
    given = (SecretSource(SecretKind.VALUE, value=settings.token),) if settings.token else ()
    return WebhookReceiver(
        name=settings.name,
        url=url,
        repeats=Repeats(settings.repeats) if settings.repeats else profile.repeats,
        timeout_s=settings.timeout_s,
        profile=profile,
        secrets=(*given, *(source(entry) for entry in settings.secrets)),
        parameters=settings.parameters,
        allow_hosts=settings.allow_hosts,
        allows_scale_down=settings.allows_scale_down,
        tls=TlsFiles(settings.ca_file, settings.client_certificate, settings.client_key),
    )


def source(settings: SecretSettings) -> SecretSource:
    """A secret's source as those who read it know it."""
    return SecretSource(
        SecretKind(settings.kind), settings.place, settings.user, settings.command, settings.value, settings.timeout_s
    )
