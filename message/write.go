package message

import (
	"encoding/json"
	"strings"

	"github.com/neoagent/neo"
)

// maxText bounds a text in bytes: Slack cuts texts at 40,000 characters.
const maxText = 32 << 10

// maxCard bounds the text of a card in bytes: Teams refuses cards of more than 28 KB.
const maxCard = 16 << 10

// maxLines bounds the blocks of a card, which each take some 80 bytes beside the text.
const maxLines = 100

// maxBody bounds the JSON that a workflow gives for EndpointHTTPS.
const maxBody = 256 << 10

// written returns a message as the kind of endpoint wants it.
func written(kind neo.EndpointKind, m neo.Message, t neo.Ticket) ([]byte, error) {
	if strings.TrimSpace(m.Text) == "" && (m.Body == "" || kind != neo.EndpointHTTPS) {
		return nil, neo.Errorf(neo.CodeInvalid, "The text of the message is empty. Say in the workflow what it should say.")
	}
	text := shortened(m.Text, maxText)
	switch kind {
	case neo.EndpointSlack:
		return json.Marshal(map[string]string{"text": slackText.Replace(text)})
	case neo.EndpointTeams:
		return json.Marshal(card(shortened(text, maxCard)))
	case neo.EndpointHTTPS:
		if m.Body == "" {
			return json.Marshal(plain{Text: text, Ticket: about(t)})
		}
		if len(m.Body) > maxBody {
			return nil, neo.Errorf(neo.CodeInvalid, "The body of the message has %d bytes; %d are allowed.", len(m.Body), maxBody)
		}
		if !json.Valid([]byte(m.Body)) {
			return nil, neo.Errorf(neo.CodeInvalid, "The body of the message is not JSON once the ticket's values are in it. Correct it in the workflow.")
		}
		return []byte(m.Body), nil
	}
	return nil, neo.Errorf(neo.CodeInvalid, "Neo does not know how to write for an endpoint of the kind %q.", kind)
}

// slackText keeps what customers write from being read as Slack's own marks, such as
// <!channel>, which would call everybody.
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// plain is the body for EndpointHTTPS where the workflow gives none.
type plain struct {
	Text   string  `json:"text"`
	Ticket *ticket `json:"ticket,omitempty"`
}

type ticket struct {
	neo.TicketRef
	Number string `json:"number"`
	Title  string `json:"title"`
}

func about(t neo.Ticket) *ticket {
	if t.Number == "" {
		return nil
	}
	return &ticket{TicketRef: t.TicketRef, Number: t.Number, Title: t.Fields["short_description"].String()}
}

// card is a message of a Teams webhook (Workflows, "when a webhook request is
// received") with one Adaptive Card: a block for each line, since a block shows a
// single line break as a space.
func card(text string) any {
	type block struct {
		Type    string `json:"type"`
		Text    string `json:"text"`
		Wrap    bool   `json:"wrap"`
		Spacing string `json:"spacing,omitempty"`
	}
	var body []block
	gap := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			gap = ""
			continue
		}
		if len(body) == maxLines {
			body[maxLines-1].Text = "…"
			break
		}
		body = append(body, block{Type: "TextBlock", Text: cardText.Replace(line), Wrap: true, Spacing: gap})
		gap = "None"
	}
	return map[string]any{
		"type": "message",
		"attachments": []any{map[string]any{
			"contentType": "application/vnd.microsoft.card.adaptive",
			"contentUrl":  nil,
			"content": map[string]any{
				"$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
				"type":    "AdaptiveCard", "version": "1.4", "body": body,
				"msteams": map[string]string{"width": "Full"},
			},
		}},
	}
}

// cardText breaks links that hide where they lead behind another text, [text](address):
// part of what is sent was written by customers. Addresses alone stay.
var cardText = strings.NewReplacer("](", "]\u200b(")

// shortened cuts s to at most n bytes, at a character.
func shortened(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const end = "…"
	return strings.ToValidUTF8(s[:n-len(end)], "") + end
}
