"""FastAPI, or any ASGI site: a2wsgi mounts the stand-alone placeholder app beside it.

$ uvicorn --port 8000 fastapi_app:app
"""

import asyncio
import time

from a2wsgi import WSGIMiddleware
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, StreamingResponse

from wsgi_placeholder import placeholder_app

PAGE = '<h1>FastAPI</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'

app = FastAPI()
app.mount("/placeholder", WSGIMiddleware(placeholder_app()))


@app.get("/", response_class=HTMLResponse)
async def page():
    return PAGE


@app.get("/stream")
async def stream():
    async def clock():
        for _ in range(3):
            yield f"{time.time()}\n"
            await asyncio.sleep(0.3)

    return StreamingResponse(clock(), media_type="text/plain")
