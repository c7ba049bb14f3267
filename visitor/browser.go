package visitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// browser is a person at a browser: it keeps cookies, follows redirects, reads
// pages and submits the forms on them.
type browser struct{ http *http.Client }

func newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // impossible: no options are given
	}
	return &browser{http: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// page is what an address showed in the end.
type page struct {
	url    *url.URL
	status int
	root   *html.Node
}

func (b *browser) open(ctx context.Context, address string) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return b.do(req)
}

func (b *browser) do(req *http.Request) (*page, error) {
	resp, err := b.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	root, err := html.Parse(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	return &page{url: resp.Request.URL, status: resp.StatusCode, root: root}, nil
}

// submit fills in the form that has a field of that name (or, with no field, a
// button with that label) and presses the button, if one is named.
func (b *browser) submit(ctx context.Context, on *page, field, button string, values map[string]string) (*page, error) {
	form := on.form(func(n *html.Node) bool {
		if field == "" {
			return isButton(n) && strings.EqualFold(label(n), button)
		}
		return n.Data == "input" && attr(n, "name") == field
	})
	if form == nil {
		return nil, fmt.Errorf("the page %s has no form with %q: %s", on.url.Path, field+button, on.text())
	}
	data := url.Values{}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		pressed := isButton(n) && strings.EqualFold(label(n), button)
		if name != "" && (pressed || n.Data == "input" && !isButton(n)) {
			data.Set(name, attr(n, "value"))
		}
	})
	for k, v := range values {
		data.Set(k, v)
	}
	action, err := on.url.Parse(attr(form, "action"))
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, action.String(), strings.NewReader(data.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", on.url.Scheme+"://"+on.url.Host)
	return b.do(req)
}

// consent signs in to the instance and allows Neo what it asks for.
func (b *browser) consent(ctx context.Context, authorizeURL, user, password string) error {
	on, err := b.open(ctx, authorizeURL)
	if err != nil {
		return err
	}
	if on.form(func(n *html.Node) bool { return attr(n, "name") == "user_password" }) != nil {
		if on, err = b.submit(ctx, on, "user_password", "", map[string]string{"user_name": user, "user_password": password}); err != nil {
			return err
		}
	}
	if on, err = b.submit(ctx, on, "", "Allow", nil); err != nil {
		return err
	}
	if on.status != http.StatusOK || !strings.Contains(on.text(), "You can close this window") {
		return errors.New(strings.TrimSpace(on.text()))
	}
	return nil
}

// form returns the first form that has such an element.
func (p *page) form(has func(*html.Node) bool) *html.Node {
	var found *html.Node
	walk(p.root, func(n *html.Node) {
		if n.Data != "form" || found != nil {
			return
		}
		walk(n, func(in *html.Node) {
			if has(in) {
				found = n
			}
		})
	})
	return found
}

func isButton(n *html.Node) bool {
	return n.Data == "button" || n.Data == "input" && attr(n, "type") == "submit"
}

// label is what is written on a button.
func label(n *html.Node) string {
	if l := text(n); l != "" {
		return l
	}
	return attr(n, "value")
}

func (p *page) text() string { return text(p.root) }

func walk(n *html.Node, visit func(*html.Node)) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode {
			visit(d)
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text returns the words that a person would read.
func text(n *html.Node) string {
	var words []string
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "head") {
			return
		}
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(n)
	return strings.Join(words, " ")
}
