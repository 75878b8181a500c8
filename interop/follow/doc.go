// Package follow asks whether tarn follow loses nothing and takes nothing twice: the
// program itself, beside real servers that others wrote. Objects are in versitygw (S3),
// messages come through goaws (SQS) and nats-server (JetStream); some of them are lost,
// doubled and late, and the program is killed.
package follow
