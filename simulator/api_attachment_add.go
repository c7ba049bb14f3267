package simulator

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strconv"
)

// maxAttachment is the most one file may have here, whatever the instance's property says: it is kept in memory.
const maxAttachment = 64 << 20

// attachmentLimit is the property com.glide.attachment.max_size, in MB. The platform's own default is 1024.
func (in *Instance) attachmentLimit() int64 {
	if v, ok := in.store.property("com.glide.attachment.max_size"); ok {
		if mb, err := strconv.ParseInt(v, 10, 32); err == nil && mb > 0 {
			return min(mb<<20, maxAttachment)
		}
	}
	return maxAttachment
}

// errFileTooLarge is a guess in status and text: no source shows the answer.
var errFileTooLarge = &apiError{413, "Maximum file size exceeded", "The file is larger than com.glide.attachment.max_size allows"}

func errAttachment(reason string) *apiError {
	return &apiError{400, "Invalid attachment request", reason}
}

// newFile is a file on its way in.
type newFile struct {
	table, record, name, contentType string
	data                             []byte
}

// attachBody is POST /attachment/file?table_name=&table_sys_id=&file_name=: the body is the file.
func (c *apiCall) attachBody() error {
	q := c.r.URL.Query()
	data, err := c.fileBytes(c.r.Body)
	if err != nil {
		return err
	}
	return c.attach(newFile{q.Get("table_name"), q.Get("table_sys_id"), q.Get("file_name"), c.r.Header.Get("Content-Type"), data})
}

// attachForm is POST /attachment/upload: a multipart form of table_name, table_sys_id and one file.
func (c *apiCall) attachForm() error {
	form, err := c.r.MultipartReader()
	if err != nil {
		return errUnreadableBody("The payload is not multipart/form-data")
	}
	f, found := newFile{}, false
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return tooLargeOr(err)
		}
		data, err := c.fileBytes(part)
		if err != nil {
			return err
		}
		switch {
		case part.FileName() != "" && !found:
			found = true
			f.name, f.contentType, f.data = part.FileName(), part.Header.Get("Content-Type"), data
		case part.FormName() == "table_name":
			f.table = string(data)
		case part.FormName() == "table_sys_id":
			f.record = string(data)
		}
	}
	if !found {
		return errAttachment("The form holds no file")
	}
	return c.attach(f)
}

func (c *apiCall) fileBytes(r io.Reader) ([]byte, error) {
	limit := c.in.attachmentLimit()
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, tooLargeOr(err)
	}
	if int64(len(data)) > limit {
		_, _ = io.CopyN(io.Discard, c.r.Body, maxAttachment) // lets the client get to the answer
		return nil, errFileTooLarge
	}
	return data, nil
}

func tooLargeOr(err error) *apiError {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errFileTooLarge
	}
	return errUnreadableBody("The request body could not be read")
}

// attach hangs a file on a record and answers its entry.
func (c *apiCall) attach(f newFile) error {
	t := schema[f.table]
	switch {
	case f.table == "" || f.record == "" || f.name == "":
		return errAttachment("table_name, table_sys_id and file_name are required")
	case t == nil:
		return errInvalidTable(f.table)
	}
	on := c.readable(t, f.record)
	if on == nil {
		return errNotFound
	}
	if !c.who.canWrite(on.table) {
		return errAttachmentAccess
	}
	f.table = on.table.name
	if f.contentType == "" {
		f.contentType = mime.TypeByExtension(filepath.Ext(f.name))
	}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	r, err := c.in.attach(c.transaction(), c.who, f)
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", c.attachmentURL(r.id()))
	return c.answer(http.StatusCreated, c.attachmentEntry(r))
}
