# One image for web, worker, beat, migrations and the optional localaws; see docker-compose.yml.
FROM python:3.13-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements/run.txt /tmp/run.txt
RUN /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: --no-deps -r /tmp/run.txt

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MLCONSOLE_MODE=server \
    MPLCONFIGDIR=/tmp/matplotlib \
    STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --no-create-home mlconsole && \
    install -d -o mlconsole /data
COPY --from=packages /venv /venv
WORKDIR /srv/mlconsole
COPY . .
# The settings refuse to start without these; what is thrown away here is made up here.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput && \
    python -m compileall -q .
USER mlconsole
EXPOSE 8000
# The Host header must be one that this server answers to.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import os, urllib.request as r; \
host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].lstrip('.*') or 'localhost'; \
r.urlopen(r.Request('http://127.0.0.1:8000/livez', headers={'Host': host}), timeout=4)"]
CMD ["uvicorn", "mlconsole.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--timeout-graceful-shutdown", "5", "--no-access-log", "--no-server-header", \
     "--no-proxy-headers", "--lifespan", "off", "--log-level", "warning"]
