package simulator

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// sendFile posts bytes as they are.
func (rn *Running) sendFile(t *testing.T, user, path, contentType string, body []byte) answer {
	t.Helper()
	req, err := http.NewRequest("POST", rn.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, user)
	req.Header.Set("Content-Type", contentType)
	resp, err := testClient.Do(req)
	return read(t, resp, err)
}

func TestAttachmentAPI(t *testing.T) {
	rn := Start(t)
	id, err := rn.Create("admin", "incident", nil)
	if err != nil {
		t.Fatal(err)
	}
	const target = "/api/now/attachment"
	a := rn.sendFile(t, "beth.anglin", target+"/file?table_name=incident&table_sys_id="+id+"&file_name=log.txt", "text/plain", []byte("line\n"))
	if a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	made := a.result(t)
	for name, want := range map[string]string{"file_name": "log.txt", "content_type": "text/plain", "size_bytes": "5", "table_name": "incident",
		"table_sys_id": id, "state": "available", "sys_created_by": "beth.anglin"} {
		if made[name] != want {
			t.Errorf("%s = %v, want %s", name, made[name], want)
		}
	}
	file := made["sys_id"].(string)
	if made["download_link"] != rn.URL+target+"/"+file+"/file" || a.header.Get("Location") != rn.URL+target+"/"+file {
		t.Errorf("links: %v, %s", made["download_link"], a.header.Get("Location"))
	}

	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("table_name", "incident")
	_ = w.WriteField("table_sys_id", id)
	part, _ := w.CreateFormFile("uploadFile", "b.bin")
	_, _ = part.Write([]byte{0, 1, 2})
	_ = w.Close()
	if a := rn.sendFile(t, "beth.anglin", target+"/upload", w.FormDataContentType(), form.Bytes()); a.status != 201 || a.result(t)["size_bytes"] != "3" {
		t.Errorf("upload: %d %s", a.status, a.body)
	}

	for _, tt := range []struct {
		name, user, method, path string
		status                   int
		want                     string
	}{
		{"list", "beth.anglin", "GET", "?sysparm_query=table_name=incident%5Etable_sys_id=" + id + "%5EORDERBYfile_name", 200, `"file_name":"b.bin"`},
		{"list by a pair", "beth.anglin", "GET", "?table_sys_id=" + id + "&sysparm_limit=1", 200, `"table_sys_id"`},
		{"list for who reads no incidents", "priya.nair", "GET", "", 200, `{"result":[]}`},
		{"one", "beth.anglin", "GET", "/" + file, 200, `"hash"`},
		{"bytes", "beth.anglin", "GET", "/" + file + "/file", 200, "line\n"},
		{"bytes for who may not", "priya.nair", "GET", "/" + file + "/file", 404, "No Record found"},
		{"delete for who may not", "priya.nair", "DELETE", "/" + file, 404, "No Record found"},
		{"delete", "beth.anglin", "DELETE", "/" + file, 204, ""},
		{"gone", "beth.anglin", "GET", "/" + file, 404, "No Record found"},
		{"no such path", "admin", "GET", "/" + file + "/x", 400, "does not represent"},
		{"no such method", "admin", "PUT", "/" + file, 405, "Method not Supported"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := rn.api(t, tt.user, tt.method, target+tt.path, ""); a.status != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %s, want %d and %q", a.status, a.body, tt.status, tt.want)
			}
		})
	}
	if n := len(rn.Find("sys_attachment_doc", "")); n != 1 {
		t.Errorf("%d files are kept, want the one that was not deleted", n)
	}
}

func TestAttachmentsThatAreRefused(t *testing.T) {
	rn := Start(t)
	id, err := rn.Create("admin", "incident", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rn.Create("admin", "sys_properties", map[string]string{"name": "com.glide.attachment.max_size", "value": "1"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, user, query string
		size, status      int
	}{
		{"largest", "beth.anglin", "table_name=incident&table_sys_id=" + id + "&file_name=a", 1 << 20, 201},
		{"too large", "beth.anglin", "table_name=incident&table_sys_id=" + id + "&file_name=a", 1<<20 + 1, 413},
		{"larger than an ordinary body", "beth.anglin", "table_name=incident&table_sys_id=" + id + "&file_name=a", 11 << 20, 413},
		{"no name", "beth.anglin", "table_name=incident&table_sys_id=" + id, 1, 400},
		{"no such table", "beth.anglin", "table_name=x&table_sys_id=" + id + "&file_name=a", 1, 400},
		{"no such record", "beth.anglin", "table_name=incident&table_sys_id=x&file_name=a", 1, 404},
		{"a record the user only reads", "beth.anglin", "table_name=sys_user&table_sys_id=" + UserID("admin") + "&file_name=a", 1, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := rn.sendFile(t, tt.user, "/api/now/v1/attachment/file?"+tt.query, "image/png", make([]byte, tt.size)); a.status != tt.status {
				t.Errorf("%d %.200s, want %d", a.status, a.body, tt.status)
			}
		})
	}
}
