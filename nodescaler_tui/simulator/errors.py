"""Genesys's error answers: one shape for all of them."""

from __future__ import annotations

import uuid

from nodescaler_tui.simulator.http import Answer, json_answer


def error(status: int, code: str, message: str) -> Answer:
    """An error with its code and message."""
    document = {
        "message": message,
        "code": code,
        "status": status,
        "contextId": str(uuid.uuid4()),
        "details": [],
        "errors": [],
    }
    return json_answer(status, document)


def bad_request(message: str) -> Answer:
    """400 without a code of its own."""
    return error(400, "general.bad.request", message)


def invalid_value(given: object, field_type: str, allowed: str) -> Answer:
    """400 for a value that a field cannot have."""
    message = f"Value [{given}] is not valid for field type [{field_type}]. Allowable values are: {allowed}"
    return error(400, "invalid.value", message)


def not_found(what: str) -> Answer:
    """404."""
    return error(404, "not.found", f"The requested {what} was not found.")


def throttled(seconds: int) -> Answer:
    """429 in the form that Genesys has promised: always with Retry-After, in seconds."""
    message = f"Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"
    answer = error(429, "too.many.requests.retry.after", message)
    return Answer(429, answer.body, {"Retry-After": str(seconds)})


def forbidden(permission: str) -> Answer:
    """403 that names the permission."""
    message = (
        "Unable to perform the requested action. You must have at least one of the following permissions assigned: "
        f"[{permission}]"
    )
    return error(403, "missing.any.permissions", message)
