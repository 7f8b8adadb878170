# The operator and the command line in an image without a shell, a package manager or root.
#   docker build -t pgha .    docker run --rm pgha version
# scripts/image-rootfs does what the first stage does, outside a container; CI runs that.
FROM node:24-bookworm AS build
# Fetches PySyncObj, whose digest pgha knows.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3-pip \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY scripts/setup scripts/
RUN scripts/setup
COPY . .
# docker build --build-arg PGHA_COMMIT=$(git rev-parse --short=12 HEAD)
ARG PGHA_COMMIT=unknown
RUN scripts/image-rootfs /rootfs

# glibc, libstdc++, certificates, a user `nonroot` (65532), and nothing else.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /rootfs /
USER 65532:65532
WORKDIR /opt/pgha
# A heap that is kept small rather than grown first and tidied later, and memory that is given back: half the size for
# fifty clusters. Some hundreds of clusters need a larger old space: set NODE_OPTIONS in the Deployment.
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-semi-space-size=2 --max-old-space-size=256" \
    MALLOC_ARENA_MAX=2 \
    PGHA_PYSYNCOBJ_FILE=/opt/pgha/share/pysyncobj-0.3.17.tar.gz
EXPOSE 8080
# Node itself is process 1: signals reach it.
# Small code and a small heap: 177 MB instead of 225 with fifty clusters, at the same CPU. NODE_OPTIONS does not take it.
ENTRYPOINT ["/opt/pgha/bin/node", "--optimize-for-size", "/opt/pgha/bin/start.cjs", "/opt/pgha/dist/pgha.mjs"]
CMD ["operator"]
