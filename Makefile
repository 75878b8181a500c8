.PHONY: check test build bench fmt clean

check: ; .ci/run
test:  ; go test ./...
build: ; go build -o bin/tarn ./cmd/tarn
bench: ; go test -run '^$$' -bench . ./bench/...
fmt:   ; gofmt -w .
clean: ; rm -rf bin
