package follow

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"tarn/interop/s3test"
)

const source = "s3://logs/AWSLogs/"

func TestAnObjectIsThereWhenAMessageTellsOfIt(t *testing.T) {
	url, _ := startNATS(t, "S3", "s3events") // the server's first message is a test
	server := s3test.Start(t, url)
	server.Bucket(t, "logs", false)
	l := newLake(t, server.Endpoint)
	key, text := logFile("before")
	server.Put(t, "logs", key, text)
	end := l.start("follow", source, "--every", "1h", "--nats", url, "--stream", "S3", "--subject", "s3events")
	l.until("the first list", func(f followed) bool { return f.Listed != nil && f.Counts.Objects == 1 })
	for i := range 3 {
		key, text := logFile(fmt.Sprint("now", i))
		server.Put(t, "logs", key, text)
		t.Logf("visible to SQL after %s", l.untilThere((2+i)*perObject).Round(time.Millisecond))
	}
	end(syscall.SIGINT)
	if f := l.status(); f.State != "IDLE" || f.Counts.Objects != 4 {
		t.Errorf("%+v", f)
	}
}

func TestAnObjectIsThereWithoutAMessage(t *testing.T) {
	server := s3test.Start(t)
	server.Bucket(t, "logs", false)
	l := newLake(t, server.Endpoint)
	l.start("follow", source, "--every", "1s")
	l.until("the first list", func(f followed) bool { return f.Listed != nil })
	key, text := logFile("now")
	server.Put(t, "logs", key, text)
	t.Logf("visible to SQL after %s with a list every 1s", l.untilThere(perObject).Round(time.Millisecond))
}

// A tenth of the messages is lost, a tenth comes twice, a tenth late.
func TestMessagesMayBeLostTwiceOrLate(t *testing.T) {
	const objects = 150
	for _, by := range []string{"sqs", "nats"} {
		t.Run(by, func(t *testing.T) {
			url, conn := startNATS(t, "TOLD", "told")
			server := s3test.Start(t, url)
			server.Bucket(t, "logs", false)
			l := newLake(t, server.Endpoint)
			r := &road{faults: true, dice: rand.New(rand.NewPCG(1, 2)), send: func(text []byte) { _ = conn.Publish("told", text) }}
			args := []string{"follow", source, "--every", "4s", "--nats", url, "--stream", "TOLD"}
			var q *queues
			if by == "sqs" {
				q = startSQS(t)
				at := q.queue(t, "lossy")
				r.send = q.send(t, at)
				args = []string{"follow", source, "--every", "4s", "--sqs", at}
			}
			r.from(t, conn, "s3events")
			end := l.start(args...)
			l.until("the first list", func(f followed) bool { return f.Listed != nil })
			for i := range objects {
				key, text := logFile(fmt.Sprint(i))
				server.Put(t, "logs", key, text)
			}
			r.mu.Lock()
			r.letGo()
			t.Logf("%d messages lost, %d twice, %d late", r.lost, r.twice, r.late)
			r.mu.Unlock()
			l.untilThere(objects * perObject)
			f := l.until("all is in", func(f followed) bool { return f.Waiting == 0 && f.Failures == 0 })
			t.Logf("%+v", f.Counts)
			end(syscall.SIGTERM)
			if q != nil && q.left(t, "lossy") > 0 && f.Counts.Messages == 0 {
				t.Error("no message was taken")
			}
		})
	}
}

// Nothing that a message says makes the program look elsewhere.
func TestMessagesMayLie(t *testing.T) {
	url, conn := startNATS(t, "TOLD", "told")
	server := s3test.Start(t)
	for _, name := range []string{"logs", "others"} {
		server.Bucket(t, name, false)
		key, text := logFile("in-" + name)
		server.Put(t, name, key, text)
		server.Put(t, name, "elsewhere/"+key, text)
	}
	var asked requests
	l := newLake(t, server.Faulty(t, asked.fault))
	l.start("follow", source, "--every", "1h", "--nats", url, "--stream", "TOLD")
	l.until("the first list", func(f followed) bool { return f.Listed != nil && f.Counts.Objects == 1 })
	key, _ := logFile("in-others")
	for _, text := range []string{
		`{"s3Bucket":"others","s3ObjectKey":["` + key + `"]}`,
		`{"s3Bucket":"logs","s3ObjectKey":["elsewhere/` + key + `"]}`,
		`{"s3Bucket":"logs","s3ObjectKey":["AWSLogs/../elsewhere/` + key + `"]}`,
		`{"s3Bucket":"logs","s3ObjectKey":["AWSLogs/111122223333/CloudTrail-Digest/x.json.gz","AWSLogs/picture.png","AWSLogs/"]}`,
		`{"s3Bucket":"logs","s3ObjectKey":["AWSLogs/gone.json.gz"]}`,
		`not for us`, `{"Records":`, `[[[[`, `{"Records":[{"eventName":"ObjectCreated:Put"}]}`,
	} {
		if err := conn.Publish("told", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	f := l.until("all were looked at", func(f followed) bool { return f.Counts.Messages == 9 })
	if f.Counts.Ignored != 7 || f.Counts.Strange != 3 || f.Counts.Gone != 1 || f.Counts.Objects != 1 || f.Failures != 0 {
		t.Errorf("%+v", f)
	}
	if n := l.count(); n != perObject {
		t.Errorf("%d events", n)
	}
	for _, path := range asked.all() {
		if !strings.HasPrefix(path, "/logs") || strings.HasPrefix(path, "/logs/elsewhere") {
			t.Errorf("asked for %s", path)
		}
	}
}

// The program is killed again and again, while objects come and messages are lost.
func TestKilledAtAnyMoment(t *testing.T) {
	const objects, kills = 200, 14
	url, conn := startNATS(t, "TOLD", "told")
	server := s3test.Start(t, url)
	server.Bucket(t, "logs", false)
	l := newLake(t, server.Endpoint)
	r := &road{faults: true, dice: rand.New(rand.NewPCG(3, 4)), send: func(text []byte) { _ = conn.Publish("told", text) }}
	r.from(t, conn, "s3events")
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range objects {
			key, text := logFile(fmt.Sprint(i))
			server.Put(t, "logs", key, text)
			time.Sleep(40 * time.Millisecond) // they come one after the other
		}
	}()
	args := []string{"follow", source, "--every", "500ms", "--nats", url, "--stream", "TOLD"}
	dice := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for range kills {
		end := l.start(args...)
		time.Sleep(time.Duration(100+dice.IntN(1100)) * time.Millisecond) // any moment
		end(syscall.SIGKILL)
	}
	<-written
	end := l.start(args...)
	l.untilThere(objects * perObject)
	end(syscall.SIGTERM)
	if n := l.count(); n != objects*perObject {
		t.Errorf("%d events, want %d", n, objects*perObject)
	}
	l.run("verify")
}
