package simulator

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"slices"
	"strings"
)

// maxRecipients is how many addresses each of to, cc and bcc may hold.
const maxRecipients = 100

// errEmailAccess is the refusal of the Email API. Its 403 is documented, its JSON is not: this is the body of a REST
// endpoint ACL (fact sheet 2.11, uncertain).
var errEmailAccess = &apiError{403, "User Not Authorized", "Failed API level ACL Validation"}

var errEmailRecord = &apiError{403, "User Not Authorized", "Requesting user does not have access to the record"}

// errEmail refuses a mail as it was asked for. The documentation gives the status, not the texts.
func errEmail(reason string) *apiError { return &apiError{400, "Invalid email request", reason} }

// email serves POST /api/now[/v1]/email and GET /api/now[/v1]/email/{id}, for admins and for the role email_api_send
// (fact sheet 2.11). A mail is queued as a sys_email row; nothing is ever sent.
func (c *apiCall) email() error {
	if c.version == "v2" || len(c.path) > 1 {
		return errNoSuchURI
	}
	if !c.who.has("email_api_send") {
		return errEmailAccess
	}
	switch m := c.method(); {
	case m == http.MethodPost && len(c.path) == 0:
		return c.sendEmail()
	case m == http.MethodGet && len(c.path) == 1:
		return c.oneEmail(c.path[0])
	}
	return errMethod
}

// emailRequest is the body of a POST.
type emailRequest struct {
	To            []string          `json:"to"`
	Cc            []string          `json:"cc"`
	Bcc           []string          `json:"bcc"`
	Subject       string            `json:"subject"`
	Text          string            `json:"text"`
	HTML          string            `json:"html"`
	Importance    string            `json:"importance"`
	Headers       map[string]string `json:"headers"`
	TableName     string            `json:"table_name"`
	TableRecordID string            `json:"table_record_id"`
}

func (c *apiCall) sendEmail() error {
	raw, err := c.rawBody()
	if err != nil {
		return err
	}
	var m emailRequest
	if err := json.Unmarshal(raw, &m); err != nil {
		return errUnreadableBody("The payload is not valid JSON: " + err.Error())
	}
	if err := c.checkEmail(&m); err != nil {
		return err
	}
	set := map[string]string{"subject": m.Subject, "recipients": strings.Join(m.To, ","), "copied": strings.Join(m.Cc, ","),
		"blind_copied": strings.Join(m.Bcc, ","), "body": m.HTML, "body_text": m.Text, "importance": m.Importance,
		"target_table": m.TableName, "instance": m.TableRecordID}
	if len(m.Headers) > 0 {
		headers, _ := json.Marshal(m.Headers) // strings only: cannot fail
		set["headers"] = string(headers)
	}
	r, err := c.in.write(c.transaction(), writeRequest{op: opInsert, table: schema["sys_email"], set: set, actor: c.who})
	if err != nil {
		return err
	}
	// The documented addresses lack /api and name v1 whatever was called.
	self := "/now/v1/email/" + r.id()
	return c.answer(http.StatusOK, map[string]any{"id": r.id(), "links": []map[string]string{
		{"rel": "self", "href": self}, {"rel": "status", "href": self + "?sysparm_fields=id,type,state,error"}}})
}

func (c *apiCall) checkEmail(m *emailRequest) error {
	if len(m.To) == 0 {
		return errEmail("to is required: a list of addresses")
	}
	for _, f := range []struct {
		name string
		list []string
	}{{"to", m.To}, {"cc", m.Cc}, {"bcc", m.Bcc}} {
		if len(f.list) > maxRecipients {
			return errEmail(f.name + " may hold 100 addresses at most")
		}
		for _, a := range f.list {
			if _, err := mail.ParseAddress(a); err != nil {
				return errEmail(f.name + " holds an address that is none: " + a)
			}
		}
	}
	if (m.TableName == "") != (m.TableRecordID == "") {
		return errEmail("table_name and table_record_id go together")
	}
	if m.TableName == "" {
		return nil
	}
	t := schema[m.TableName]
	if t == nil {
		return errInvalidTable(m.TableName)
	}
	if c.readable(t, m.TableRecordID) == nil {
		return errEmailRecord
	}
	return nil
}

// oneEmail answers 403 also for a mail that is not there, as documented.
func (c *apiCall) oneEmail(id string) error {
	r := c.in.store.find(schema["sys_email"], id)
	if r == nil {
		return errEmailRecord
	}
	m := asEmail(r)
	all := map[string]any{"id": m.SysID, "type": m.Type, "state": m.State, "subject": m.Subject, "html": m.HTML, "text": m.Text,
		"importance": r.get("importance"), "to": m.To, "cc": m.Cc, "bcc": m.Bcc, "error": r.get("error_string"),
		"headers": json.RawMessage("{}")}
	if h := r.get("headers"); h != "" {
		all["headers"] = json.RawMessage(h)
	}
	if wanted := c.r.URL.Query().Get("sysparm_fields"); wanted != "" {
		fields := strings.Split(wanted, ",")
		for name := range all {
			if !slices.Contains(fields, name) {
				delete(all, name)
			}
		}
	}
	return c.answer(http.StatusOK, all)
}
