# Feedmill in a container: `docker build -t feedmill .`, then see docker-compose.yml.
FROM python:3.11-slim AS build

# Some dependencies come as source only; what is built stays in this environment, the tools in this stage.
RUN python -m venv /opt/feedmill
ENV PATH=/opt/feedmill/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY storage storage
COPY feeds feeds
COPY aggregator aggregator
RUN pip install --no-deps .

FROM python:3.11-slim

# A fixed number, so that the owner of a mounted folder can be set to it. A new volume takes over the folder's owner.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin feedmill \
    && install -d -o feedmill -g feedmill /site /data /public
COPY --from=build /opt/feedmill /opt/feedmill

# The host 127.0.0.1 would be the container's own; the port is the one that the health check asks.
ENV PATH=/opt/feedmill/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FEEDMILL_SERVER__HOST=0.0.0.0 \
    FEEDMILL_SERVER__PORT=8080
USER 10001:10001
WORKDIR /site
VOLUME ["/site"]
EXPOSE 8080

# No proxy: one named in the environment would be asked for 127.0.0.1, too. An answer other than 2xx raises: exit 1.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-c", \
    "from urllib.request import ProxyHandler, build_opener as o; o(ProxyHandler({})).open('http://127.0.0.1:8080/healthz', timeout=5)"]

# Reads /site/feedmill.toml.
ENTRYPOINT ["feedmill"]
CMD ["run"]
