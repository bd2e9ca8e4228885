"""A function that only answers: what Google's own framework costs before it does anything."""

import functions_framework


@functions_framework.http
def answer(_request):
    return "ok"
