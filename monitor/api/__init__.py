"""The API: what machines ask over HTTP, as a FastAPI application and the ASGI layers around it.

Asks `monitor.service` alone; a resource is one file in `monitor.api.routes`.
"""
