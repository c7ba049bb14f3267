package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
)

// A file is a row of sys_attachment, which says what it is, and one of sys_attachment_doc, which holds its bytes.

func (in *Instance) attach(ctx context.Context, who *actor, f newFile) (*record, error) {
	sum := sha256.Sum256(f.data)
	r, err := in.write(ctx, writeRequest{op: opInsert, table: schema["sys_attachment"], actor: who, set: map[string]string{
		"table_name": f.table, "table_sys_id": f.record, "file_name": truncate(f.name, 100), "content_type": f.contentType,
		"size_bytes": strconv.Itoa(len(f.data)), "size_compressed": strconv.Itoa(packedSize(f.data)),
		"hash": hex.EncodeToString(sum[:])}})
	if err != nil {
		return nil, err
	}
	_, err = in.write(ctx, writeRequest{op: opInsert, table: schema["sys_attachment_doc"], actor: who, set: map[string]string{
		"sys_attachment": r.id(), "data": base64.StdEncoding.EncodeToString(f.data)}})
	return r, err
}

// packedSize is what the platform, which keeps files gzipped, would need.
func packedSize(data []byte) int {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // to memory: cannot fail
	_ = z.Close()
	return b.Len()
}

// fileOf is the bytes of a file.
func (in *Instance) fileOf(id string) ([]byte, error) {
	doc := in.store.lookup(schema["sys_attachment_doc"], "sys_attachment", id)
	if doc == nil {
		return nil, nil
	}
	return base64.StdEncoding.DecodeString(doc.get("data"))
}

func (in *Instance) detach(ctx context.Context, who *actor, id string) error {
	if doc := in.store.lookup(schema["sys_attachment_doc"], "sys_attachment", id); doc != nil {
		if _, err := in.write(ctx, writeRequest{op: opDelete, table: doc.table, id: doc.id(), actor: who}); err != nil {
			return err
		}
	}
	_, err := in.write(ctx, writeRequest{op: opDelete, table: schema["sys_attachment"], id: id, actor: who})
	return err
}
