# The exporter and its runtime dependencies. Usage: docs/docker.md

# Pinned by tag; to publish the image, pin the digest with --build-arg BASE=python:…@sha256:…
# The base contains Python and ca-certificates, which the exporter uses for TLS.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
RUN python3 -m venv /opt/venv
# The lock file first, so that a change of the code does not reinstall all dependencies.
# It includes the optional packages, as the driver for database_url.
COPY requirements-image.txt ./
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-image.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps . \
    && /opt/venv/bin/pip uninstall --yes pip

FROM ${BASE}
LABEL org.opencontainers.image.title="volvo-vehicle-exporter" \
      org.opencontainers.image.description="See your Volvo in Prometheus and Grafana" \
      org.opencontainers.image.source="https://github.com/xaxeu/volvo-vehicle-exporter" \
      org.opencontainers.image.documentation="https://github.com/xaxeu/volvo-vehicle-exporter/blob/main/docs/docker.md" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VOLVO_EXPORTER_LISTEN_ADDR=0.0.0.0
# The mounted folder for config.yaml and volvo_token.json. The code is elsewhere, so that no mount hides it.
# Writable for every user, as the container may run as any.
RUN mkdir --mode=1777 /app
WORKDIR /app
USER 1000:1000
EXPOSE 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["volvo-exporter", "health"]
ENTRYPOINT ["volvo-exporter"]
CMD ["serve"]
