# One image for web, worker, beat and migrate; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
RUN useradd --system --create-home --home-dir /home/whistle --shell /usr/sbin/nologin whistle
WORKDIR /srv/whistle

COPY requirements.txt ./
RUN pip install --quiet --require-hashes --no-deps -r requirements.txt

COPY manage.py ./
COPY config ./config
COPY cases ./cases
COPY grids ./grids
COPY notifications ./notifications
COPY seeds ./seeds

# The static files are collected without any secret: demo mode makes its own in a folder that is not kept.
ENV STATIC_ROOT=/srv/whistle/staticfiles
RUN WHISTLE_MODE=demo WHISTLE_DATA=/tmp/build python manage.py collectstatic --no-input -v 0 && rm -rf /tmp/build

# A volume that is mounted here takes over owner and mode.
RUN install --directory --owner whistle --mode 700 /srv/media /srv/watchdog

ENV WHISTLE_MODE=production
USER whistle
EXPOSE 8000
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "1", "--respawn-failed-workers", "config.wsgi:application"]
