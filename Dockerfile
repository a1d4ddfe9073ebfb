# Two stages: build a static binary, then put it alone in an image without a shell.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -tags goolm -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /schoolbel . \
 && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /schoolbel /schoolbel
COPY --from=build --chown=nonroot:nonroot /data /data
# The SQLite file lives on the volume; set SCHOOLBEL_DATABASE_URL for PostgreSQL.
WORKDIR /data
VOLUME /data
ENV SCHOOLBEL_HTTP_LISTEN=0.0.0.0:8080
EXPOSE 8080
USER nonroot
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["/schoolbel", "health"]
ENTRYPOINT ["/schoolbel"]
