# One image for every part of Nexus; the command names the part: web, stream, worker, relay, beat, or one of manage.py's.

FROM python:3.13-slim-trixie AS python
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1


FROM python AS dependencies
COPY requirements.txt .
# Of promise, which graphene asks for, there is only the source; it is Python alone and needs no compiler.
RUN python3 -m venv /venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --only-binary :all: --no-binary promise -r requirements.txt \
    && python -m compileall -q /venv \
    && pip uninstall --yes --quiet pip


FROM node:24-trixie-slim AS graphiql
WORKDIR /graphiql
# Without its .npmrc npm holds that the lock file lacks packages.
COPY schema/graphiql/package.json schema/graphiql/package-lock.json schema/graphiql/.npmrc ./
# Of all the packages the page loads these files (schema/graphiql/assets.py).
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && mkdir /bundles \
    && cd node_modules \
    && cp --parents react/umd/react.production.min.js react-dom/umd/react-dom.production.min.js \
        graphiql/graphiql.min.js graphiql/graphiql.min.css \
        @graphiql/plugin-explorer/dist/index.umd.js @graphiql/plugin-explorer/dist/style.css /bundles/


FROM python
RUN useradd --system --uid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin nexus
WORKDIR /nexus
COPY --from=dependencies /venv /venv
COPY . .
COPY --from=graphiql /bundles schema/graphiql/node_modules
# The image is whole, or it is not built: every module compiles, and the page finds its files.
RUN python -m compileall -q . && python -c "from schema.graphiql.assets import bundle; bundle()"
# What the admin's pages load. Collecting reads no secret and no database, and the settings ask for both.
RUN SECRET_KEY=nothing-is-signed-while-files-are-collected DATABASE_URL=postgresql://nobody@127.0.0.1:1/nothing \
    python manage.py collectstatic --noinput --verbosity 0
ENV NEXUS_DATA_DIR=/tmp/nexus
USER nexus
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["ops/entry", "healthy"]
ENTRYPOINT ["ops/entry"]
CMD ["web"]
