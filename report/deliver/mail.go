package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"tarn/internal/hint"
	"tarn/internal/uuid"
)

// mailPatience is how long a server may take for a mail.
const mailPatience = 2 * time.Minute

// MailServer is who takes mail.
type MailServer struct {
	host, from string
	port       int
	user       string
	password   string
	secured    secured
}

// secured is how what is said to a mail server is kept from others.
type secured int

const (
	startTLS secured = iota // begins in the open, and goes on only once it is secured
	tlsFirst                // from the first byte on
	inTheOpen
)

const mailServerForm = "smtp://USER@HOST:587 (STARTTLS), smtps://USER@HOST:465 (TLS), or smtp+plain://HOST:25 for a server that has neither"

// ParseMailServer reads where mail is handed in, as a URL without a password, and who
// the mail is from.
func ParseMailServer(text, from, password string) (*MailServer, error) {
	wrong := func(why string) (*MailServer, error) {
		return nil, hint.Add(fmt.Errorf("the mail server %q: %s", WithoutPassword(text), why), mailServerForm)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return wrong("it cannot be read")
	}
	m := &MailServer{host: u.Hostname(), user: u.User.Username(), password: password}
	if _, has := u.User.Password(); has {
		return wrong("its password does not belong here, but into TARN_SMTP_PASSWORD or the file of smtp-password-file")
	}
	switch u.Scheme {
	case "smtp":
		m.port = 587
	case "smtps":
		m.port, m.secured = 465, tlsFirst
	case "smtp+plain":
		m.port, m.secured = 25, inTheOpen
	default:
		return wrong("it cannot be read")
	}
	if m.secured == inTheOpen && m.user != "" && !loopback(m.host) {
		return wrong("a password would cross the network in the open")
	}
	if u.Port() != "" {
		if m.port, err = strconv.Atoi(u.Port()); err != nil || m.port < 1 || m.port > 65535 {
			return wrong("it has no such port")
		}
	}
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, hint.Add(fmt.Errorf("mail-from %q is no address of mail", from), "such as tarn@example.com")
	}
	m.from = sender.String()
	return m, nil
}

// WithoutPassword is a URL as it may be shown, whether it can be read or not.
func WithoutPassword(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	at := strings.LastIndex(rest, "@")
	if !ok || at < 0 {
		return text
	}
	user, _, _ := strings.Cut(rest[:at], ":")
	return scheme + "://" + user + rest[at:]
}

// mail sends a parcel to somebody.
func (c *Courier) mail(ctx context.Context, to string, p Parcel, files []file) error {
	if c.Mail == nil {
		return hint.Add(errors.New("no mail server is known"), "set smtp and mail-from: tarn help config")
	}
	m, err := c.Mail.compose(to, p, files)
	if err != nil {
		return final(err)
	}
	ctx, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	if err = c.Mail.send(ctx, m, c.TLS); err == nil {
		return nil
	}
	if m.IsDelivered() {
		return nil // whatever went wrong with saying good-bye
	}
	return c.Mail.verdict(err)
}

func (s *MailServer) compose(to string, p Parcel, files []file) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := errors.Join(m.From(s.from), m.To(to)); err != nil {
		return nil, err
	}
	m.Subject(strings.Join(strings.Fields(p.Title), " "))
	m.SetDate()
	_, domain, _ := strings.Cut(strings.TrimSuffix(s.from, ">"), "@")
	m.SetMessageIDWithValue(uuid.OfName(p.ID, to) + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	taken, left := within(files, attached)
	text, page := p.Text, p.HTML
	if page == "" {
		page = "<pre>" + html.EscapeString(p.Text) + "</pre>"
	}
	for _, f := range left {
		note := fmt.Sprintf("Too large for a mail: %s (%d bytes)", f.name, f.size)
		text, page = text+"\n"+note+"\n", page+"<p>"+html.EscapeString(note)+"</p>"
	}
	m.SetBodyString(mail.TypeTextPlain, text)
	m.AddAlternativeString(mail.TypeTextHTML, page)
	for _, f := range taken {
		m.AttachFile(f.path, mail.WithFileName(f.flat()))
	}
	return m, nil
}

// send hands a mail in. It ends with ctx, wherever it is: ctx ends when it has.
func (s *MailServer) send(ctx context.Context, m *mail.Msg, trust *tls.Config) error {
	if trust == nil {
		trust = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	trust = trust.Clone()
	trust.ServerName = s.host
	policy, dial := mail.NoTLS, (&net.Dialer{}).DialContext
	switch s.secured {
	case startTLS:
		policy = mail.TLSMandatory
	case tlsFirst:
		dial = (&tls.Dialer{Config: trust}).DialContext
	}
	options := []mail.Option{mail.WithPort(s.port), mail.WithTimeout(mailPatience), mail.WithTLSConfig(trust), mail.WithTLSPolicy(policy), mail.WithoutNoop(),
		mail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(dialing, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		})}
	if s.user != "" {
		// All of them are secured, or go no further than this machine.
		options = append(options, mail.WithUsername(s.user), mail.WithPassword(s.password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5))
	}
	client, err := mail.NewClient(s.host, options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, m)
}

// verdict says whether to try again what a server has not taken.
func (s *MailServer) verdict(err error) error {
	where := net.JoinHostPort(s.host, strconv.Itoa(s.port))
	err = fmt.Errorf("the mail server %s: %w", where, err)
	refused, ok := errors.AsType[*mail.SendError](err)
	if ok && !refused.IsTemp() && refused.ErrorCode()/100 == 5 {
		return final(err)
	}
	return err
}
