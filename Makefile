.PHONY: check test build bench compare interop fmt clean release macos-cc

check: ; .ci/run
test:  ; go test ./...
build: ; go build -o bin/tarn ./cmd/tarn
bench: ; go test -run '^$$' -bench . ./bench/...
fmt:   ; gofmt -w .
# Real servers and clients, which are fetched (interop/README.md).
interop: ; cd interop && ./with-clients go test -count=1 ./...
# Tarn beside others, which are fetched (bench/compare/README.md). TARN_BENCH_EVENTS is how
# many events; make compare OUT=bench/compare keeps the results.
OUT ?= bin/compare
compare: ; cd interop && ./with-peers go run ./compare -o $(abspath $(OUT))
clean: ; rm -rf bin

# For this machine, or for GOOS and GOARCH with a cross-compiler (docs/running.md).
export GOOS ?= $(shell go env GOHOSTOS)
export GOARCH ?= $(shell go env GOHOSTARCH)
# For macOS elsewhere, CC=macos-cc compiles, which is built first.
ifeq ($(CC),macos-cc)
release: export PATH := $(CURDIR)/bin:$(PATH)
release: macos-cc
endif
macos-cc: ; GOOS= GOARCH= CGO_ENABLED=0 go build -o bin/macos-cc ./cmd/macos-cc
release:
	CGO_ENABLED=1 go build -trimpath -ldflags '-s -w' -o bin/tarn-$(GOOS)-$(GOARCH) ./cmd/tarn
	cd bin && (sha256sum tarn-$(GOOS)-$(GOARCH) || shasum -a 256 tarn-$(GOOS)-$(GOARCH)) >tarn-$(GOOS)-$(GOARCH).sha256
