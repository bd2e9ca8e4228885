# The image that Cloud Run starts: one static binary, the certificates of the authorities, and nothing else.
# `gcloud run deploy --source=.` (deploy/deploy.sh) builds it; `docker build .` does too.
# .ci/deploy/image-check tries these very steps.

# deploy/pin.sh adds the digest that the tag stands for: a tag may come to mean another image.
FROM rust:1.95.0-slim-bookworm AS build

# release, or another profile of Cargo.toml: what is checked on each change is built in less time than a release.
ARG CARGO_PROFILE=release
# Named in full so that the flags below apply to the program only, not to the build scripts that run here.
ARG TARGET=x86_64-unknown-linux-gnu
# A static binary needs no C library in the final image. The GNU target can do it, too: names are resolved by the
# binary itself, from /etc/resolv.conf.
ENV RUSTFLAGS="-C target-feature=+crt-static" \
    CARGO_TERM_COLOR=never
WORKDIR /build

# The dependencies in a layer of their own: it is built again only when Cargo.toml or Cargo.lock change. Tests, benches
# and examples are not in the build context, and Cargo would miss their files, so their entries are taken out.
COPY Cargo.toml Cargo.lock ./
RUN awk '/^\[/ {skip = /^\[\[(test|bench|example)\]\]/} !skip' Cargo.toml > trimmed && mv trimmed Cargo.toml \
 && mkdir src && echo 'fn main() {}' > src/main.rs && touch src/lib.rs \
 && cargo build --locked --profile "$CARGO_PROFILE" --target "$TARGET" \
 && rm -r src

# The program. Its files are older than the stand-ins just built, and Cargo goes by the time: so touch them.
COPY src ./src
RUN find src -name '*.rs' -exec touch {} + \
 && cargo build --locked --profile "$CARGO_PROFILE" --target "$TARGET" --bin auto-ep

# The root of the final image. Nobody (65532) may write only where everybody may.
RUN out="$CARGO_PROFILE"; if [ "$out" = dev ]; then out=debug; fi \
 && mkdir -p /image/etc/ssl/certs /image/data /image/tmp \
 && cp "target/$TARGET/$out/auto-ep" /image/auto-ep \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && echo 'nobody:x:65532:65532::/data:/none' > /image/etc/passwd \
 && echo 'nobody:x:65532:' > /image/etc/group \
 && chmod 1777 /image/data /image/tmp


FROM scratch
COPY --from=build /image/ /
# Parts of files and what connections read go back to the system at once, and threads share what they free: that keeps a million
# products within 64 MiB (.ci/peak-memory measures with the same two).
# A container is reached from outside it: who may is for whoever runs it to say (Cloud Run's IAM, the port's publication).
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    LISTEN_ADDRESS=0.0.0.0 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072
# By number: Kubernetes and others can tell that it is not root without reading /etc/passwd.
USER 65532:65532
# Where `demo`, and `serve` without settings, keep their files; on Cloud Run nothing is written.
WORKDIR /data
EXPOSE 8080
ENTRYPOINT ["/auto-ep"]
