package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"time"
)

// policy is the Content-Security-Policy of every answer: nothing but what this server sends, and no inline script or
// style.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'"

// enterPath is where the launch token is exchanged for the cookie.
const enterPath = "/enter"

// A guard stands before every page. A page in another tab, a name that was rebound to this machine, and another user of
// the machine all reach the port; none of them has the cookie, and none is asked for by one of the hosts.
type guard struct {
	hosts  []string // exactly these, with the port
	cookie string   // its name holds the port: cookies do not tell ports of one host apart
	secret string

	first string // the page that the launch address leads to

	mu    sync.Mutex
	token string // good once; "" it was used
	cross *http.CrossOriginProtection
}

func newGuard(port string) *guard {
	return &guard{hosts: []string{"127.0.0.1:" + port, "localhost:" + port}, cookie: "muster-" + port, secret: random(),
		token: random(), first: "/",
		cross: http.NewCrossOriginProtection()}
}

// random is 128 bits that nobody can guess.
func random() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// before wraps what answers requests: the host is looked at before anything is routed, for every method.
func (g *guard) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !slices.Contains(g.hosts, r.Host):
			http.Error(w, "this page is not served under that name", http.StatusMisdirectedRequest)
		case g.cross.Check(r) != nil || !g.own(r):
			http.Error(w, "that request comes from another page", http.StatusForbidden)
		case r.URL.Path == enterPath:
			g.enter(w, r)
		case !g.knows(r):
			http.Error(w, "open the address that muster ui printed; it is good once, and muster ui prints a new one each "+
				"time it is started", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// own is false for a request of which the browser says that another site made it, for GET and the event stream too. A
// link that leads to the launch address may stand anywhere.
func (g *guard) own(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none" || r.Method == http.MethodGet && r.URL.Path == enterPath
}

func (g *guard) knows(r *http.Request) bool {
	for _, c := range r.CookiesNamed(g.cookie) {
		if same(c.Value, g.secret) {
			return true
		}
	}
	return false
}

// enter gives the cookie for the token, once.
func (g *guard) enter(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, "only GET is answered here", http.StatusMethodNotAllowed)
		return
	}
	if g.knows(r) || g.redeem(r.URL.Query().Get("token")) {
		http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.secret, Path: "/", HttpOnly: true,
			SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, g.first, http.StatusSeeOther)
		return
	}
	http.Error(w, "this address was used already, or is not whole; muster ui prints a new one each time it is started",
		http.StatusUnauthorized)
}

func (g *guard) redeem(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token == "" || !same(token, g.token) {
		return false
	}
	g.token = ""
	return true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// idle remembers when the page was last asked for anything.
type idle struct {
	mu   sync.Mutex
	last time.Time
	now  func() time.Time
}

func (i *idle) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.touch()
		next.ServeHTTP(w, r)
		i.touch()
	})
}

func (i *idle) touch() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = i.now()
}

func (i *idle) since() time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.now().Sub(i.last)
}
