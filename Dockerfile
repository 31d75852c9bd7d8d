# Masthead as a container: one binary with both engines, no shell, no package manager, not root.
#
#     docker build -t masthead .
#     docker run -p 8080:8080 -v masthead:/data masthead

# ---- build -------------------------------------------------------------------------------------------------
# The slim image has what the build needs: Rust and a C compiler. Its Debian release is the final stage's, so
# the glibc that the binary is linked against is the glibc that it meets.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src

# The image's toolchain is the one that rust-toolchain.toml names; said here, so that rustup fetches nothing.
ENV RUSTUP_TOOLCHAIN=1.95.0

COPY . .

# Both caches live on the builder and outlast the layer: a changed line rebuilds our crates, not the world.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p masthead-api --bin masthead \
    && install -D target/release/masthead out/root/usr/local/bin/masthead \
    && ldd target/release/masthead | grep -o '/lib[^ ]*' | xargs -I LIBRARY install -D LIBRARY out/rootLIBRARY \
    && install -D -m 644 /etc/ssl/certs/ca-certificates.crt out/root/etc/ssl/certs/ca-certificates.crt \
    && install -d out/data

# ---- run ---------------------------------------------------------------------------------------------------
# Nothing but the binary, the four libraries of glibc and gcc that it is linked against, and the certificates that
# TLS to PostgreSQL is checked with: no shell, no package manager, nothing to keep up to date but Masthead.
FROM scratch

COPY --from=build /src/out/root /
# An empty folder with the right owner: a new volume mounted here inherits it.
COPY --from=build --chown=65532:65532 /src/out/data /data

ENV MASTHEAD_LISTEN=0.0.0.0:8080 \
    MASTHEAD_DATA_DIR=/data

# Nobody in particular; there is no file of users to name one.
USER 65532:65532
VOLUME /data
EXPOSE 8080

# There is no curl in here: the binary asks itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/masthead", "health", "--url", "http://127.0.0.1:8080"]

ENTRYPOINT ["/usr/local/bin/masthead"]
CMD ["serve"]
